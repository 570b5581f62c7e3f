import time

import cv2
import numpy as np
import pytest
from data.footage.filmed import read

from yolox.data.footage import open_footage
from yolox.structures import InputError


class Camera:
    """Gives frames of value 0, 1, 2 … every few milliseconds, as a camera of OpenCV's does."""

    opened = []  # noqa: RUF012

    def __init__(self, number, frames=40, rate=50.0):
        self.number, self.frames, self.rate = number, frames, rate
        self.count = 0
        self.released = False
        self.opened.append(self)

    def read(self):
        if self.released or self.count == self.frames:
            return False, None
        time.sleep(0.005)
        self.count += 1
        return True, np.full((48, 64, 3), self.count, np.uint8)

    def get(self, entry):
        return self.rate if entry == cv2.CAP_PROP_FPS else 0.0

    def release(self):
        self.released = True


@pytest.fixture(autouse=True)
def camera(monkeypatch):
    Camera.opened = []
    monkeypatch.setattr(cv2, "VideoCapture", Camera)


@pytest.mark.parametrize("source", [1, "1"])
def test_a_camera_by_its_number(source):
    with open_footage(source) as footage:
        assert (footage.name, footage.size, footage.frame_rate) == ("camera-1", (64, 48), 50)
        assert (footage.length, footage.live) == (None, True)
        frames, notes = read(footage)
    values = [int(frame.image[0, 0, 0]) for frame in frames]
    assert values == sorted(set(values))
    assert values[-1] == 40
    assert [frame.number for frame in frames] == list(range(1, len(frames) + 1))
    assert frames[-1].time == pytest.approx(39 * 0.005, abs=0.3)
    assert notes[0] == "camera-1: gives no more images; the footage ends here"
    assert Camera.opened[0].released


def test_a_slow_reader_gets_the_newest():
    notes, values = [], []
    footage = open_footage(0)
    footage.on_note = notes.append
    for frame in footage:
        values.append(int(frame.image[0, 0, 0]))
        time.sleep(0.05)
    assert len(values) < 15
    assert values[-1] == 40
    assert notes[-1] == (
        f"camera-0: {39 - len(values)} of 39 frames were missed, as they came faster than they "
        "were taken"
    )


def test_a_camera_is_let_go():
    with open_footage(0) as footage:
        for _ in footage:
            break
    assert Camera.opened[0].released
    open_footage(2).close()
    assert Camera.opened[1].released


def test_a_frame_rate_that_the_driver_does_not_know(monkeypatch):
    monkeypatch.setattr(Camera, "get", lambda self, entry: 0.0)
    assert open_footage(0).frame_rate == 30
    assert open_footage(0, frame_rate=12).frame_rate == 12


def test_a_camera_that_fails_later(monkeypatch):
    footage = open_footage(0)
    monkeypatch.setattr(Camera, "read", lambda self: 1 / 0)
    with pytest.raises(ZeroDivisionError):
        list(footage)
    assert Camera.opened[0].released


def test_a_folder_named_by_digits_is_no_camera(tmp_path, monkeypatch):
    (tmp_path / "0").mkdir()
    monkeypatch.chdir(tmp_path)
    with pytest.raises(InputError, match="0: holds no image"):
        open_footage("0")


def test_no_camera(monkeypatch, capfd):
    monkeypatch.undo()
    with pytest.raises(InputError, match="camera 97: gives no image; plug it in, close what else"):
        open_footage(97)
    assert capfd.readouterr().err == ""
    with pytest.raises(InputError, match="camera is -1; give a number from 0"):
        open_footage(-1)
