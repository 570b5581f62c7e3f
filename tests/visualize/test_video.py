import av
import numpy as np
import pytest

from yolox.structures import InputError
from yolox.visualize.video import count_frames, write_video


def _image(width, height, left, right):
    image = np.empty((height, width, 3), np.uint8)
    image[:, : width // 2], image[:, width // 2 :] = left, right
    return image


def _write(path, images, frame_rate=30.0):
    height, width = images[0].shape[:2]
    with write_video(path, width, height, frame_rate) as write:
        for image in images:
            write(image)


def test_what_is_written_is_what_is_read(tmp_path):
    path = tmp_path / "new" / "a.mp4"
    colours = [(40, 60, 200), (30, 180, 60), (200, 90, 30), (230, 230, 230), (0, 0, 0)]
    images = [_image(96, 64, colour, (90, 90, 90)) for colour in colours]
    _write(path, images, 29.97)
    with av.open(str(path)) as file:
        stream = file.streams.video[0]
        assert (stream.codec_context.name, stream.codec_context.pix_fmt) == ("h264", "yuv420p")
        assert (stream.width, stream.height) == (96, 64)
        assert float(stream.average_rate) == pytest.approx(29.97)
        frames = [frame.to_ndarray(format="bgr24") for frame in file.decode(video=0)]
    assert len(frames) == len(images)
    for frame, image in zip(frames, images, strict=True):
        off = np.abs(frame.astype(int) - image)
        assert off[:, :40].max() < 12
        assert off[:, 56:].max() < 12
    # A browser may start before it has the whole file: the index stands before the pictures.
    data = path.read_bytes()
    assert data.index(b"moov") < data.index(b"mdat")


@pytest.mark.parametrize(
    ("width", "height", "even"), [(33, 64, (34, 64)), (64, 21, (64, 22)), (1, 1, (2, 2))]
)
def test_odd_sizes_grow_by_their_last_row_and_column(tmp_path, width, height, even):
    _write(tmp_path / "a.mp4", [np.full((height, width, 3), 200, np.uint8)] * 3)
    with av.open(str(tmp_path / "a.mp4")) as file:
        frames = [frame.to_ndarray(format="bgr24") for frame in file.decode(video=0)]
    assert len(frames) == 3
    assert frames[0].shape == (even[1], even[0], 3)
    assert np.abs(frames[0].astype(int) - 200).max() < 6


@pytest.mark.parametrize("frame_rate", [0.5, 5, 12.5, 59.94, 1000])
def test_frame_rates(tmp_path, frame_rate):
    _write(tmp_path / "a.mp4", [np.zeros((32, 32, 3), np.uint8)] * 4, frame_rate)
    with av.open(str(tmp_path / "a.mp4")) as file:
        stream = file.streams.video[0]
        assert float(stream.average_rate) == pytest.approx(frame_rate)
        assert float(stream.duration * stream.time_base) == pytest.approx(4 / frame_rate, rel=0.01)


def test_a_video_of_no_images(tmp_path):
    with write_video(tmp_path / "a.mp4", 32, 32, 30):
        pass
    assert count_frames(tmp_path / "a.mp4") == 0


def _break_off(path, error):
    with write_video(path, 32, 32, 30) as write:
        for _ in range(60):
            write(np.zeros((32, 32, 3), np.uint8))
        raise error


@pytest.mark.parametrize("error", [KeyboardInterrupt(), InputError("x"), OSError("full")])
def test_an_interruption_leaves_what_was_there(tmp_path, error):
    path = tmp_path / "a.mp4"
    with pytest.raises(type(error)):
        _break_off(path, error)
    assert not list(tmp_path.iterdir())
    path.write_bytes(b"old")
    with pytest.raises(type(error)):
        _break_off(path, error)
    assert [entry.name for entry in tmp_path.iterdir()] == ["a.mp4"]
    assert path.read_bytes() == b"old"


def test_what_no_player_takes(tmp_path):
    blank = np.zeros((32, 32, 3), np.uint8)
    with pytest.raises(InputError, match=r"would be 5760 × 1080 .* 4096 .* \(--video-width\)"):
        _write(tmp_path / "a.mp4", [np.zeros((1080, 5760, 3), np.uint8)])
    with pytest.raises(InputError, match=r"frame_rate is 0\.01; give"):
        _write(tmp_path / "a.mp4", [blank], 0.01)
    with pytest.raises(ValueError, match="not"):
        _write(tmp_path / "a.mp4", [blank, blank[:-1]])
    assert not list(tmp_path.iterdir())


def test_frames_are_counted(tmp_path):
    path = tmp_path / "a.mp4"
    with write_video(path, 32, 32, 25) as write:
        for _ in range(7):
            write(np.zeros((32, 32, 3), np.uint8))
    assert count_frames(path) == 7
    path.write_bytes(b"no video")
    with pytest.raises(InputError, match=r"a\.mp4: .*; give an MP4 that players take"):
        count_frames(path)
