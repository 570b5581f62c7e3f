import random

import cv2
import numpy as np
import pytest
import torch
from data.painted import street

from yolox.data.annotations import Objects
from yolox.data.cache import ImageCache
from yolox.data.convert import convert
from yolox.data.dataset import EvaluationView, MOTDataset, Sample
from yolox.data.loader import collate, evaluation_loader, normalise, training_loader
from yolox.data.mosaic import Augmentation
from yolox.data.preprocess import preprocess
from yolox.data.sampler import IdentityBalanced, Shuffled, TrainingBatches
from yolox.data.training import TrainingView
from yolox.structures import InputError
from yolox.structures.preprocessing import CURRENT, LEGACY, Letterbox
from yolox.structures.targets import check_targets

# More workers than cores is what is tested.
pytestmark = pytest.mark.filterwarnings("ignore:This DataLoader will create")

SIZES = [(40, 60), (61, 83), (100, 30), (50, 50), (64, 96)]
PICTURES = [(32, 64), (64, 96), (64, 32)]


@pytest.fixture
def dataset(tmp_path):
    return street(tmp_path, SIZES)


def loaded(dataset, *, workers=0, order=None, on_error="raise", **options):
    view = TrainingView(dataset, Augmentation(), seed=9, on_error=on_error)
    defaults = {"batch_size": 2, "stop": 7, "sizes": PICTURES, "seed": 3, "resize_every": 2}
    order = order or Shuffled(len(dataset), seed=4)
    batches = TrainingBatches(order, **(defaults | {"mosaic_until": 4} | options))
    return list(training_loader(view, batches, workers=workers))


def assert_same(ours, theirs):
    assert len(ours) == len(theirs)
    for a, b in zip(ours, theirs, strict=True):
        assert torch.equal(a.images, b.images)
        assert a.images.stride() == b.images.stride()
        for one, other in zip(a.targets, b.targets, strict=True):
            assert torch.equal(one, other)
        assert torch.equal(a.indices, b.indices)
        assert (a.letterboxes, a.faults) == (b.letterboxes, b.faults)


@pytest.mark.parametrize("workers", [0, 1, 4])
def test_workers_and_interruptions_change_nothing(dataset, workers):
    expected = loaded(dataset)
    assert len({batch.images.shape for batch in expected}) > 1
    assert_same(loaded(dataset, workers=workers), expected)
    for start in (3, 5):
        assert_same(loaded(dataset, workers=workers, start=start), expected[start:])


def test_a_loader_can_be_gone_through_twice(dataset):
    view = TrainingView(dataset, Augmentation(), seed=9)
    batches = TrainingBatches(Shuffled(5, seed=1), batch_size=2, stop=4, sizes=PICTURES, seed=1)
    loader = training_loader(view, batches, workers=2)
    assert len(loader) == 4
    assert_same(list(loader), list(loader))


def test_ranks_together_are_the_single_process(dataset):
    alone = loaded(dataset, batch_size=4, stop=4)
    ranks = [loaded(dataset, stop=4, rank=rank, world_size=2) for rank in (0, 1)]
    for whole, first, second in zip(alone, *ranks, strict=True):
        assert torch.equal(whole.images, torch.cat([first.images, second.images]))
        assert torch.equal(
            whole.targets.boxes, torch.cat([first.targets.boxes, second.targets.boxes])
        )


def test_balanced_batches(dataset):
    order = IdentityBalanced(dataset.annotations, 2, seed=1)
    batches = loaded(dataset, order=order, batch_size=4)
    assert_same(loaded(dataset, order=order, batch_size=4, workers=2), batches)


def test_a_cache_shared_by_workers_changes_nothing(dataset, tmp_path):
    (tmp_path / "cache").mkdir()
    cached = MOTDataset(
        dataset.annotations, cache=ImageCache(dataset.annotations, tmp_path / "cache")
    )
    first = loaded(cached, workers=3)
    assert_same(first, loaded(cached))
    assert_same(loaded(cached, workers=1), first)


@pytest.mark.parametrize("workers", [0, 2])
def test_global_generators_are_left_alone(dataset, workers):
    """Models and losses draw from them, and must draw alike whatever loads the data."""
    torch.manual_seed(1)
    np.random.seed(1)
    random.seed(1)
    before = torch.get_rng_state(), np.random.get_state()[1].copy(), random.getstate()
    loaded(dataset, workers=workers)
    view = EvaluationView(dataset, (32, 32))
    list(evaluation_loader(view, batch_size=2, workers=workers))
    assert torch.equal(torch.get_rng_state(), before[0])
    assert (np.random.get_state()[1] == before[1]).all()
    assert random.getstate() == before[2]


def test_global_generators_do_not_matter(dataset):
    torch.manual_seed(1)
    np.random.seed(1)
    first = loaded(dataset, workers=1)
    torch.manual_seed(2)
    np.random.seed(2)
    assert_same(loaded(dataset, workers=1), first)


def sample(count, index=0, size=(4, 6), **options):
    boxes = np.arange(4 * count, dtype=np.float32).reshape(count, 4) * (1, 1, 2, 3) + (0, 0, 1, 1)
    objects = Objects(
        boxes.astype(np.float32),
        np.arange(count),
        np.arange(count) + 2**40 * index - 1,
        np.ones(count, dtype=np.float32),
    )
    pixels = np.random.default_rng(index).integers(0, 256, (*size, 3), dtype=np.uint8)
    return Sample(pixels, objects, index, **options)


def test_collate():
    samples = [
        sample(0, 5), sample(2, 6, faults=("a",)), sample(0, 7), sample(3, 8, faults=("b", "c")),
        sample(0, 9, letterbox=Letterbox(0.5)),
    ]  # fmt: skip
    batch = collate(samples)
    assert batch.images.dtype == torch.uint8
    assert batch.images.shape == (5, 3, 4, 6)
    assert batch.images.is_contiguous(memory_format=torch.channels_last)
    for image, one in zip(batch.images, samples, strict=True):
        np.testing.assert_array_equal(image.permute(1, 2, 0), one.image)
    check_targets(batch.targets, 5, 3)
    assert batch.targets.images.tolist() == [1, 1, 3, 3, 3]
    assert batch.targets.images.dtype == batch.targets.class_ids.dtype == torch.int64
    # 0, 1, 5, 10 and 4, 5, 13, 22 as centre and sides.
    assert batch.targets.boxes[:2].tolist() == [[2.5, 5.5, 5, 9], [8.5, 13.5, 9, 17]]
    assert batch.targets.boxes.dtype == torch.float32
    assert batch.targets.class_ids.tolist() == [0, 1, 0, 1, 2]
    far = 2**43
    assert batch.targets.identities.tolist() == [
        6 * 2**40 - 1, 6 * 2**40, far - 1, far, far + 1,
    ]  # fmt: skip
    assert batch.indices.tolist() == [5, 6, 7, 8, 9]
    assert batch.letterboxes == [None] * 4 + [Letterbox(0.5)]
    assert batch.faults == ["a", "b", "c"]


def test_collate_without_any_object():
    batch = collate([sample(0), sample(0)])
    check_targets(batch.targets, 2, 1)
    assert batch.targets.boxes.shape == (0, 4)
    assert batch.targets.images.dtype == torch.int64


@pytest.mark.parametrize("clip", [False, True])
def test_targets_of_training_are_sound(dataset, clip):
    view = TrainingView(dataset, Augmentation(clip=clip, perspective=0.0005), seed=9)
    batches = TrainingBatches(
        Shuffled(5, seed=1), batch_size=4, stop=20, sizes=PICTURES, seed=1, mosaic_until=15
    )
    for batch in training_loader(view, batches, workers=0):
        check_targets(batch.targets, 4, 2)
        assert (batch.targets.identities < 20).all()


def test_moving_a_batch(dataset):
    batch = loaded(dataset, stop=1)[0]
    moved = batch.to("meta")
    assert {t.device.type for t in (moved.images, *moved.targets)} == {"meta"}
    assert moved.indices is batch.indices
    same = batch.to("cpu")
    assert_same([same], [batch])


@pytest.mark.parametrize("convention", [LEGACY, CURRENT], ids=["legacy", "current"])
@pytest.mark.parametrize("size", [(32, 32), (48, 80)])
def test_normalise_is_preprocess(dataset, convention, size):
    view = EvaluationView(dataset, size)
    for batch in evaluation_loader(view, batch_size=2, workers=0):
        before = batch.images.clone()
        pixels = normalise(batch.images, convention)
        assert pixels.dtype == torch.float32
        assert pixels.is_contiguous(memory_format=torch.channels_last)
        assert torch.equal(batch.images, before)
        for image, index in zip(pixels, batch.indices, strict=True):
            expected, _ = preprocess(dataset[int(index)].image, size, convention)
            np.testing.assert_allclose(image, expected, atol=1e-5)


def test_normalise_takes_any_layout():
    images = torch.arange(2 * 3 * 4 * 5, dtype=torch.uint8).reshape(2, 3, 4, 5)
    for convention in (LEGACY, CURRENT):
        plain = normalise(images, convention)
        last = normalise(images.contiguous(memory_format=torch.channels_last), convention)
        assert torch.equal(plain, last)


@pytest.mark.parametrize("workers", [0, 2])
def test_evaluation_goes_through_all_images_in_order(dataset, workers):
    view = EvaluationView(dataset, (32, 48))
    loader = evaluation_loader(view, batch_size=2, workers=workers)
    batches = list(loader)
    assert [batch.indices.tolist() for batch in batches] == [[0, 1], [2, 3], [4]]
    for batch in batches:
        check_targets(batch.targets, 2, 2)
        for place, index in enumerate(batch.indices.tolist()):
            centre = batch.targets.boxes[batch.targets.images == place].numpy()
            boxes = np.concatenate(
                [centre[:, :2] - centre[:, 2:] / 2, centre[:, :2] + centre[:, 2:] / 2], axis=1
            )
            np.testing.assert_allclose(
                batch.letterboxes[place].to_image(boxes),
                dataset.annotations.of_image(index).boxes, atol=1e-3,
            )  # fmt: skip


@pytest.fixture
def broken(tmp_path):
    """Of five images the second, a JPEG, is cut short and the fourth is missing."""
    dataset = street(tmp_path, SIZES)
    images = tmp_path / "img"
    noise = np.random.default_rng(0).integers(0, 256, (61, 83, 3), dtype=np.uint8)
    data = cv2.imencode(".jpg", noise)[1].tobytes()
    (images / "000002.png").write_bytes(data[: len(data) // 2])
    (images / "000004.png").unlink()
    return dataset


@pytest.mark.parametrize("workers", [0, 1])  # PyTorch takes 5 s to end a worker after an error
def test_what_cannot_be_read_stops_with_its_name(broken, workers):
    with pytest.raises(InputError, match=r"00000[24].png: "):
        loaded(broken, workers=workers)


def test_evaluation_stops_too(broken):
    view = EvaluationView(broken, (32, 32))
    with pytest.raises(InputError, match=r"000002.png: .*fetch it anew"):
        list(evaluation_loader(view, batch_size=1, workers=0))


def test_what_cannot_be_read_is_left_out_and_named(broken):
    batches = loaded(broken, on_error="skip", stop=12)
    assert_same(loaded(broken, on_error="skip", stop=12, workers=3), batches)
    named = {fault.split(": ")[0][-10:] for batch in batches for fault in batch.faults}
    assert named == {"000002.png", "000004.png"}
    for batch in batches:
        check_targets(batch.targets, 2, 2)


def test_only_broken_images(broken):
    for path in broken.annotations.root.iterdir():
        path.write_bytes(b"")
    with pytest.raises(InputError, match="no image can be read; the first: "):
        loaded(broken, on_error="skip")


@pytest.mark.data
def test_real_frames(shared_data, tmp_path):
    written = convert("mot17", shared_data / "frames", tmp_path, on_error="skip")
    dataset = MOTDataset(next(one.path for one in written if one.document is not None))
    options = {"sizes": [(256, 480)], "batch_size": 2, "stop": 6}
    batches = loaded(dataset, **options)
    assert_same(loaded(dataset, workers=2, **options), batches)
    for batch in batches:
        check_targets(batch.targets, 2, len(dataset.annotations.class_names))
        assert len(batch.targets.boxes) > 10
        assert batch.targets.identities.max() < dataset.annotations.num_identities
