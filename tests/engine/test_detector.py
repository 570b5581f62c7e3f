import numpy as np
import pytest
import torch
from engine.straight import run

from yolox.data.synthetic import make_scene
from yolox.data.synthetic.rendering import render
from yolox.engine.checkpoint import load_model, read_checkpoint
from yolox.engine.detector import ClassFilter, NetworkDetector, cpu_streams
from yolox.exp import load_exp
from yolox.models.build import ReIDOptions, yolox_nano
from yolox.structures import InputError
from yolox.structures.preprocessing import LEGACY

SIZE = (256, 448)


@pytest.fixture(scope="module")
def trained(root):
    """Make the network whose weights come with the project; each detector changes its own."""
    exp = load_exp(root / "exps/example/synthetic/yolox_nano_reid_long.py")
    checkpoint = read_checkpoint(root / "pretrained/yolox_nano_reid_synthetic.pth")

    def make():
        model = exp.get_model()
        load_model(model, checkpoint)
        return model

    return make


@pytest.fixture(scope="module")
def images():
    scene = make_scene(8, 3, seed=5, width=448, height=252)
    return list(render(scene))


@pytest.fixture(scope="module")
def plain(trained, images):
    """What the network says as it was trained, image by image."""
    return run(NetworkDetector(trained(), SIZE, fused=False, channels_last=False), images, 1)


def assert_alike(found, expected, *, pixels, score, cosine):
    """Check that the sure detections are the same, in whatever order."""
    assert len(found) == len(expected)
    for one, other in zip(found, expected, strict=True):
        mine, theirs = one.take(one.scores > 0.3), other.take(other.scores > 0.3)
        assert len(mine) == len(theirs) > 2
        for row in range(len(theirs)):
            away = np.abs(mine.boxes - theirs.boxes[row]).max(axis=1)
            near = away.argmin()
            assert away[near] < pixels
            assert abs(mine.scores[near] - theirs.scores[row]) < score
            assert mine.embeddings[near] @ theirs.embeddings[row] > 1 - cosine


@pytest.mark.parametrize("fused", [True, False])
@pytest.mark.parametrize("channels_last", [True, False])
@pytest.mark.parametrize("batch_size", [1, 3])
def test_what_makes_it_fast_changes_nothing(
    trained, images, plain, fused, channels_last, batch_size
):
    detector = NetworkDetector(trained(), SIZE, fused=fused, channels_last=channels_last)
    found = run(detector, images, batch_size)
    assert_alike(found, plain, pixels=0.01, score=1e-4, cosine=1e-5)


def test_fused_and_channels_last_are_done(trained):
    detector = NetworkDetector(trained(), SIZE)
    assert not any(isinstance(m, torch.nn.BatchNorm2d) for m in detector.model.modules())
    weight = detector.model.backbone.backbone.stem.conv.conv.weight
    assert weight.is_contiguous(memory_format=torch.channels_last)
    kept = NetworkDetector(trained(), SIZE, fused=False, channels_last=False).model
    assert any(isinstance(m, torch.nn.BatchNorm2d) for m in kept.modules())
    assert kept.backbone.backbone.stem.conv.conv.weight.is_contiguous()


def test_half_precision_is_near(trained, images, plain):
    detector = NetworkDetector(trained(), SIZE, precision="bf16")
    assert next(detector.model.parameters()).dtype == torch.bfloat16
    found = run(detector, images, 3)
    # Three digits: a pixel or two of a box, a few degrees of an embedding.
    assert_alike(found, plain, pixels=4, score=0.1, cosine=0.02)
    assert all(one.embeddings.dtype == np.float32 for one in found)


@pytest.mark.slow
def test_a_compiled_network_says_the_same(trained, images, plain):
    found = run(NetworkDetector(trained(), SIZE, compiled=True), images, 2)  # and a batch of one
    assert_alike(found, plain, pixels=0.05, score=1e-3, cosine=1e-4)


def test_another_size_of_image_is_fitted_and_brought_back(trained, images, plain):
    detector = NetworkDetector(trained(), SIZE)
    larger = [np.repeat(np.repeat(image, 2, axis=0), 2, axis=1) for image in images]
    for one, half in zip(run(detector, larger, 1), plain, strict=True):
        sure = half.boxes[half.scores > 0.6]
        away = np.abs(one.boxes[None] / 2 - sure[:, None]).max(axis=2).min(axis=1)
        assert len(sure)
        assert away.max() < 5


def test_thresholds(trained, images, plain):
    sure = run(NetworkDetector(trained(), SIZE, score_thresh=0.6), images, 3)
    alone = run(NetworkDetector(trained(), SIZE, score_thresh=0.6, nms_thresh=0.01), images, 3)
    for one, all_of, few in zip(sure, plain, alone, strict=True):
        assert len(one) == (all_of.scores >= 0.6).sum() < len(all_of)
        assert len(few) <= len(one)
    assert sum(map(len, alone)) < sum(map(len, sure))


@pytest.mark.parametrize(
    ("options", "message"),
    [
        ({"precision": "fp16"}, "fp16 is for a GPU; take bf16 on a CPU, or a GPU by --device"),
        ({"size": (96, 100)}, r"input is \[96, 100\]; give multiples of 32"),
        ({"score_thresh": 1.5}, "score_thresh is 1.5; give a number from 0 to 1"),
        ({"nms_thresh": -1}, "nms_thresh is -1; give a number from 0 to 1"),
        ({"class_names": ["a", "b"]}, "the model has 1 classes, 2 names are given"),
    ],
)
def test_what_does_not_go(options, message):
    model = yolox_nano(1)
    model.preprocessing = LEGACY
    with pytest.raises(InputError, match=message):
        NetworkDetector(model, **{"size": (96, 160), **options})


def test_a_model_without_weights():
    with pytest.raises(InputError, match=r"model\.preprocessing is not set"):
        NetworkDetector(yolox_nano(1), (96, 160))


def test_what_is_no_image():
    model = yolox_nano(1)
    model.preprocessing = LEGACY
    with pytest.raises(InputError, match="image is NoneType; was it read"):
        NetworkDetector(model, (96, 160)).prepare(None)


def test_some_classes_only():
    torch.manual_seed(3)
    model = yolox_nano(5, ReIDOptions("fused", 8))
    model.preprocessing = LEGACY
    for layer in model.head.cls_preds:
        torch.nn.init.normal_(layer.weight, std=100.0)
    detector = NetworkDetector(model, (96, 160), score_thresh=0.0, class_names=list("abcde"))
    image = np.random.default_rng(0).integers(0, 256, (96, 160, 3)).astype(np.uint8)
    (every,) = run(detector, [image], 1)
    assert len(set(every.class_ids.tolist())) > 2
    only = ClassFilter(detector, [0, 3])
    assert (only.class_names, only.streams) == (detector.class_names, detector.streams)
    (some,) = run(only, [image], 1)
    kept = np.isin(every.class_ids, [0, 3])
    assert 0 < len(some) == kept.sum() < len(every)
    assert np.array_equal(some.class_ids, every.class_ids[kept])
    assert np.array_equal(some.boxes, every.boxes[kept])
    assert np.array_equal(some.embeddings, every.embeddings[kept])


def test_a_cpu_is_shared_by_several_images(trained):
    assert 1 <= cpu_streams() <= 8
    assert NetworkDetector(trained(), SIZE).streams == cpu_streams()


def test_embeddings_of_half_precision_maps_are_of_their_place():
    """Above pixel 256 bf16 tells only every second pixel apart, above 1024 every eighth."""
    head = yolox_nano(1, ReIDOptions("fused", 2)).reid_head
    # A map that says where it was read.
    y, x = torch.meshgrid(torch.arange(100.0), torch.arange(180.0), indexing="ij")
    level = torch.stack([x, y])[None].bfloat16()
    points = torch.tensor([[1001.0, 403.0], [777.0, 790.5], [4.0, 4.0]])
    images = locations = torch.zeros(3, dtype=torch.long)
    for maps in ([level], [level.half()], [level.float()]):
        read = head.embed(maps, images, locations, points)
        assert read.dtype == torch.float32
        torch.testing.assert_close(read, points / 8 - 0.5, rtol=0, atol=1e-3)
