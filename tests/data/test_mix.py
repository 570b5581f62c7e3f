import json
from itertools import permutations

import pytest
from data.convert.miniatures import (
    box_rows,
    dump,
    identity_rows,
    image,
    image_rows,
    sequence,
    text,
)

from yolox.data.convert import convert
from yolox.data.mix import Mix, Part, merge, mix_names, read_mix
from yolox.structures import InputError

MOT = Part("mot17", "mot", "train_half")
CROWD = Part("crowdhuman", "crowdhuman", "train")
DRONE = Part("visdrone", "drone", "val")


@pytest.fixture
def root(tmp_path):
    """Data sets of one image or a few."""
    rows = ("1,7,10,5,20,30,1,1,1", "2,7,11,5,20,30,1,1,1", "3,7,12,5,20,30,1,1,1")
    sequence(tmp_path / "mot" / "train" / "MOT17-02-FRCNN", 3, *rows)
    convert("mot17", tmp_path / "mot", tmp_path / "mot")
    people = [{"fbox": [1, 2, 3, 4], "vbox": [1, 2, 3, 4], "tag": "person"}]
    record = json.dumps({"ID": "a,b", "gtboxes": people})
    text(tmp_path / "crowdhuman" / "annotation_train.odgt", record)
    image(tmp_path / "crowdhuman" / "CrowdHuman_train" / "a,b.jpg", 60, 40)
    convert("crowdhuman", tmp_path / "crowdhuman", tmp_path / "crowdhuman")
    drone = tmp_path / "drone" / "VisDrone2019-MOT-val"
    image(drone / "sequences" / "uav1" / "0000001.jpg")
    text(drone / "annotations" / "uav1.txt", "1,7,1,2,3,4,1,2,0,0", "1,8,5,2,3,4,1,4,0,0")
    convert("visdrone", tmp_path / "drone", tmp_path / "drone")
    return tmp_path


def _merge(root, *parts, **rename):
    output = root / "mixed" / "annotations" / "train.json"
    return merge(Mix("mixed", list(parts), rename), root, output)


def test_numbers_names_and_places(root):
    document = _merge(root, CROWD, MOT)
    assert document["info"] == {
        "dataset": "mix",
        "split": "train",
        "parts": ["crowdhuman/annotations/train.json", "mot/annotations/train_half.json"],
        "image_root": "../..",
    }
    assert document["videos"] == [
        {"id": 1, "file_name": "CrowdHuman_train"},
        {"id": 2, "file_name": "MOT17-02-FRCNN", "frame_rate": 25},
    ]
    assert image_rows(document) == [
        (1, "crowdhuman/CrowdHuman_train/a,b.jpg", 1, -1, -1, 1, 60, 40),
        (2, "mot/train/MOT17-02-FRCNN/img1/000001.jpg", 1, -1, 3, 2, 100, 50),
        (3, "mot/train/MOT17-02-FRCNN/img1/000002.jpg", 2, 2, -1, 2, 100, 50),
    ]
    assert box_rows(document) == [
        (1, 1, 1, -1, [1, 2, 3, 4], 12, 1, 0),
        (2, 2, 1, 1, [10, 5, 20, 30], 600, 1, 0),
        (3, 3, 1, 1, [11, 5, 20, 30], 600, 1, 0),
    ]
    assert identity_rows(document) == [(1, "mot", "MOT17-02-FRCNN", 7)]
    assert document["categories"] == [{"id": 1, "name": "person"}]
    assert _merge(root, MOT, CROWD)["categories"] == [{"id": 1, "name": "pedestrian"}]


def test_classes_are_united_by_name(root):
    document = _merge(root, MOT, CROWD, DRONE, person="pedestrian", people="pedestrian")
    names = {record["id"]: record["name"] for record in document["categories"]}
    assert list(names.items())[:3] == [(1, "pedestrian"), (2, "bicycle"), (3, "car")]
    assert len(names) == 9
    assert [row[2] for row in box_rows(document)] == [1, 1, 1, 1, 3]
    apart = _merge(root, MOT, CROWD, DRONE)
    names = {record["id"]: record["name"] for record in apart["categories"]}
    assert [names[row[2]] for row in box_rows(apart)] == [
        "pedestrian",
        "pedestrian",
        "person",
        "people",
        "car",
    ]


def _who(document):
    """File and identity of each box."""
    files = {record["id"]: record["file_name"] for record in document["images"]}
    return sorted((files[row[1]], row[4], row[3]) for row in box_rows(document))


def test_the_order_of_the_parts_changes_no_identity(root):
    expected = _merge(root, MOT, CROWD, DRONE)
    assert identity_rows(expected) == [
        (1, "drone", "uav1", 7),
        (2, "drone", "uav1", 8),
        (3, "mot", "MOT17-02-FRCNN", 7),
    ]
    for parts in permutations((MOT, CROWD, DRONE)):
        document = _merge(root, *parts)
        assert document["identities"] == expected["identities"]
        assert _who(document) == _who(expected)


def test_halves_of_a_sequence_share_their_identities(root):
    document = _merge(root, MOT, Part("mot17", "mot", "val_half"))
    assert len(document["images"]) == 3
    assert document["info"]["image_root"] == "../../mot/train"
    assert [row[3] for row in box_rows(document)] == [1, 1, 1]


def test_wrong_parts(root):
    with pytest.raises(InputError, match=r"train_half\.json both have .*001\.jpg; leave out"):
        _merge(root, MOT, MOT)
    with pytest.raises(InputError, match=r"train\.json and .*train_half\.json both have"):
        _merge(root, MOT, CROWD, Part("mot17", "mot", "train"))
    with pytest.raises(InputError) as error:
        _merge(root, MOT, Part("mot20", "MOT20", "train"))
    assert str(error.value) == (
        f"{root}/MOT20/annotations/train.json: no such file; make it: "
        f"python tools/convert_dataset.py mot20 --data-dir {root}/MOT20"
    )
    with pytest.raises(InputError, match=r"train_half\.json: is a part of the mix"):
        merge(Mix("x", [MOT], {}), root, MOT.path(root))


def test_parts_of_other_makers(root):
    path = root / "mot" / "annotations" / "train_half.json"
    document = json.loads(path.read_text())
    dump(path, document | {"identities": []})
    with pytest.raises(InputError, match=r"annotations\[0\]\.track_id is 1, which no identity has"):
        _merge(root, MOT)
    del document["identities"]
    dump(path, document)
    with pytest.raises(InputError, match=r"does not say who its track_ids are; convert it"):
        _merge(root, MOT)


def test_sequences_of_one_name_in_two_folders_are_two(root):
    rows = ("1,7,10,5,20,30,1,1,1", "2,7,11,5,20,30,1,1,1", "3,7,12,5,20,30,1,1,1")
    for site in ("a", "b"):
        sequence(root / site / "data" / "train" / "street-01", 3, *rows)
        convert("synthetic", root / site / "data", root / site / "data")
    parts = [Part("synthetic", f"{site}/data", "train") for site in ("a", "b")]
    document = _merge(root, *parts)
    assert identity_rows(document) == [
        (1, "a/data", "street-01", 7),
        (2, "b/data", "street-01", 7),
    ]
    assert [row[3] for row in box_rows(document)] == [1, 1, 1, 2, 2, 2]
    dump(root / "mixed" / "annotations" / "train.json", document)
    again = merge(Mix("x", [Part("coco", "mixed", "train")], {}), root, root / "x.json")
    assert [row[3] for row in box_rows(again)] == [1, 1, 1, 2, 2, 2]
    halves = [Part("synthetic", "a/data", "train_half"), Part("synthetic", "a/data/", "val_half")]
    assert len(_merge(root, *halves)["identities"]) == 1


def test_renamed_classes_must_be_there(root):
    with pytest.raises(InputError, match=r"rename has 'persn', .* classes person, pedestrian$"):
        _merge(root, CROWD, MOT, persn="pedestrian")


def test_the_root_of_a_linked_part_is_where_the_link_leads(root):
    (root / "links").mkdir()
    (root / "links" / "mot").symlink_to(root / "mot")
    document = _merge(root, Part("mot17", "links/mot", "train_half"))
    assert document["info"]["image_root"] == "../../mot/train"
    with pytest.raises(InputError, match=r"both have .*001\.jpg; leave out"):
        _merge(root, MOT, Part("mot17", "links/mot", "train"))


def test_the_mixes_of_bytetrack():
    mixes = {name: read_mix(name) for name in mix_names()}
    assert list(mixes) == ["mix_ablation", "mix_det", "mix_mot20_ch", "ch_all"]
    assert mixes["mix_ablation"] == Mix(
        "mix_mot_ch", [MOT, CROWD, Part("crowdhuman", "crowdhuman", "val")], {}
    )
    assert [part.converter for part in mixes["mix_det"].parts] == [
        "mot17",
        "crowdhuman",
        "crowdhuman",
        "ethz",
        "citypersons",
    ]


def test_own_mixes(tmp_path):
    path = tmp_path / "own.ini"
    text(
        path, "[own]", "folder = o", "parts = coco pets train", "rename = dog: animal, cat: animal"
    )
    assert read_mix("own", path) == Mix(
        "o", [Part("coco", "pets", "train")], {"dog": "animal", "cat": "animal"}
    )
    assert mix_names(path) == [*mix_names(), "own"]
    assert read_mix("ch_all", path) == read_mix("ch_all")
    with pytest.raises(InputError, match=r"own\.ini has no mix 'x'; give one of mix_ab.*, own$"):
        read_mix("x", path)
    for lines, message in (
        (["folder = o"], r"own\.ini: .*no section headers"),
        (["[own]", "folder = o"], r"own\.ini: \[own\] needs folder and parts"),
        (["[own]", "folder = o", "parts ="], r"own\.ini: \[own\] has no parts"),
        (["[own]", "folder = o", "parts = mot17 mot"], r"\[own\] has the part 'mot17 mot'; give"),
        (["[own]", "folder = o", "parts = x mot y"], r"\[own\] has the part 'x mot y'"),
        (
            ["[own]", "folder = o", "parts = coco a b", "rename = dog"],
            r"\[own\] has rename 'dog'; give old: new",
        ),
        (["[own]", "folder = o", "parts = coco 'a b"], r"coco 'a b.: No closing quotation"),
        (["[own]", "folders = o"], r"\[own\] has folders; give folder, parts and rename"),
    ):
        text(path, *lines)
        with pytest.raises(InputError, match=message):
            read_mix("own", path)


def test_a_wrong_section_hinders_no_other(tmp_path):
    path = tmp_path / "own.ini"
    text(path, "[bad]", "folder = o", "[own]", "folder = o", "parts = coco 'my pets' train")
    assert read_mix("own", path).parts == [Part("coco", "my pets", "train")]
    assert read_mix("ch_all", path) == read_mix("ch_all")
