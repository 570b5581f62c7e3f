"""C++ or NumPy: `--backend`."""

import numpy as np
import pytest

from yolox.data.synthetic import make_scene
from yolox.formats.mot import write_detections
from yolox.tracker.native import is_built


@pytest.mark.skipif(not is_built(), reason="the C++ tracker is not built")
def test_both_write_the_same_files(call, tmp_path):
    (tmp_path / "det").mkdir()
    scene = make_scene(8, 40, width=640, height=480, seed=3)
    write_detections(tmp_path / "det" / "one.txt", scene.detections)
    texts = []
    for words in ((), ("--backend", "native"), ("--backend", "numpy")):
        done = call("track", "--detections", "det", "--output", "out", *words)
        assert done.returncode == 0, done.stderr
        texts.append((tmp_path / "out" / "one.txt").read_text())
    assert len(set(texts)) == 1
    assert len(np.loadtxt(texts[0].splitlines(), delimiter=",")) > 100
    done = call("track", "--detections", "det", "--output", "out", "--tracker", "sort",
                "--backend", "native")  # fmt: skip
    assert (done.returncode, done.stderr.count("\n")) == (2, 1)
    assert "tracker sort is not there in C++" in done.stderr
