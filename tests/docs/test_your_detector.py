"""The examples of docs/your-detector.md, run in the order of the page."""

import re
import sys
from types import SimpleNamespace

import numpy as np
import pytest

from yolox.formats.mot import read_tracks
from yolox.structures import Detections, InputError


class _Model:
    """Stands for Ultralytics' network: one image's results in a list."""

    def __init__(self, weights):
        assert weights == "yolo11n.pt"

    def __call__(self, image, conf):
        box = np.array([[10.0, 20.0, 60.0, 170.0], [1.0, 2.0, 3.0, 4.0]])
        columns = {"xyxy": box, "conf": np.array([0.9, conf]), "cls": np.array([0.0, 2.0])}
        return [SimpleNamespace(boxes=SimpleNamespace(**columns))]


def _supervision(xyxy, confidence):
    return SimpleNamespace(xyxy=xyxy, confidence=confidence, class_id=None)


def test_the_examples_run(root, tmp_path, monkeypatch, capsys):
    monkeypatch.chdir(tmp_path)
    monkeypatch.setitem(sys.modules, "supervision", SimpleNamespace(Detections=_supervision))
    monkeypatch.setitem(sys.modules, "ultralytics", SimpleNamespace(YOLO=_Model))
    page = (root / "docs/your-detector.md").read_text()
    examples = re.findall(r"```python\n(.*?)```", page, re.DOTALL)
    assert len(examples) == 6
    names = {}
    for example in examples:
        exec(example, names)
    printed = capsys.readouterr().out.splitlines()
    assert printed[0].startswith("1 1 0 [ 10.  20.  50. 150.] 0.9")
    assert printed[1].startswith("1 2 2 [300.  40.  50. 150.] 0.8")
    assert printed[-1] == "[[ 10.  20.  60. 170.]]"
    assert names["tracks"].ids.tolist() == [1, 2]
    table = read_tracks(tmp_path / "runs/mine/street.txt")
    assert table.ids.tolist() == [1, 2] * 5


@pytest.mark.parametrize(
    "make",
    [
        lambda: Detections([[0, 0, 5, 5]] * 3 + [[9, 9, 5, 5]], [0.5] * 4),
        lambda: Detections([[0, 0, 5, 5]], [93]),
        lambda: Detections.from_supervision(_supervision(np.ones((1, 4)), None)),
        lambda: Detections.from_ultralytics(_Model("yolo11n.pt")("a.jpg", conf=0.1)),
        lambda: Detections([[0, 0, 5, 5]], [0.5], None, [[3, 0]]),
    ],
)
def test_the_messages_are_as_the_page_says(root, make):
    page = (root / "docs/your-detector.md").read_text()
    messages = [line.split("`")[1] for line in page.splitlines() if line.startswith("| `")]
    with pytest.raises(InputError) as error:
        make()
    patterns = [re.escape(message).replace(r"\.\.\.", ".*") for message in messages]
    assert any(re.match(pattern, str(error.value)) for pattern in patterns)
