import os
import pickle
import shutil
import subprocess
import sys
from collections import namedtuple

import cv2
import numpy as np
import pytest
import torch
from data.painted import Person, document, painted, street, write
from torch.utils.data import DataLoader, Dataset

from yolox.data import cache as module
from yolox.data.annotations import read_annotations
from yolox.data.cache import MEMORY, ImageCache
from yolox.data.dataset import EvaluationView, MOTDataset
from yolox.data.images import read_annotated
from yolox.data.mosaic import Augmentation
from yolox.data.training import Draw, TrainingView
from yolox.structures import InputError

SIZES = [(40, 60), (61, 83), (100, 30)]


@pytest.fixture
def annotations(tmp_path):
    return street(tmp_path, SIZES).annotations


@pytest.fixture
def folder(tmp_path):
    (tmp_path / "cache").mkdir()
    return tmp_path / "cache"


@pytest.fixture
def reads(monkeypatch):
    """The images that are decoded, in order."""
    decoded = []

    def spied(annotations, index, *rest, **options):
        decoded.append(index)
        return read_annotated(annotations, index, *rest, **options)

    monkeypatch.setattr(module, "read_annotated", spied)
    return decoded


@pytest.fixture(params=["memory", "disk"])
def anywhere(request, folder):
    if request.param == "disk":
        yield folder
        return
    if not os.access(MEMORY, os.W_OK):
        pytest.skip(f"no {MEMORY} to write to")
    before = set(MEMORY.glob("images-*.cache"))
    yield MEMORY
    for path in set(MEMORY.glob("images-*.cache")) - before:
        path.unlink()


def test_the_same_pixels_decoded_once(annotations, anywhere, reads):
    cache = ImageCache(annotations, anywhere)
    assert cache.nbytes == sum(3 * height * width for height, width in SIZES)
    for _ in range(3):
        for index in (2, 0, 1):
            np.testing.assert_array_equal(cache.read(index), read_annotated(annotations, index))
    assert reads == [2, 0, 1]


@pytest.mark.parametrize("within", [None, (40, 40)])
@pytest.mark.parametrize("reduction", [1, 2, 4])
def test_memory_and_disk_keep_the_same_pixels(tmp_path, folder, monkeypatch, within, reduction):
    """So a run may go on with the other one; without a cache the pixels are not the same."""
    random = np.random.default_rng(0)
    write(tmp_path, document(SIZES, [[]] * 3, suffix=".jpg"))
    for row, size in enumerate(SIZES, start=1):
        noise = random.integers(0, 256, (*size, 3), dtype=np.uint8)
        assert cv2.imwrite(str(tmp_path / "img" / f"{row:06d}.jpg"), noise)
    annotations = read_annotations(tmp_path / "made.json")
    on_disk = ImageCache(annotations, folder, within)
    memory = tmp_path / "memory"
    memory.mkdir()
    monkeypatch.setattr(module, "MEMORY", memory)
    in_memory = ImageCache(annotations, memory, within)
    plain = MOTDataset(annotations)
    for index in range(3):
        first, second = (cache.read(index, reduction) for cache in (on_disk, in_memory))
        np.testing.assert_array_equal(first, second)
        assert not np.array_equal(first, plain.read(index, reduction))


def test_it_takes_the_room_it_says(annotations, folder):
    cache = ImageCache(annotations, folder)
    cache.read(0)
    (path,) = folder.iterdir()
    assert path.name.startswith("images-")
    assert path.suffix == ".cache"
    assert path.stat().st_size == cache.nbytes + 3


def test_found_again(annotations, folder, reads):
    ImageCache(annotations, folder).read(1)
    again = ImageCache(annotations, folder)
    np.testing.assert_array_equal(again.read(1), read_annotated(annotations, 1))
    assert reads == [1]
    again.read(0)
    assert reads == [1, 0]
    assert len(list(folder.iterdir())) == 1


def test_found_by_another_process(tmp_path, annotations, folder):
    ImageCache(annotations, folder).read(1)
    code = """
import sys
from pathlib import Path
from yolox.data import cache
from yolox.data.annotations import read_annotations
def refuse(*_):
    raise AssertionError("decoded again")
made = cache.ImageCache(read_annotations(Path(sys.argv[1])), Path(sys.argv[2]))
cache.read_annotated = refuse
print(int(made.read(1).sum()))
try:
    made.read(0)
except AssertionError as error:
    print(error)
"""
    done = subprocess.run(
        [sys.executable, "-c", code, tmp_path / "made.json", folder],
        capture_output=True, text=True, check=True, env=os.environ | {"PYTHONPATH": os.getcwd()},
    )  # fmt: skip
    expected = int(read_annotated(annotations, 1).sum())
    assert done.stdout.split("\n")[:2] == [str(expected), "decoded again"]


class Sums(Dataset):
    def __init__(self, cache, length):
        self.cache, self.length = cache, length

    def __len__(self):
        return self.length

    def __getitem__(self, index):
        return int(self.cache.read(index).sum())


def test_shared_between_workers(annotations, anywhere, reads):
    """What the workers decoded, the main process has."""
    cache = ImageCache(annotations, anywhere)
    loader = DataLoader(Sums(cache, 3), num_workers=2, generator=torch.Generator())
    sums = [int(s) for s in loader]
    assert sums == [int(read_annotated(annotations, index).sum()) for index in range(3)]
    assert [int(cache.read(index).sum()) for index in range(3)] == sums
    assert reads == []


def test_a_pickled_cache_has_no_pixels_in_it(annotations, folder, reads):
    cache = ImageCache(annotations, folder)
    cache.read(0)
    sent = pickle.dumps(cache)
    assert len(sent) < 4000 + len(pickle.dumps(annotations))
    received = pickle.loads(sent)
    np.testing.assert_array_equal(received.read(0), cache.read(0))
    received.read(1)
    cache.read(1)
    assert reads == [0, 1]


def test_a_changed_image_is_decoded_anew(tmp_path, annotations, folder, reads):
    ImageCache(annotations, folder).read(0)
    path = tmp_path / "img" / "000001.png"
    cv2.imwrite(str(path), np.full((40, 60, 3), 9, dtype=np.uint8))
    os.utime(path, ns=(1, 1))
    assert (ImageCache(annotations, folder).read(0) == 9).all()
    assert reads == [0, 0]


def test_other_data_sets_have_files_of_their_own(tmp_path, annotations, folder, reads):
    (tmp_path / "other").mkdir()
    other = painted(tmp_path / "other", SIZES, [[Person((0, 0, 30, 30))], [], []]).annotations
    first, second, small = (
        ImageCache(annotations, folder), ImageCache(other, folder),
        ImageCache(annotations, folder, within=(30, 30)),
    )  # fmt: skip
    for cache in (first, second, small):
        cache.read(0)
    assert reads == [0, 0, 0]
    assert len(list(folder.iterdir())) == 3
    np.testing.assert_array_equal(second.read(0), read_annotated(other, 0))
    np.testing.assert_array_equal(first.read(0), read_annotated(annotations, 0))


def test_a_broken_image_is_not_kept(tmp_path, annotations, folder):
    path = tmp_path / "img" / "000001.png"
    whole = path.read_bytes()
    path.write_bytes(whole[: len(whole) // 2])
    cache = ImageCache(annotations, folder)
    for _ in range(2):
        with pytest.raises(InputError, match=r"000001.png"):
            cache.read(0)
    path.write_bytes(whole)
    np.testing.assert_array_equal(cache.read(0), read_annotated(annotations, 0))
    np.testing.assert_array_equal(cache.read(1), read_annotated(annotations, 1))


def test_what_was_read_cannot_be_changed(annotations, folder):
    """The pixels are those of all workers, and of the next run."""
    cache = ImageCache(annotations, folder)
    for _ in range(2):
        image = cache.read(0)
        with pytest.raises(ValueError, match="read-only"):
            image[0, 0] = 7
    np.testing.assert_array_equal(cache.read(0), read_annotated(annotations, 0))


@pytest.mark.parametrize("place", ["folder", "memory"])
def test_no_room(annotations, folder, monkeypatch, place):
    usage = namedtuple("usage", ["free"])
    need = sum(3 * height * width for height, width in SIZES)
    if place == "memory":
        monkeypatch.setattr(module, "MEMORY", folder)
    monkeypatch.setattr(shutil, "disk_usage", lambda _: usage(need - 1))
    with pytest.raises(InputError, match=r"3 images take 0.0 GB, 0.0 GB are free; keep them smal"):
        ImageCache(annotations, folder)
    assert list(folder.iterdir()) == []
    ImageCache(annotations, folder, within=(20, 20)).read(0)
    monkeypatch.setattr(shutil, "disk_usage", lambda _: usage(need))
    cache = ImageCache(annotations, folder)
    for index in range(3):
        cache.read(index)
    # What is there already needs no room.
    monkeypatch.setattr(shutil, "disk_usage", lambda _: usage(0))
    ImageCache(annotations, folder).read(0)


def test_no_room_in_memory(annotations, folder, monkeypatch):
    """The file system may be larger than what is free of the memory that it lies in."""
    monkeypatch.setattr(module, "MEMORY", folder)
    monkeypatch.setattr(module, "_available_memory", lambda: 100)
    with pytest.raises(InputError, match=r"3 images take 0.0 GB, 0.0 GB are free"):
        ImageCache(annotations, folder)
    assert list(folder.iterdir()) == []


def test_a_missing_folder(annotations, folder):
    with pytest.raises(InputError, match="elsewhere: no such folder; make it"):
        ImageCache(annotations, folder / "elsewhere")


@pytest.mark.parametrize(
    ("within", "expected"),
    [
        ((50, 50), [(33, 50), (36, 50), (50, 15)]),
        ((1000, 1000), SIZES),  # nothing is enlarged
        ((20, 1000), [(20, 30), (20, 27), (20, 6)]),
        ((1, 1), [(1, 1)] * 3),
    ],
)
def test_within_shrinks(annotations, folder, within, expected):
    cache = ImageCache(annotations, folder, within=within)
    assert cache.nbytes == sum(3 * height * width for height, width in expected)
    for index, (height, width) in enumerate(expected):
        image = cache.read(index)
        assert image.shape == (height, width, 3)
        by_area = cv2.resize(
            read_annotated(annotations, index), (width, height), interpolation=cv2.INTER_AREA
        )
        np.testing.assert_array_equal(image, by_area)


@pytest.mark.parametrize("reduction", [1, 2, 4, 8])
def test_a_fraction_of_what_is_kept(annotations, folder, reduction):
    whole = ImageCache(annotations, folder)
    # Kept at a half, which is what a reduction by 2 asks for.
    half = ImageCache(annotations, folder, within=(20, 1000))
    for index, (height, width) in enumerate(SIZES):
        image = whole.read(index, reduction)
        assert image.shape == (-(-height // reduction), -(-width // reduction), 3)
        direct = read_annotated(annotations, index, reduction)
        assert np.abs(image.astype(int) - direct).max() <= 1
    expected = {1: (20, 30), 2: (20, 30), 4: (10, 15), 8: (5, 8)}[reduction]
    assert half.read(0, reduction).shape == (*expected, 3)


@pytest.mark.parametrize("within", [None, (128, 224)])
def test_training_pictures_are_nearly_those_without(tmp_path, folder, within):
    plain = street(tmp_path, [(240, 320), (180, 300), (300, 200)])
    cached = MOTDataset(
        plain.annotations, cache=ImageCache(plain.annotations, folder, within=within)
    )
    how = Augmentation(scale=(0.3, 0.8))
    for number in range(20):
        draw = Draw(number % 3, number, (96, 160), mosaic=number % 4 > 0)
        ours = TrainingView(cached, how, seed=1)[draw]
        theirs = TrainingView(plain, how, seed=1)[draw]
        for one, other in zip(ours.objects, theirs.objects, strict=True):
            np.testing.assert_array_equal(one, other)
        assert np.abs(ours.image.astype(int) - theirs.image).mean() < 2.5


def test_evaluation_does_not_see_what_is_kept(annotations, folder):
    plain = MOTDataset(annotations)
    cached = MOTDataset(annotations, cache=ImageCache(annotations, folder, within=(20, 20)))
    for index in range(3):
        np.testing.assert_array_equal(
            EvaluationView(cached, (64, 64))[index].image,
            EvaluationView(plain, (64, 64))[index].image,
        )


def test_memory_is_given_back(tmp_path, annotations):
    if not os.access(MEMORY, os.W_OK):
        pytest.skip(f"no {MEMORY} to write to")
    code = """
import sys
from pathlib import Path
from yolox.data.annotations import read_annotations
from yolox.data.cache import MEMORY, ImageCache
cache = ImageCache(read_annotations(Path(sys.argv[1])), MEMORY)
cache.read(0)
assert cache._path.exists()
print(cache._path)
"""
    done = subprocess.run(
        [sys.executable, "-c", code, tmp_path / "made.json"],
        capture_output=True, text=True, check=True, env=os.environ | {"PYTHONPATH": os.getcwd()},
    )  # fmt: skip
    assert done.stdout.startswith("/dev/shm/images-")
    assert not os.path.exists(done.stdout.strip())


def test_annotations_reread_find_the_same_cache(tmp_path, annotations, folder, reads):
    ImageCache(annotations, folder).read(0)
    ImageCache(read_annotations(tmp_path / "made.json"), folder).read(0)
    assert reads == [0]


@pytest.mark.skipif(not module.MEMORY.is_dir(), reason="this system has no /dev/shm")
def test_available_memory_counts_what_can_be_given_back():
    assert 1e8 < module._available_memory() < 1e14
