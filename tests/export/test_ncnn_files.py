import json
import sys

import numpy as np
import pytest

from yolox.engine.checkpoint import load_model, read_checkpoint
from yolox.exp import load_exp
from yolox.export import ncnn_files
from yolox.export.ncnn_files import export_ncnn
from yolox.formats.network_metadata import read_metadata
from yolox.models.build import ReIDOptions, yolox_nano
from yolox.structures import InputError
from yolox.structures.preprocessing import CURRENT


@pytest.fixture(autouse=True)
def installed():
    for name in ("ncnn", "pnnx"):
        pytest.importorskip(name, reason=f"{name} is not installed")


def shipped(root):
    exp = load_exp(root / "exps/example/synthetic/yolox_nano_reid_long.py")
    model = exp.get_model()
    load_model(model, read_checkpoint(root / "pretrained/yolox_nano_reid_synthetic.pth"))
    return model.eval()


def test_the_folder_holds_what_it_should(root, tmp_path):
    difference = export_ncnn(tmp_path / "a", shipped(root), (96, 160), class_names=["person"])
    assert 0 < difference < 1e-3
    assert {path.name for path in (tmp_path / "a").iterdir()} == {
        "network.param",
        "network.bin",
        "network.json",
    }
    metadata = read_metadata(json.loads((tmp_path / "a" / "network.json").read_text()), "a")
    assert (metadata.input_size, metadata.embedding_dim) == ((96, 160), 64)
    assert (metadata.class_names, metadata.boxes) == (["person"], "decoded")


@pytest.mark.parametrize("bnneck", [False, True])
def test_the_other_head(tmp_path, bnneck):
    model = yolox_nano(3, ReIDOptions("per_level", emb_dim=8, bnneck=bnneck))
    model.preprocessing = CURRENT
    assert export_ncnn(tmp_path / "a", model, (64, 96)) < 1e-3
    assert export_ncnn(tmp_path / "b", model, (64, 96), reid=False) < 1e-3


def test_what_does_not_go(root, tmp_path, monkeypatch):
    model = shipped(root)
    (tmp_path / "a").mkdir()
    (tmp_path / "a" / "mine").touch()
    with pytest.raises(InputError, match=r"input is \[100, 160\]; give multiples of 32"):
        export_ncnn(tmp_path / "a", model, (100, 160))
    with pytest.raises(InputError, match=r"model\.preprocessing is not set; load weights first"):
        export_ncnn(tmp_path / "b", yolox_nano(), (64, 96))
    with pytest.raises(InputError, match="a: is there already; remove it, or give another"):
        export_ncnn(tmp_path / "a", model, (64, 96))
    nothing = [np.zeros((126, 6), np.float32), np.zeros((126, 64), np.float32)]
    with monkeypatch.context() as patch:
        patch.setattr(ncnn_files.NcnnNetwork, "run", lambda *_: nothing)
        with pytest.raises(InputError, match=r"differs from torch by .*, not 0\.001 at most"):
            export_ncnn(tmp_path / "b", model, (64, 96))
    assert not (tmp_path / "b").exists()
    monkeypatch.setitem(sys.modules, "pnnx", None)
    with pytest.raises(InputError, match="install both: pip install ncnn pnnx"):
        export_ncnn(tmp_path / "b", model, (64, 96))
