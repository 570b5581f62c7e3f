import matplotlib.image
import numpy as np

from yolox.data.synthetic import make_scene
from yolox.engine.tracking import track_sequence
from yolox.formats.mot import SequenceInfo
from yolox.structures import TrackTable
from yolox.tracker.byte_tracker import ByteTrack
from yolox.visualize.colours import colour_of
from yolox.visualize.tracks import draw_tracks

INFO = SequenceInfo("scene", 60, 1280, 720, 30.0)


def test_picture_shows_every_track_in_its_colour(tmp_path):
    scene = make_scene(5, 60)
    tracks = track_sequence(ByteTrack(), scene.detections, 60)
    draw_tracks(tmp_path / "a.png", tracks, INFO)
    pixels = matplotlib.image.imread(tmp_path / "a.png")[..., :3].reshape(-1, 3)
    for track_id in np.unique(tracks.ids):
        near = np.abs(pixels - colour_of(int(track_id))).max(axis=1) < 0.01
        assert near.sum() > 100


def test_a_sequence_without_tracks_gives_a_picture(tmp_path):
    draw_tracks(tmp_path / "a.png", TrackTable.from_frames([]), INFO)
    assert (tmp_path / "a.png").stat().st_size > 1000


def test_neighbouring_ids_look_different():
    colours = np.array([colour_of(track_id) for track_id in range(1, 41)])
    assert np.abs(np.diff(colours, axis=0)).max(axis=1).min() > 0.2
    assert colour_of(7) == colour_of(7)
