import os

import pytest

from yolox.formats.atomic import fill_whole, put_whole, write_whole
from yolox.structures import InputError


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


def test_a_name_aside_becomes_the_file_or_nothing(tmp_path):
    path = tmp_path / "new" / "a.bin"
    with put_whole(path) as aside:
        aside.write_bytes(b"all")
        assert not path.exists()
    assert path.read_bytes() == b"all"
    with pytest.raises(FileNotFoundError), put_whole(path):
        pass  # nothing was written
    assert path.read_bytes() == b"all"
    assert [entry.name for entry in path.parent.iterdir()] == ["a.bin"]


@pytest.mark.parametrize("text", ["", "all of it"])
def test_the_bytes_are_on_disk_before_the_name_is(tmp_path, monkeypatch, text):
    path = tmp_path / "a.txt"
    done = []

    def fsync(descriptor):
        done.append(("on disk", os.fstat(descriptor).st_size, os.fstat(descriptor).st_ino))

    def replace(aside, name):
        done.append(("named", aside.stat().st_size, aside.stat().st_ino))
        assert name == path

    monkeypatch.setattr(os, "fsync", fsync)
    monkeypatch.setattr(os, "replace", replace)
    with write_whole(path) as file:
        file.write(text)
        assert done == []
    (first, *of_first), (second, *of_second) = done
    assert (first, second) == ("on disk", "named")
    assert of_first == of_second
    assert of_first[0] == len(text)


def _fill_half(path):
    with fill_whole(path) as aside:
        (aside / "a.txt").write_text("a")
        raise KeyboardInterrupt


def test_a_folder_is_there_whole_or_not_at_all(tmp_path):
    path = tmp_path / "new" / "folder"
    with fill_whole(path) as aside:
        (aside / "a.txt").write_text("a")
        assert not path.exists()
    assert (path / "a.txt").read_text() == "a"
    with pytest.raises(KeyboardInterrupt):
        _fill_half(tmp_path / "other")
    assert [one.name for one in tmp_path.iterdir()] == ["new"]
    for taken in (path, path / "a.txt"):
        with pytest.raises(InputError, match="is there already; remove it"), fill_whole(taken):
            pass
    (tmp_path / "empty").mkdir()
    with fill_whole(tmp_path / "empty") as aside:
        (aside / "b").touch()
    assert (tmp_path / "empty" / "b").exists()


def test_a_folder_that_a_killed_run_left_does_not_stand_in_the_way(tmp_path):
    left = tmp_path / f".folder.{os.getpid()}.part"
    left.mkdir()
    (left / "old").touch()
    with fill_whole(tmp_path / "folder") as aside:
        (aside / "new").touch()
    assert [path.name for path in tmp_path.rglob("*")] == ["folder", "new"]
