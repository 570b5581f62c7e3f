from pathlib import Path

import pytest

from yolox.data.convert.registry import convert
from yolox.data.synthetic import make_scene
from yolox.data.synthetic.writing import write_sequence
from yolox.engine.sequence_set import SequenceSet, validation_set
from yolox.exp.base import Exp
from yolox.formats.coco import read_coco, write_coco
from yolox.structures import InputError

NAMES = ["a[1]", "b", "c-FRCNN"]


@pytest.fixture(scope="module")
def data(tmp_path_factory):
    folder = tmp_path_factory.mktemp("data")
    for seed, name in enumerate(NAMES):
        scene = make_scene(4, 5 + seed, seed=seed, width=64, height=64)
        write_sequence(scene, name, folder)
    convert("synthetic", folder, folder)
    return folder


def exp_of(folder, val):
    exp = Exp()
    exp.data_root, exp.val = str(folder), val
    return exp


def changed(data, tmp_path, change):
    """Write the validation set anew with its list of images changed."""
    document = read_coco(data / "annotations" / "train.json")
    document["images"] = change(document["images"])
    document["annotations"] = []
    document["info"]["image_root"] = str(data / "train")
    write_coco(tmp_path / "val.json", document)
    return exp_of(tmp_path, "val.json")


def test_sequences_of_a_tree(data):
    chosen = SequenceSet.of_tree(data / "train")
    assert chosen == (data / "train", NAMES, "all")
    assert SequenceSet.of_tree(data / "train", "val", ["c*", "b", "[bc]*"]).names == NAMES[1:]
    assert SequenceSet.of_tree(data / "train", "val").half == "val"


@pytest.mark.parametrize(
    ("patterns", "message"),
    [(["d*"], "fits 'd"), (["b", "d"], "fits 'd'; give the folder of the sequences")],
)
def test_patterns_that_nothing_fits(data, patterns, message):
    with pytest.raises(InputError, match=message):
        SequenceSet.of_tree(data / "train", "all", patterns)


def test_a_folder_without_sequences(data):
    for folder in (data, data / "gone"):
        with pytest.raises(InputError, match=rf"{folder}: holds no <sequence>/seqinfo\.ini"):
            SequenceSet.of_tree(folder)


@pytest.mark.parametrize(
    ("val", "half"), [("train", "all"), ("train_half", "train"), ("val_half", "val")]
)
def test_the_sequences_that_an_exp_is_validated_on(data, val, half):
    found = validation_set(exp_of(data, f"annotations/{val}.json"))
    assert (found.names, found.half) == (NAMES, half)
    assert found.root.resolve() == (data / "train").resolve()


def test_some_sequences_of_a_tree(data, tmp_path):
    exp = changed(
        data, tmp_path, lambda images: [i for i in images if not i["file_name"].startswith("b/")]
    )
    found = validation_set(exp)
    assert (found.names, found.half) == (["a[1]", "c-FRCNN"], "all")


@pytest.mark.parametrize(
    ("change", "message"),
    [
        (lambda images: images[:-1], "neither whole sequences nor the same half of all; give the"),
        (lambda images: images[1:], "neither whole sequences nor the same half"),
        (
            lambda images: [
                i for i in images if i["file_name"].startswith("c") or i["frame_id"] > 3
            ],
            "neither whole sequences nor the same half",
        ),
        (
            lambda images: [{**images[0], "file_name": "gone/img1/000001.jpg"}],
            r"gone/img1/000001\.jpg is no image of a sequence with a seqinfo\.ini; give a MOTChal",
        ),
        (
            lambda images: [{**images[0], "file_name": "b/img1/first.jpg"}],
            r"first\.jpg is no image of a sequence",
        ),
        (lambda images: [{**images[0], "file_name": "1.jpg"}], r"1\.jpg is no image of a sequence"),
    ],
)
def test_validation_sets_that_are_no_sequences(data, tmp_path, change, message):
    with pytest.raises(InputError, match=message):
        validation_set(changed(data, tmp_path, change))


def test_sequences_of_two_trees(data, tmp_path):
    write_sequence(make_scene(4, 5, seed=1, width=64, height=64), "d", tmp_path)
    moved = str(tmp_path / "train" / "d" / "img1")

    def move(images):
        mine = [i for i in images if i["file_name"].startswith("a[1]")]
        both = [{**i, "file_name": f"{moved}/{Path(i['file_name']).name}"} for i in mine]
        return mine + [{**i, "id": 100 + row} for row, i in enumerate(both)]

    with pytest.raises(InputError, match=r"its sequences lie in .*, .*; give one of them \(--gt\)"):
        validation_set(changed(data, tmp_path, move))


def test_a_missing_validation_set(tmp_path):
    with pytest.raises(InputError, match=r"gone\.json: no such file"):
        validation_set(exp_of(tmp_path, "gone.json"))
