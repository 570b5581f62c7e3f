import av
import numpy as np
import PIL.Image
import pytest

from yolox.formats.mot import SequenceInfo
from yolox.formats.sequence_images import find_images
from yolox.structures import InputError, TrackTable
from yolox.visualize.colours import bgr_of
from yolox.visualize.sequence import draw_sequence

LENGTH = 12
INFO = SequenceInfo("walk", LENGTH, 241, 121, 25.0)


@pytest.fixture
def images(tmp_path):
    folder = tmp_path / "walk" / "img1"
    folder.mkdir(parents=True)
    for number in range(1, LENGTH + 1):
        grey = 60 + 10 * number
        PIL.Image.new("RGB", (241, 121), (grey,) * 3).save(folder / f"{number:06d}.jpg")
    return find_images(tmp_path / "walk", INFO, 1, LENGTH)


def _walk(track_id, x=40):
    """Somebody who walks right by 4 pixels a frame; sides are 40 and 60 pixels."""
    frames = np.arange(1, LENGTH + 1)
    left = x + 4.0 * frames
    return TrackTable(
        frames=frames,
        boxes=np.stack([left, 0 * left + 40, left + 40, 0 * left + 100], axis=1),
        ids=np.full(LENGTH, track_id),
        scores=np.ones(LENGTH),
        class_ids=np.zeros(LENGTH, int),
    )


def _decode(path):
    with av.open(str(path)) as file:
        stream = file.streams.video[0]
        assert stream.codec_context.name == "h264"
        assert stream.average_rate == 25
        return [frame.to_ndarray(format="bgr24").astype(int) for frame in file.decode(video=0)]


def _near(pixel, track_id):
    return np.abs(pixel - bgr_of(track_id)).max() < 45


def test_boxes_are_where_the_tracks_are_in_their_image(tmp_path, images):
    calls = []
    draw_sequence(
        tmp_path / "a.mp4", {"byte": _walk(2)}, INFO, images, on_frame=lambda: calls.append(1)
    )
    frames = _decode(tmp_path / "a.mp4")
    assert len(frames) == len(calls) == LENGTH
    height, width = frames[0].shape[:2]
    assert (width, height % 2) == (242, 0)
    bar = height - 121 - (height - 121) % 2
    for number, frame in enumerate(frames, start=1):
        grey = 60 + 10 * number
        assert np.abs(frame[bar + 20, 20] - grey).max() < 8
        assert _near(frame[bar + 70 : bar + 72, 39 + 4 * number : 42 + 4 * number].mean((0, 1)), 2)
        assert np.abs(frame[bar + 70, 60 + 4 * number] - grey).max() < 8


def test_two_results_side_by_side_at_another_size(tmp_path, images):
    tables = {"byte": _walk(2), "sort": _walk(5, x=80)}
    draw_sequence(tmp_path / "a.mp4", tables, INFO, images, width=482)
    frame = _decode(tmp_path / "a.mp4")[5]
    assert frame.shape[1] == 2 * 482 + 4
    bar = frame.shape[0] - 242
    left = 2 * (40 + 4 * 6)
    assert _near(frame[bar + 150, left : left + 2].mean(0), 2)
    left = 486 + 2 * (80 + 4 * 6)
    assert _near(frame[bar + 150, left : left + 2].mean(0), 5)
    assert frame[:bar, :100].max() > 180
    assert frame[:bar, 486:586].max() > 180
    draw_sequence(tmp_path / "b.mp4", tables, INFO, images, layout="above")
    assert _decode(tmp_path / "b.mp4")[0].shape[0] >= 2 * (121 + 15)


def test_a_faulty_image_leaves_no_video(tmp_path, images):
    images[7].write_bytes(images[7].read_bytes()[:300])
    with pytest.raises(InputError, match=r"000008\.jpg: "):
        draw_sequence(tmp_path / "a.mp4", {"byte": _walk(2)}, INFO, images)
    assert [entry.name for entry in tmp_path.iterdir()] == ["walk"]
    PIL.Image.new("RGB", (240, 121)).save(images[7])
    with pytest.raises(InputError, match=r"is 240 × 121, but seqinfo\.ini says 241 × 121"):
        draw_sequence(tmp_path / "a.mp4", {"byte": _walk(2)}, INFO, images)


def test_an_interruption_leaves_no_video(tmp_path, images):
    def stop():
        raise KeyboardInterrupt

    with pytest.raises(KeyboardInterrupt):
        draw_sequence(tmp_path / "a.mp4", {"byte": _walk(2)}, INFO, images, on_frame=stop)
    assert [entry.name for entry in tmp_path.iterdir()] == ["walk"]
