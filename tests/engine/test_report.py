"""What goes into the report page, and what must be there before."""

import base64
import shutil

import numpy as np
import PIL.Image
import pytest

from yolox.engine.report import make_report
from yolox.formats.mot import SequenceInfo, read_sequence_info, write_sequence_info
from yolox.metrics.tracking import COMBINED, evaluate, load_sequences
from yolox.structures import InputError
from yolox.visualize.report import make_page
from yolox.visualize.video import write_video

LENGTH = 20


@pytest.fixture
def tree(tmp_path, monkeypatch):
    """Somebody who walks right, lost in frames 13 to 15 and in 17, under a new id from 16 on."""
    monkeypatch.chdir(tmp_path)
    folder = tmp_path / "gt" / "walk"
    (folder / "gt").mkdir(parents=True)
    (folder / "img1").mkdir()
    write_sequence_info(folder / "seqinfo.ini", SequenceInfo("walk", LENGTH, 160, 100, 25.0))
    truth, found = "", ""
    for frame in range(1, LENGTH + 1):
        box = f"{4 * frame},40,20,50"
        truth += f"{frame},1,{box},1,1,1\n"
        if frame not in (13, 14, 15, 17):
            found += f"{frame},{1 + (frame > 15)},{box},0.9,-1,-1,-1\n"
        PIL.Image.new("RGB", (160, 100), (10 * frame,) * 3).save(
            folder / "img1" / f"{frame:06d}.jpg"
        )
    (folder / "gt" / "gt.txt").write_text(truth)
    (tmp_path / "byte").mkdir()
    (tmp_path / "byte" / "walk.txt").write_text(found)
    _film(tmp_path / "films" / "walk.mp4", LENGTH)
    return tmp_path


def _film(path, length):
    with write_video(path, 160, 100, 25) as write:
        for _ in range(length):
            write(np.zeros((100, 160, 3), np.uint8))


def _make(tree, **options):
    return make_report(tree / "byte", tree / "gt", tree / "pages" / "byte.html", **options)


def test_numbers_are_those_of_the_tables(tree):
    steps = []
    report = _make(tree, on_step=lambda: steps.append(1))
    sequences = load_sequences(tree / "gt", tree / "byte", ["walk"])
    assert len(steps) == 4
    assert report.scores == {one: evaluate(sequences, one) for one in ("trackeval", "motmetrics")}
    assert np.mean(report.curves[COMBINED]["HOTA"]) == pytest.approx(
        report.scores["trackeval"][COMBINED]["HOTA"]
    )
    (one,) = report.sequences
    assert [np.flatnonzero(kind).tolist() for kind in one.errors] == [[12, 13, 14, 16], [], [15]]
    ((moment, pictures),) = report.moments
    assert (moment.misses, moment.false_boxes, moment.switches) == (4, 0, 1)
    assert (moment.first, moment.worst, moment.last) == (8, 13, 17)
    assert [picture.frame for picture in pictures] == [8, 13, 16, 17]
    assert (report.title, one.background, one.video) == ("byte", None, None)


def test_a_half(tree):
    lines = (tree / "byte" / "walk.txt").read_text().splitlines()
    cells = [line.split(",", 1) for line in lines]
    kept = [f"{int(frame) - 11},{rest}\n" for frame, rest in cells if int(frame) > 11]
    (tree / "byte" / "walk.txt").write_text("".join(kept))
    _film(tree / "films" / "walk.mp4", 9)
    report = _make(tree, half="val", images=tree / "gt", video=tree / "films")
    (one,) = report.sequences
    assert (one.first, one.info.length) == (12, 9)
    assert [np.flatnonzero(kind).tolist() for kind in one.errors] == [[1, 2, 3, 5], [], [4]]
    assert report.note == "sequences: 1, frames: 9, of each the second half"
    # Image 12 of the sequence is the first of the half: grey of 120.
    assert _brightness(one.background) == pytest.approx(120, abs=3)
    with pytest.raises(InputError, match=r"walk\.mp4: has 9 images, the result 20 frames; film"):
        _make(tree, video=tree / "films")


def _brightness(jpeg):
    import cv2

    return np.median(cv2.imdecode(np.frombuffer(jpeg, np.uint8), cv2.IMREAD_COLOR))


def test_pictures_are_of_their_frames(tree):
    (moment,) = _make(tree, images=tree / "gt").moments
    for picture in moment.pictures:
        assert picture.width == 960
        assert picture.height == pytest.approx(600, abs=12)  # whole pixels of the scene
        assert _brightness(picture.jpeg) == pytest.approx(10 * picture.frame, abs=4)


def test_videos_are_linked_from_the_page_or_put_into_it(tree):
    shutil.move(tree / "films", tree / "my films#1")
    (one,) = _make(tree, video=tree / "my films#1").sequences
    assert one.video == "../my%20films%231/walk.mp4"
    report = _make(tree, video=tree / "my films#1", embed_video=True)
    head, content = report.sequences[0].video.split(",")
    assert head == "data:video/mp4;base64"
    film = (tree / "my films#1" / "walk.mp4").read_bytes()
    assert base64.b64decode(content) == film
    assert content in make_page(report)


def test_the_folder_names_a_sequence(tree):
    """Two sequences may say the same name in their seqinfo.ini."""
    assert read_sequence_info(tree / "gt/walk/seqinfo.ini").name == "walk"
    shutil.copytree(tree / "gt/walk", tree / "gt/again")
    shutil.copy(tree / "byte/walk.txt", tree / "byte/again.txt")
    report = _make(tree)
    assert [one.info.name for one in report.sequences] == ["again", "walk"]
    assert {moment.sequence for moment, _ in report.moments} == {"again", "walk"}
    assert [one.info.name for one in _make(tree, sequences=["w*"]).sequences] == ["walk"]


def test_what_is_missing_is_named(tree):
    with pytest.raises(InputError, match=r"none/walk\.mp4: no such file"):
        _make(tree, video=tree / "none")
    (tree / "films" / "walk.mp4").write_bytes(b"nothing")
    with pytest.raises(InputError, match=r"walk\.mp4: .*; give an MP4"):
        _make(tree, video=tree / "films")
    with pytest.raises(InputError, match=r"none/walk/img1: no such folder"):
        _make(tree, images=tree / "none")
    (tree / "gt/walk/img1/000016.jpg").unlink()
    with pytest.raises(InputError, match=r"000016\.jpg: image 16 of frames 1 to 20 is missing"):
        _make(tree, images=tree / "gt")


def test_nothing_found(tree):
    (tree / "byte" / "walk.txt").write_text("")
    report = _make(tree)
    assert report.scores["trackeval"]["walk"]["FN"] == LENGTH
    assert sum(moment.misses for moment, _ in report.moments) == 10
    assert "10 misses" in make_page(report)
