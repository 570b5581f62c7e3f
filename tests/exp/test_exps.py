"""The project's own runs, against tables of what the original systems set and count."""

import re
from pathlib import Path
from typing import NamedTuple

import pytest
import torch

from yolox.data.mix import mix_names, read_mix
from yolox.exp import Exp, load_exp
from yolox.exp.base import settings

EXPS = Path(__file__).resolve().parent.parent.parent / "exps"
FILES = sorted(EXPS.rglob("*.py"))


class Run(NamedTuple):
    """What a run is expected to be: sizes are height × width, the training ones first and last."""

    model: str
    train: str
    val: str
    size: tuple[int, int]
    first: tuple[int, int]
    last: tuple[int, int]
    test_conf: float
    scale: tuple[float, float] = (0.1, 2)
    mixup: float = 1
    clip: bool = False


HALF, VAL_HALF = "mot/annotations/train_half.json", "mot/annotations/val_half.json"
DET = ("mix_det/annotations/train.json", "mot/annotations/train.json")
COCO = ("coco_video/annotations/train2017.json", "coco_video/annotations/val2017.json")
LARGE = ((800, 1440), (576, 1024), (1024, 1824))
SMALL = ((608, 1088), (384, 672), (832, 1472))
CROWDED = ((896, 1600), (640, 1120), (1152, 2048))
SQUARE = ((640, 640), (480, 480), (800, 800))
LIGHT = ((416, 416), (320, 320), (640, 640))

MOT_RUNS = {
    "yolox_x_ablation": Run("x", "mix_mot_ch/annotations/train.json", VAL_HALF, *LARGE, 0.1),
    "yolox_x_ch": Run("x", "ch_all/annotations/train.json", VAL_HALF, *LARGE, 0.1),
    "yolox_x_mot17_half": Run("x", HALF, VAL_HALF, *LARGE, 0.1),
    "yolox_s_mot17_half": Run("s", HALF, VAL_HALF, *LARGE, 0.1),
    "yolox_x_mix_det": Run("x", *DET, *LARGE, 0.001),
    "yolox_l_mix_det": Run("l", *DET, *LARGE, 0.001),
    "yolox_m_mix_det": Run("m", *DET, *LARGE, 0.001),
    "yolox_s_mix_det": Run("s", *DET, *SMALL, 0.001),
    "yolox_tiny_mix_det": Run("tiny", *DET, *SMALL, 0.001, scale=(0.5, 1.5)),
    "yolox_nano_mix_det": Run("nano", *DET, *SMALL, 0.001, scale=(0.5, 1.5)),
    "yolox_x_mix_mot20_ch": Run(
        "x",
        "mix_mot20_ch/annotations/train.json",
        "MOT20/annotations/train.json",
        *CROWDED,
        0.001,
        clip=True,
    ),
}
COCO_RUNS = {
    "yolox_s": Run("s", *COCO, *SQUARE, 0.001, clip=True),
    "yolox_m": Run("m", *COCO, *SQUARE, 0.001, clip=True),
    "yolox_l": Run("l", *COCO, *SQUARE, 0.001, clip=True),
    "yolox_x": Run("x", *COCO, *SQUARE, 0.001, clip=True),
    "yolox_tiny": Run("tiny", *COCO, *LIGHT, 0.001, (0.5, 1.5), mixup=0, clip=True),
    "yolox_nano": Run("nano", *COCO, *LIGHT, 0.001, (0.5, 1.5), mixup=0, clip=True),
}
# What a variant's ReID head adds to the settings of its plain run.
FUSED = {"reid": "fused", "reid_gradient": 0.1, "balance": "fixed"}
PARALLEL = {"reid": "per_level", "balance": "frozen_uncertainty"}
VARIANTS = {f"{plain}_reid": (plain, FUSED) for plain in MOT_RUNS if plain != "yolox_x_ch"}
VARIANTS["yolox_s_mot17_half_parareid"] = ("yolox_s_mot17_half", PARALLEL)

# Of the detector, with 1 class and with 80.
PARAMETERS = {
    "nano": (896_754, 912_159),
    "tiny": (5_032_866, 5_055_855),
    "s": (8_937_682, 8_968_255),
    "m": (25_280_754, 25_326_495),
    "l": (54_147_986, 54_208_895),
    "x": (98_995_378, 99_071_455),
}
# All splits that the commands of docs/datasets.md make where these runs look for them.
CONVERTED = {
    "mot": {"train", "train_half", "val_half", "test"},
    "MOT20": {"train", "train_half", "val_half", "test"},
    "coco_video": {"train2017", "val2017"},
}


def _mot(name: str) -> Exp:
    return load_exp(EXPS / "example" / "mot" / f"{name}.py")


def _values(exp: Exp) -> dict[str, object]:
    return {key: getattr(exp, key) for key in settings()}


def _count(module: torch.nn.Module) -> int:
    return sum(parameter.numel() for parameter in module.parameters())


def _check(exp: Exp, run: Run) -> None:
    sizes = exp.get_sizes()
    augmentation = exp.get_augmentation()
    assert exp.input_size == exp.test_size == run.size
    assert (sizes[0], sizes[-1]) == (run.first, run.last)
    assert (exp.train, exp.val, exp.test_conf) == (run.train, run.val, run.test_conf)
    assert (augmentation.scale, augmentation.mixup) == (run.scale, run.mixup)
    assert augmentation.clip == run.clip
    with torch.device("meta"):
        model = exp.get_model()
    detector = _count(model.backbone) + _count(model.head)
    assert detector == PARAMETERS[run.model][exp.num_classes == 80]
    assert (model.reid_head is None) == (exp.reid == "none")


def test_the_tables_hold_every_run():
    assert {path.stem for path in EXPS.glob("default/*.py")} == set(COCO_RUNS)
    assert {path.stem for path in EXPS.glob("example/mot/*.py")} == {*MOT_RUNS, *VARIANTS}


@pytest.mark.parametrize("name", MOT_RUNS)
def test_runs_of_bytetrack(name):
    exp = _mot(name)
    _check(exp, MOT_RUNS[name])
    assert exp.num_classes == 1
    assert exp.preprocessing == "legacy"
    assert exp.assignment == "bytetrack"
    assert (exp.max_epoch, exp.warmup_epochs, exp.no_aug_epochs) == (80, 1, 10)
    assert exp.basic_lr_per_img * 48 == pytest.approx(7.5e-4)
    assert (exp.momentum, exp.weight_decay, exp.min_lr_ratio, exp.ema) == (0.9, 5e-4, 0.05, True)
    assert (exp.degrees, exp.translate, exp.shear, exp.mosaic, exp.flip) == (10, 0.1, 2, 1, 0.5)
    assert (exp.mixup_scale, exp.nmsthre, exp.best) == ((0.5, 1.5), 0.7, "ap50")
    assert (exp.eval_interval, exp.print_interval, exp.workers) == (5, 20, 4)


@pytest.mark.parametrize("name", COCO_RUNS)
def test_runs_of_yolox(name):
    exp = load_exp(EXPS / "default" / f"{name}.py")
    _check(exp, COCO_RUNS[name])
    assert exp.num_classes == 80
    assert exp.preprocessing == "current"
    assert exp.assignment == "yolox"
    assert (exp.max_epoch, exp.warmup_epochs, exp.no_aug_epochs) == (300, 5, 15)
    assert exp.basic_lr_per_img * 64 == pytest.approx(0.01)
    assert (exp.mosaic, exp.nmsthre) == (0.5 if name == "yolox_nano" else 1, 0.65)


@pytest.mark.parametrize("name", VARIANTS)
def test_a_variant_adds_its_reid_head_and_nothing_else(name):
    plain, added = VARIANTS[name]
    exp = _mot(name)
    _check(exp, MOT_RUNS[plain])
    assert _values(exp) == _values(_mot(plain)) | added


def test_the_predecessors_model_is_of_its_size():
    with torch.device("meta"):
        model = _mot("yolox_s_mot17_half_parareid").get_model()
    assert _count(model) == 9_873_490
    assert model.reid_head.gradient == 1


@pytest.mark.parametrize("path", FILES, ids=lambda path: path.stem)
def test_a_run_tells_how_it_is_run_and_does_not_validate_on_its_training_data(path):
    exp = load_exp(path)
    told = re.sub(r"\\?\s+", " ", path.read_text().split('"""')[1])
    if path.parent.name != "reid_recipes" or path.stem == "a_detector":  # which tells of them all
        assert f"python tools/train.py -f {path.relative_to(EXPS.parent).as_posix()} " in told
    if "mot" in path.parts:
        assert f" -c pretrained/yolox_{exp.model}.pth" in told
    shared = _frames(exp.train) & _frames(exp.val)
    # Their test sets have no ground truth to validate on, and training takes all that has.
    by_design = "_mix_det" in path.stem or "_mix_mot20" in path.stem
    assert bool(shared) == by_design
    assert bool(re.search("on which it is trained|on training data", told)) == by_design


def _frames(file: str) -> set[tuple[str, str]]:
    """Name what a JSON consists of: folders with splits that have no frame in common."""
    folder, annotations, json = Path(file).parts
    split = json.removesuffix(".json")
    assert annotations == "annotations"
    for mix in map(read_mix, mix_names()):
        if mix.folder == folder:
            assert split == "train"
            parts = [f"{part.folder}/annotations/{part.split}.json" for part in mix.parts]
            return {frames for part in parts for frames in _frames(part)}
    assert split in CONVERTED.get(folder, {split})
    if split == "train" and "train_half" in CONVERTED.get(folder, ()):
        return {(folder, "train_half"), (folder, "val_half")}
    return {(folder, split)}


def test_frames_are_told_apart():
    assert _frames("mot/annotations/train.json") & _frames(VAL_HALF)
    assert not _frames(HALF) & _frames(VAL_HALF)
    assert _frames("mix_det/annotations/train.json") >= _frames(VAL_HALF)
    assert not _frames("mix_mot_ch/annotations/train.json") & _frames(VAL_HALF)


def test_the_examples_of_the_readme_run(tmp_path):
    own, variant = re.findall(r"```python\n(.*?)```", (EXPS / "README.md").read_text(), re.DOTALL)
    (tmp_path / "own.py").write_text(own)
    (tmp_path / "own_reid.py").write_text(variant)
    assert load_exp(tmp_path / "own.py").max_epoch == 40
    exp = load_exp(tmp_path / "own_reid.py")
    assert (exp.max_epoch, exp.reid) == (40, "fused")
