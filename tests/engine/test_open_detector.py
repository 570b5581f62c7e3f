from pathlib import Path

import pytest
import torch
from engine.exported import YoloxOutput, export

from yolox.engine.checkpoint import save_checkpoint
from yolox.engine.detector import ClassFilter, NetworkDetector
from yolox.engine.open_detector import DetectorChoice, open_detector
from yolox.models.build import yolox_nano
from yolox.structures import InputError
from yolox.structures.preprocessing import CURRENT, LEGACY

EXP = """
from yolox.exp import Exp as Base

class Exp(Base):
    model = "nano"
    num_classes = 3
    test_size = (64, 96)
    test_conf = 0.02
    nmsthre = 0.6
    preprocessing = "current"
"""


@pytest.fixture(scope="module")
def files(tmp_path_factory):
    """An exp, its weights as a checkpoint with names and as one without, and as an ONNX file."""
    folder = tmp_path_factory.mktemp("files")
    (folder / "nano.py").write_text(EXP)
    model = yolox_nano(3)
    with torch.no_grad():
        for parameter in model.parameters():  # the exporter writes equal ones once
            parameter += 0.01 * torch.randn_like(parameter)
    model.preprocessing = CURRENT
    save_checkpoint(folder / "named.pth", model, class_names=["person", "car", "cart"])
    torch.save({"model": model.state_dict()}, folder / "plain.pth")
    export(YoloxOutput(model, decoded=False), folder / "nano.onnx", (64, 96))
    return folder


def choice_of(files, weights="named.pth", **options):
    return DetectorChoice(files / "nano.py", files / weights, **options)


def test_settings_come_from_the_exp_unless_given(files):
    detector = open_detector(choice_of(files))
    assert isinstance(detector, NetworkDetector)
    assert detector.preprocessing == CURRENT
    assert (detector.size, detector.score_thresh, detector.nms_thresh) == ((64, 96), 0.02, 0.6)
    assert detector.class_names == ["person", "car", "cart"]
    assert detector.run is detector.model
    other = open_detector(
        choice_of(files, size=(32, 64), score_thresh=0.3, nms_thresh=0.5, precision="bf16")
    )
    assert (other.size, other.score_thresh, other.nms_thresh) == ((32, 64), 0.3, 0.5)
    assert next(other.model.parameters()).dtype == torch.bfloat16
    set_by_hand = open_detector(choice_of(files, settings=("test_conf", "0.5")))
    assert set_by_hand.score_thresh == 0.5
    compiled = open_detector(choice_of(files, compiled=True, fused=False, channels_last=False))
    assert compiled.run is not compiled.model
    assert any(isinstance(m, torch.nn.BatchNorm2d) for m in compiled.model.modules())
    assert compiled.layout == torch.contiguous_format


def test_weights_that_say_nothing_are_prepared_for_as_the_exp_says(files):
    assert open_detector(choice_of(files, "plain.pth")).preprocessing == CURRENT
    legacy = choice_of(files, "plain.pth", settings=("preprocessing", "legacy"))
    assert open_detector(legacy).preprocessing == LEGACY
    assert list(open_detector(legacy).class_names) == []


def test_weights_of_an_onnx_file(files):
    detector = open_detector(choice_of(files, "nano.onnx"))
    assert isinstance(detector, NetworkDetector)
    whole = open_detector(DetectorChoice(exported=files / "nano.onnx", preprocessing="current"))
    assert (whole.size, whole.score_thresh, whole.nms_thresh) == ((64, 96), 0.1, 0.7)
    assert whole.preprocessing == CURRENT
    other = open_detector(
        DetectorChoice(
            exported=files / "nano.onnx", preprocessing="legacy", score_thresh=0.4, nms_thresh=0.3
        )
    )
    assert (other.score_thresh, other.nms_thresh, other.preprocessing) == (0.4, 0.3, LEGACY)


@pytest.mark.parametrize(
    ("classes", "ids"), [(("car",), [1]), (("2", "person"), [2, 0]), (("0", "cart"), [0, 2])]
)
def test_classes_by_name_and_number(files, classes, ids):
    detector = open_detector(choice_of(files, classes=classes))
    assert isinstance(detector, ClassFilter)
    assert detector.class_ids == ids


def test_classes_without_names_are_numbers(files):
    assert open_detector(choice_of(files, "plain.pth", classes=("2",))).class_ids == [2]
    with pytest.raises(InputError, match="knows no class 'car'; give numbers"):
        open_detector(choice_of(files, "plain.pth", classes=("car",)))


def test_eighty_classes_are_cocos(files, tmp_path):
    model = yolox_nano(80)
    torch.save({"model": model.state_dict()}, tmp_path / "coco.pth")
    choice = DetectorChoice(
        files / "nano.py", tmp_path / "coco.pth", ("num_classes", "80"), classes=("bus", "7")
    )
    assert open_detector(choice).class_ids == [5, 7]


@pytest.mark.parametrize(
    ("options", "message"),
    [
        ({"classes": ("carr",)}, r"knows no class 'carr'; did you mean car, cart\?"),
        ({"classes": ("zebra",)}, r"'zebra'; give names \(.*\), or numbers below 3"),
        ({"classes": ("3",)}, r"'3'; give names \(.*\), or numbers below 3"),
        ({"classes": ("",)}, "''; give names"),
        ({"device": "toaster"}, "there is no device 'toaster'; give cpu, cuda, cuda:1 or mps"),
        ({"size": (33, 64)}, r"input is \[33, 64\]"),
        ({"score_thresh": 2.0}, "score_thresh is 2.0"),
        ({"settings": ("modle", "s")}, "there is no setting 'modle'; did you mean model"),
        ({"settings": ("model", "s")}, "tensors that do not fit"),
        ({"settings": ("preprocessing", "legacy")}, "the checkpoint says 'current' preprocessing"),
        (
            {"exported": "nano.onnx"},
            "nano.onnx is a whole detector; leave -f, -c and KEY VALUE out",
        ),
        ({"weights": "gone.pth"}, "gone.pth: no such file"),
        ({"exp_file": "gone.py"}, "gone.py: no such file"),
        ({"exp_file": None}, r"no detector is named; give an exp and its weights \(-f and -c\)"),
        ({"weights": None}, "no detector is named"),
        ({"runtime": "openvino"}, "--runtime and --preprocessing belong to --detector; leave them"),
        ({"preprocessing": "current"}, "--runtime and --preprocessing belong to --detector"),
    ],
)
def test_what_does_not_go(files, monkeypatch, options, message):
    monkeypatch.chdir(files)
    with pytest.raises(InputError, match=message):
        open_detector(choice_of(files)._replace(**_paths(options)))


@pytest.mark.parametrize(
    ("options", "message"),
    [
        ({"preprocessing": None}, "does not say what input it expects; give --preprocessing: leg"),
        ({"precision": "fp16"}, "exported; leave --fp16, --compile, --no-fuse and --no-channels-"),
        ({"fused": False}, "runs as it was exported; leave"),
        ({"channels_last": False}, "runs as it was exported; leave"),
        ({"precision": "bf16"}, "leave --bf16 out or add --runtime openvino"),
        ({"compiled": True}, "runs as it was exported"),
        ({"settings": ("test_conf", "0.1")}, "is a whole detector; leave -f, -c and KEY VALUE out"),
        ({"classes": ("car",)}, "knows no class 'car'; give numbers"),
        ({"exported": "gone.onnx"}, "gone.onnx: no such file"),
        ({"device": "tpu-9"}, "there is no device 'tpu-9'"),
    ],
)
def test_what_does_not_go_with_a_whole_detector(files, monkeypatch, options, message):
    monkeypatch.chdir(files)
    choice = DetectorChoice(exported=files / "nano.onnx", preprocessing="current")
    with pytest.raises(InputError, match=message):
        open_detector(choice._replace(**_paths(options)))


def _paths(options):
    named = {"exported", "weights", "exp_file"}
    return {k: Path(v) if k in named and v else v for k, v in options.items()}


@pytest.mark.skipif(torch.cuda.is_available(), reason="there is a GPU")
def test_a_gpu_that_is_not_there(files):
    with pytest.raises(InputError, match="device cuda is not there; take --device cpu"):
        open_detector(choice_of(files, device="cuda"))


def test_a_whole_detector_has_no_exp(files):
    choice = DetectorChoice(exported=files / "nano.onnx")
    with pytest.raises(
        InputError, match=r"without an exp to say what to run on; give a tree \(--gt"
    ):
        choice.read_exp()
