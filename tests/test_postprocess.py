import numpy as np
import pytest
import torch

from yolox.models.build import ReIDOptions, yolox_nano
from yolox.models.yolo_head import Predictions, make_locations
from yolox.models.yolox import Output
from yolox.postprocess import postprocess
from yolox.structures.preprocessing import Letterbox

SIZE = 64
LOCATIONS = make_locations(
    [torch.Size((8, 8)), torch.Size((4, 4)), torch.Size((2, 2))], torch.device("cpu")
)


def _output(objects, classes=2, maps=None):
    """Predictions of one image that say (location, box, objectness, class, probability)."""
    count = len(LOCATIONS)
    offsets = torch.zeros(1, count, 4)
    objectness, class_logits = torch.full((1, count), -20.0), torch.full((1, count, classes), -20.0)
    for location, (x, y, w, h), is_object, class_id, probability in objects:
        column, row, stride = LOCATIONS[location]
        offsets[0, location] = torch.tensor(
            [x / stride - column, y / stride - row, (w / stride).log(), (h / stride).log()]
        )
        objectness[0, location] = torch.tensor(is_object).logit()
        class_logits[0, location, class_id] = torch.tensor(probability).logit()
    return Output(Predictions(offsets, objectness, class_logits, LOCATIONS), maps)


ONE = (10, (30.0, 20.0, 10.0, 16.0), 0.9, 1, 0.8)
SAME_PLACE = (11, (30.5, 20.0, 10.0, 16.0), 0.9, 1, 0.7)
OTHER_CLASS = (12, (30.5, 20.0, 10.0, 16.0), 0.9, 0, 0.7)


def test_one_object_comes_back_in_image_pixels():
    (found,) = postprocess(_output([ONE]), [Letterbox(0.5)], score_thresh=0.1)
    np.testing.assert_allclose(found.boxes, [[50, 24, 70, 56]], rtol=1e-5)
    np.testing.assert_allclose(found.scores, [0.72], rtol=1e-5)
    assert found.class_ids.tolist() == [1]
    assert found.embeddings is None


@pytest.mark.parametrize(
    ("objects", "agnostic", "scores"),
    [
        ([ONE, SAME_PLACE], False, [0.72]),
        ([ONE, OTHER_CLASS], False, [0.72, 0.63]),
        ([ONE, OTHER_CLASS], True, [0.72]),
        ([], False, []),
    ],
)
def test_suppression(objects, agnostic, scores):
    (found,) = postprocess(
        _output(objects), [Letterbox(1.0)], score_thresh=0.1, class_agnostic=agnostic
    )
    np.testing.assert_allclose(found.scores, scores, rtol=1e-5)


def test_threshold():
    for threshold, count in ((0.71, 1), (0.73, 0)):
        found = postprocess(_output([ONE]), [Letterbox(1.0)], score_thresh=threshold)
        assert len(found[0]) == count


def test_decoding_is_float32_whatever_the_type():
    exact = _output([(83, (61.3, 33.7, 20.2, 40.6), 0.9, 0, 0.9)])
    scaled = exact.predictions._replace(locations=LOCATIONS * torch.tensor([1, 1, 24.0]))
    for dtype in (torch.bfloat16, torch.float16):
        half = scaled._replace(
            offsets=scaled.offsets.to(dtype),
            objectness=scaled.objectness.to(dtype),
            classes=scaled.classes.to(dtype),
        )
        assert half.boxes().dtype == torch.float32
        raw = half.offsets[0, 83].float()
        column, row, stride = scaled.locations[83]
        expected = [
            float((raw[0] + column) * stride), float((raw[1] + row) * stride),
            float(raw[2].exp() * stride), float(raw[3].exp() * stride),
        ]  # fmt: skip
        assert half.boxes()[0, 83].tolist() == pytest.approx(expected, rel=1e-6)
        assert half.boxes()[0, 83, 0] > 1024  # where float16 has only whole pixels
        (found,) = postprocess(Output(half, None), [Letterbox(1.0)], score_thresh=0.1)
        assert found.boxes.dtype == np.float64


@pytest.mark.parametrize("kind", ["per_level", "fused"])
@pytest.mark.parametrize("bnneck", [False, True])
def test_embeddings_follow_the_surviving_boxes(kind, bnneck):
    torch.manual_seed(0)
    head = yolox_nano(1, ReIDOptions(kind, emb_dim=6, bnneck=bnneck)).eval().reid_head
    sizes = [(8, 8), (4, 4), (2, 2)] if kind == "per_level" else [(8, 8)]
    maps = [torch.randn(1, 6, *size) for size in sizes]
    other = (70, (50.0, 50.0, 8.0, 12.0), 0.95, 0, 0.9)
    output = _output([SAME_PLACE, ONE, other], maps=maps)
    (found,) = postprocess(output, [Letterbox(1.0)], score_thresh=0.1, reid_head=head)
    assert found.embeddings is not None
    np.testing.assert_allclose(np.linalg.norm(found.embeddings, axis=1), [1, 1], rtol=1e-5)
    for row, (location, box, *_) in enumerate((other, ONE)):
        raw = head.sample(
            maps, torch.tensor([0]), torch.tensor([location]), torch.tensor([box[:2]])
        )
        expected = torch.nn.functional.normalize(head.bnneck(raw))[0].detach().numpy()
        np.testing.assert_allclose(found.embeddings[row], expected, rtol=1e-4, atol=1e-5)


def test_a_box_beyond_any_image_is_none():
    output = _output([ONE, (40, (30.0, 20.0, 1e9, 16.0), 0.9, 1, 0.8)])
    output.predictions.offsets[0, 50] = torch.tensor([0, 0, 100.0, -100.0])
    output.predictions.offsets[0, 51] = torch.nan
    output.predictions.objectness[0, [50, 51]] = 5.0
    output.predictions.classes[0, [50, 51]] = 5.0
    (found,) = postprocess(output, [Letterbox(1.0)], score_thresh=0.1)
    np.testing.assert_allclose(found.scores, [0.72], rtol=1e-5)


def test_wrong_use_is_named():
    with pytest.raises(ValueError, match="2 letterboxes, 1 images"):
        postprocess(_output([ONE]), [Letterbox(1.0)] * 2)
    head = yolox_nano(1, ReIDOptions("fused", emb_dim=6)).reid_head
    with pytest.raises(ValueError, match=r"training mode; call model\.eval"):
        postprocess(_output([ONE]), [Letterbox(1.0)], reid_head=head)


def test_images_of_a_batch_do_not_mix():
    torch.manual_seed(0)
    head = yolox_nano(1, ReIDOptions("fused", emb_dim=6)).eval().reid_head
    maps = [torch.randn(2, 6, 8, 8)]
    single = [_output([ONE], maps=[maps[0][k : k + 1]]) for k in range(2)]
    both = Output(
        Predictions(
            *(torch.cat([part.repeat(2, *[1] * (part.ndim - 1))]) for part in single[0][0][:3]),
            LOCATIONS,
        ),
        maps,
    )
    found = postprocess(both, [Letterbox(1.0)] * 2, score_thresh=0.1, reid_head=head)
    for k in range(2):
        (alone,) = postprocess(single[k], [Letterbox(1.0)], score_thresh=0.1, reid_head=head)
        np.testing.assert_allclose(found[k].embeddings, alone.embeddings, rtol=1e-5)
