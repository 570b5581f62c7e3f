import pytest

from yolox.formats.atomic import write_whole


def _write_half(path):
    with write_whole(path) as file:
        file.write("half")
        raise KeyboardInterrupt


def test_a_crash_leaves_the_old_file(tmp_path):
    path = tmp_path / "new" / "a.txt"
    with write_whole(path) as file:
        file.write("old\n")
    with pytest.raises(KeyboardInterrupt):
        _write_half(path)
    assert path.read_bytes() == b"old\n"
    assert [entry.name for entry in path.parent.iterdir()] == ["a.txt"]
