"""Which tracker a command line gets."""

import pytest

from yolox.cli import Parser, add_tracker_options, tracker_choice, trackers
from yolox.structures import InputError
from yolox.tracker import find_tracker
from yolox.tracker.byte_tracker import ByteTrack
from yolox.tracker.native import NativeByteTrack
from yolox.tracker.sort import Sort

NOTE = "note: the C++ trackers are not built here; byte runs on NumPy, with the same result\n"


def _choice(*words):
    parser = Parser()
    add_tracker_options(parser)
    return tracker_choice(parser.parse_args(list(map(str, words))))


@pytest.mark.parametrize(
    ("words", "built", "backend", "note"),
    [
        ((), True, "native", ""),
        ((), False, "numpy", NOTE),
        (("--backend", "numpy"), True, "numpy", ""),
        (("--backend", "numpy"), False, "numpy", ""),
        (("--tracker", "sort"), True, "numpy", ""),
        (("--tracker", "sort"), False, "numpy", ""),
        (("--backend", "native"), False, "native", ""),  # which then ends in an error
    ],
)
def test_native_where_there_is_one(monkeypatch, capsys, words, built, backend, note):
    monkeypatch.setattr(trackers, "is_built", lambda: built)
    assert _choice(*words).backend == backend
    assert capsys.readouterr().err == note


def test_parameters_from_a_file_and_one_by_one(tmp_path):
    path = tmp_path / "sort.json"
    path.write_text('{"tracker": "sort", "parameters": {"max_age": 5, "min_hits": 2}}')
    assert _choice("--params", path, "--max-age", 9) == (
        "sort", "numpy", {"max_age": 9, "min_hits": 2}
    )  # fmt: skip
    assert _choice("--params", path, "--tracker", "sort").name == "sort"
    with pytest.raises(InputError, match=r"sort\.json: has parameters of tracker sort, not byte"):
        _choice("--params", path, "--tracker", "byte")


def test_the_class_of_a_backend():
    assert find_tracker("byte") is find_tracker("byte", "numpy") is ByteTrack
    assert find_tracker("byte", "native") is NativeByteTrack
    assert find_tracker("sort") is Sort
    with pytest.raises(InputError, match=r"tracker sort is not there in C\+\+; take the backend"):
        find_tracker("sort", "native")


def test_what_is_not_built_is_named(monkeypatch):
    monkeypatch.setattr("yolox.tracker.native._BUILT", False)
    with pytest.raises(
        InputError, match=r"the C\+\+ tracker is not built; install .*--backend num"
    ):
        NativeByteTrack()


def test_help_says_which_tracker_gives_a_parameter_which_meaning():
    parser = Parser()
    add_tracker_options(parser)
    said = " ".join(parser.format_help().split())
    assert "score that starts a track; track_thresh unless given (fairmot unset" in said
    assert "cosine distance below which looks match (deepsort 0.2" in said
    assert said.count("deepsort 0.2") == 1
