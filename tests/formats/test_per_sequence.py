import pytest

from yolox.formats.per_sequence import read_per_sequence
from yolox.structures import InputError


def test_dashes_are_underscores(tmp_path):
    path = tmp_path / "a.ini"
    path.write_text("# why\n[MOT17-05-FRCNN]\ntrack-buffer = 14\n[B]\n")
    assert read_per_sequence(path) == {"MOT17-05-FRCNN": {"track_buffer": "14"}, "B": {}}


def test_no_section_reaches_into_others(tmp_path):
    path = tmp_path / "a.ini"
    path.write_text("[DEFAULT]\ntrack_buffer = 14\n[B]\n")
    assert read_per_sequence(path) == {"DEFAULT": {"track_buffer": "14"}, "B": {}}


def test_malformed_files_are_named(tmp_path):
    path = tmp_path / "a.ini"
    with pytest.raises(InputError, match=r"a\.ini: no such file"):
        read_per_sequence(path)
    path.write_text("[a]\ntrack-buffer = 14\ntrack_buffer = 15\n")
    with pytest.raises(InputError, match=r"a\.ini: \[a\] has track_buffer twice"):
        read_per_sequence(path)
    path.write_text("track_buffer = 14\n")
    with pytest.raises(InputError, match=r"a\.ini: .*write \[sequence\]"):
        read_per_sequence(path)
