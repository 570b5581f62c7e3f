from pathlib import Path

import pytest

from yolox.formats.mot import SequenceInfo, write_sequence_info
from yolox.structures import InputError
from yolox.visualize.results import read_results


@pytest.fixture
def tree(tmp_path, monkeypatch):
    """Two sequences of ten frames, tracked twice."""
    monkeypatch.chdir(tmp_path)
    for name in ("s1", "s2"):
        info = SequenceInfo(name, 10, 64, 48, 30.0)
        write_sequence_info(tmp_path / "gt" / name / "seqinfo.ini", info)
        for folder in ("a", "b"):
            path = tmp_path / folder / f"{name}.txt"
            path.parent.mkdir(exist_ok=True)
            path.write_text("1,1,2,3,4,5,0.9,-1,-1,-1\n4,1,2,3,4,5,0.9,-1,-1,-1\n")


def test_sequences_and_their_halves(tree):
    folders = {"x": Path("a"), "y": Path("b")}
    read = read_results(folders, Path("gt"), "val")
    assert [(one.name, one.first, one.last, one.length) for one in read] == [
        ("s1", 7, 10, 4),
        ("s2", 7, 10, 4),
    ]
    assert [one.name for one in read_results(folders, Path("gt"), "all", ["*2"])] == ["s2"]
    assert list(read[0].tables) == ["x", "y"]
    assert read[0].tables["y"].frames.tolist() == [1, 4]


def test_what_does_not_fit_together(tree, tmp_path):
    folders = {"x": Path("a"), "y": Path("b")}
    Path("b/s2.txt").write_text("5,1,2,3,4,5,0.9,-1,-1,-1\n")
    with pytest.raises(InputError, match=r"b/s2\.txt: reaches frame 5 of 4; give the half"):
        read_results(folders, Path("gt"), "val")
    Path("b/s2.txt").unlink()
    with pytest.raises(InputError, match=r"b/s2\.txt: not found, but a has it; .*--sequences"):
        read_results(folders, Path("gt"), "all")
    with pytest.raises(InputError, match=r"b/s2\.txt: not found, but a has it"):
        read_results({"y": Path("b"), "x": Path("a")}, Path("gt"), "all")
