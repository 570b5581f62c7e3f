import json

import numpy as np
import pytest

from yolox.formats.json_lines import open_json_lines
from yolox.structures import Tracks

TWO = Tracks(
    ids=np.array([3, 8]),
    boxes=np.array([[10.004, 20, 40.339, 60], [0, 0, 5, 9]]),
    scores=np.array([0.912345, 1.0]),
    class_ids=np.array([0, 1]),
    detection_indices=np.array([0, 1]),
)
NOBODY = TWO.take(np.array([], dtype=np.int64))


def test_a_line_a_frame(tmp_path):
    path = tmp_path / "new" / "a.jsonl"
    with open_json_lines(path, ["person", "voiture à pédales"]) as write:
        write(1, 0.0, TWO)
        write(2, 1 / 30, NOBODY)
        assert not path.exists()
    assert path.read_text(encoding="utf-8") == (
        '{"frame": 1, "time": 0.0, "tracks": [{"id": 3, "box": [10.0, 20.0, 30.34, 40.0], '
        '"score": 0.9123, "class": "person"}, {"id": 8, "box": [0.0, 0.0, 5.0, 9.0], '
        '"score": 1.0, "class": "voiture à pédales"}]}\n'
        '{"frame": 2, "time": 0.0333, "tracks": []}\n'
    )


def test_classes_without_names_are_numbers(tmp_path):
    with open_json_lines(tmp_path / "a.jsonl") as write:
        write(1, 0.0, TWO)
    (line,) = (tmp_path / "a.jsonl").read_text().splitlines()
    assert [one["class"] for one in json.loads(line)["tracks"]] == [0, 1]


def _write_half(path):
    with open_json_lines(path) as write:
        write(1, 0.0, TWO)
        raise KeyboardInterrupt


def test_a_fault_leaves_what_was_there(tmp_path):
    path = tmp_path / "a.jsonl"
    path.write_text("earlier")
    with pytest.raises(KeyboardInterrupt):
        _write_half(path)
    assert path.read_text() == "earlier"
    assert list(tmp_path.iterdir()) == [path]
