from pathlib import Path

import pytest

from yolox.formats.result_folders import name_results
from yolox.structures import InputError


def test_folders_are_named_by_what_tells_them_apart(tmp_path, monkeypatch):
    monkeypatch.chdir(tmp_path)
    for folders, titles in (
        (["runs/byte"], ["byte"]),
        (["runs/byte", "runs/sort/"], ["byte", "sort"]),
        (["one/byte", "two/byte"], ["one/byte", "two/byte"]),
        (["/byte", "/two/byte"], ["byte", "two/byte"]),
        (["."], [tmp_path.name]),
    ):
        named = name_results([Path(folder) for folder in folders])
        assert list(named) == titles
        assert list(named.values()) == [Path(folder) for folder in folders]
    with pytest.raises(InputError, match=r"byte: is given twice as results"):
        name_results([Path("byte"), Path("./one/../byte")])
