import pickle
import subprocess
import sys

import numpy as np
import pytest
import torch

from yolox.engine.checkpoint import (
    describe_left_out,
    load_model,
    load_state,
    read_checkpoint,
    save_checkpoint,
)
from yolox.losses.balance import Uncertainty
from yolox.losses.criterion import Criterion
from yolox.losses.reid import make_identity_loss
from yolox.models.blocks import fuse
from yolox.models.build import ReIDOptions, yolox_nano, yolox_s
from yolox.structures import InputError
from yolox.structures.preprocessing import CURRENT, LEGACY

PER_LEVEL = ReIDOptions("per_level")


def _equal(model, state):
    own = model.state_dict()
    return own.keys() == state.keys() and all(torch.equal(own[key], state[key]) for key in own)


@pytest.mark.parametrize("legacy_pickle", [False, True])
def test_bytetracks_checkpoint(tmp_path, legacy_pickle):
    source = yolox_nano(1)
    optimizer = torch.optim.SGD(source.parameters(), lr=0.1, momentum=0.9)
    content = {"start_epoch": 80, "model": source.state_dict(), "optimizer": optimizer.state_dict()}
    path = tmp_path / "bytetrack_nano.pth.tar"
    torch.save(content, path, _use_new_zipfile_serialization=not legacy_pickle)
    model = yolox_nano(1)
    assert load_model(model, read_checkpoint(path), preprocessing=LEGACY) == []
    assert _equal(model, source.state_dict())
    assert model.preprocessing == LEGACY


def test_yoloxs_checkpoint_holds_a_numpy_number(tmp_path):
    source = yolox_nano(80)
    path = tmp_path / "yolox_nano.pth"
    torch.save({"model": source.state_dict(), "best_ap": np.float64(0.4), "start_epoch": 3}, path)
    model = yolox_nano(80)
    load_model(model, read_checkpoint(path), preprocessing=CURRENT)
    assert _equal(model, source.state_dict())


def test_bytetrack_reids_checkpoint_goes_to_head_and_criterion(tmp_path):
    source = yolox_nano(1, PER_LEVEL)
    renamed = {
        key.replace("reid_head.convs", "head.reid_convs").replace(
            "reid_head.preds", "head.reid_preds"
        ): value
        for key, value in source.state_dict().items()
    }
    renamed["head.reid_classifier.weight"] = torch.randn(547, 128)
    renamed["head.reid_classifier.bias"] = torch.randn(547)
    renamed["head.s_det"], renamed["head.s_id"] = torch.tensor([-1.85]), torch.tensor([-1.05])
    assert len(renamed) == 642 + 82
    torch.save({"model": {f"module.{key}": value for key, value in renamed.items()}},
               tmp_path / "reid.pth.tar")  # fmt: skip

    checkpoint = read_checkpoint(tmp_path / "reid.pth.tar")
    assert checkpoint.preprocessing == LEGACY  # the fork knew no other
    model = yolox_nano(1, PER_LEVEL)
    load_model(model, checkpoint)
    assert _equal(model, source.state_dict())
    criterion = Criterion(
        identity_loss=make_identity_loss("cross_entropy", 547, 128), balance=Uncertainty()
    )
    assert criterion.state_dict().keys() == checkpoint.criterion.keys()
    criterion.load_state_dict(dict(checkpoint.criterion))


def test_our_own_checkpoint_says_everything(tmp_path):
    source = yolox_nano(2, ReIDOptions("fused"))
    source.preprocessing = CURRENT
    save_checkpoint(tmp_path / "a.pth", source, class_names=["person", "car"])
    checkpoint = read_checkpoint(tmp_path / "a.pth")
    assert checkpoint.class_names == ["person", "car"]
    model = yolox_nano(2, ReIDOptions("fused"))
    load_model(model, checkpoint)
    assert model.preprocessing == CURRENT
    assert _equal(model, source.state_dict())
    with pytest.raises(
        InputError, match=r"says 'current' .*not 'legacy'; .*set preprocessing curr"
    ):
        load_model(model, checkpoint, preprocessing=LEGACY)
    with pytest.raises(InputError, match=r"model\.preprocessing is not set"):
        save_checkpoint(tmp_path / "b.pth", yolox_nano())


def test_the_wrong_preprocessing_cannot_be_used_silently(tmp_path):
    torch.save({"model": yolox_nano().state_dict()}, tmp_path / "a.pth")
    model = yolox_nano()
    with pytest.raises(InputError, match=r"give preprocessing: legacy .* or current"):
        load_model(model, read_checkpoint(tmp_path / "a.pth"))
    assert model.preprocessing is None


def test_what_does_not_fit_is_tabled_and_left_out_only_when_asked(tmp_path):
    torch.save({"model": yolox_nano(80).state_dict()}, tmp_path / "coco.pth")
    checkpoint = read_checkpoint(tmp_path / "coco.pth")
    model = yolox_nano(1, ReIDOptions("fused"))
    before = {key: value.clone() for key, value in model.state_dict().items()}
    with pytest.raises(InputError) as caught:
        load_model(model, checkpoint, preprocessing=CURRENT)
    table = str(caught.value)
    assert "tensors that do not fit: 50; load partially" in table
    assert "head.cls_preds.0.weight" in table
    assert "1 x 64 x 1 x 1" in table
    assert "80 x 64 x 1 x 1" in table
    assert _equal(model, before)
    assert model.preprocessing is None

    mismatches = load_model(model, checkpoint, preprocessing=CURRENT, partial=True)
    assert {m.name.split(".")[0] for m in mismatches} == {"head", "reid_head"}
    assert len(mismatches) == 50
    stem = "backbone.backbone.stem.conv.conv.weight"
    assert torch.equal(model.state_dict()[stem], checkpoint.model[stem])


class _Evil:
    def __reduce__(self):
        return (open, ("/tmp/evil-was-here", "w"))


@pytest.mark.parametrize("inside", [_Evil(), {"model": _Evil()}, {"model": {"a": 1}}, [1, 2]])
def test_nothing_but_plain_tensors_is_read(tmp_path, inside):
    with (tmp_path / "a.pth").open("wb") as file:
        pickle.dump(inside, file, protocol=2)
    with pytest.raises(InputError, match=r"a\.pth: "):
        read_checkpoint(tmp_path / "a.pth")
    torch.save(inside, tmp_path / "a.pth")
    with pytest.raises(InputError, match=r"a\.pth: "):
        read_checkpoint(tmp_path / "a.pth")


class _TypeWithState:
    """A number type that would be set up by what the file says: NumPy crashes on it."""

    def __reduce__(self):
        return (np.dtype, ("f8", False, True), (3, "<", None, -1, -1, 0))


class _NumberOfThatType:
    def __reduce__(self):
        scalar = np.float64(0).__reduce__()[0]
        return (scalar, (_TypeWithState(), b"A" * 8))


def test_numbers_cannot_crash_the_reader(tmp_path):
    torch.save({"model": {"a": torch.zeros(1)}, "best_ap": _NumberOfThatType()}, tmp_path / "a.pth")
    code = (
        "import sys, pathlib; from yolox.engine.checkpoint import read_checkpoint;"
        "print(list(read_checkpoint(pathlib.Path(sys.argv[1])).model))"
    )
    command = [sys.executable, "-c", code, str(tmp_path / "a.pth")]
    done = subprocess.run(command, capture_output=True, text=True, check=False)
    assert (done.returncode, done.stdout.strip()) == (0, "['a']"), done.stderr


@pytest.mark.parametrize(
    ("content", "message"),
    [
        ({1: torch.zeros(1)}, "'model' holds no tensors by name"),
        ({"model": {}}, "holds no weights"),
        ({"model": {"a": torch.zeros(1)}, "criterion": 5}, "'criterion' holds no tensors"),
        ({"model": {"a": torch.zeros(1)}, "class_names": 5}, "class_names are 5"),
        ({"model": {"a": torch.zeros(1)}, "preprocessing": ["x"]}, r"preprocessing is \['x'\]"),
    ],
)
def test_odd_files_are_named(tmp_path, content, message):
    torch.save(content, tmp_path / "a.pth")
    with pytest.raises(InputError, match=message):
        read_checkpoint(tmp_path / "a.pth")


def test_a_criterion_without_tensors_makes_the_round_trip():
    criterion = Criterion()
    assert load_state(criterion, criterion.state_dict()) == []


def test_a_fused_model_is_not_saved(tmp_path):
    model = fuse(yolox_nano().eval())
    model.preprocessing = CURRENT
    with pytest.raises(InputError, match=r"norms are folded in; save it before fuse\(\)"):
        save_checkpoint(tmp_path / "a.pth", model)


@pytest.mark.parametrize("content", [b"", b"not a checkpoint", b"PK\x03\x04 broken"])
def test_other_files_are_refused(tmp_path, content):
    (tmp_path / "a.pth").write_bytes(content)
    with pytest.raises(InputError, match=r"a\.pth: is no file of plain tensors"):
        read_checkpoint(tmp_path / "a.pth")
    with pytest.raises(InputError, match=r"gone\.pth: no such file"):
        read_checkpoint(tmp_path / "gone.pth")


def test_another_size_is_refused_even_partially(tmp_path):
    torch.save({"model": yolox_nano(80).state_dict()}, tmp_path / "a.pth")
    with pytest.raises(InputError, match="of the file's 642 tensors fit; is it of another size"):
        load_model(
            yolox_s(80), read_checkpoint(tmp_path / "a.pth"), preprocessing=CURRENT, partial=True
        )


def test_another_network_is_refused(tmp_path):
    torch.save({"model": {"layer1.weight": torch.zeros(3)}}, tmp_path / "a.pth")
    with pytest.raises(InputError, match="only 0 of the file's 1 tensors fit"):
        load_model(
            yolox_nano(), read_checkpoint(tmp_path / "a.pth"), preprocessing=LEGACY, partial=True
        )


def test_what_begins_anew_is_told_by_its_parts():
    assert describe_left_out([]) is None
    names = ["reid_head.preds.0.weight", "head.cls_preds.0.bias", "reid_head.preds.0.bias"]
    assert describe_left_out(names) == (
        "note: 3 tensors of head, reid_head are not in the weights and begin anew"
    )
