"""The whole of it learns: detector and ReID head on eight images made up of coloured people."""

import numpy as np
import pytest
import torch

from yolox.engine.optimizer import parameter_groups
from yolox.losses.balance import Uncertainty
from yolox.losses.criterion import Criterion
from yolox.losses.reid import make_identity_loss
from yolox.models.build import ReIDOptions, yolox_nano
from yolox.postprocess import postprocess
from yolox.structures import box_iou
from yolox.structures.preprocessing import Letterbox
from yolox.structures.targets import Targets

IMAGES, PEOPLE, SIZE = 8, 5, 192
STEPS = 250


def _make_images():
    """Eight grey images with the same five people, each in clothes of their own."""
    random = np.random.default_rng(0)
    clothes = random.integers(0, 256, (PEOPLE, 2, 3))
    pixels = random.integers(90, 140, (IMAGES, SIZE, SIZE, 3)).astype(np.float32)
    boxes = np.zeros((IMAGES, PEOPLE, 4), dtype=np.float32)
    for image in range(IMAGES):
        columns = random.permutation(PEOPLE)
        for person in range(PEOPLE):
            width, height = random.integers(16, 26), random.integers(40, 70)
            left = columns[person] * SIZE // PEOPLE + random.integers(0, SIZE // PEOPLE - width + 4)
            top = random.integers(4, SIZE - height - 4)
            middle = top + height // 2
            pixels[image, top:middle, left : left + width] = clothes[person, 0]
            pixels[image, middle : top + height, left : left + width] = clothes[person, 1]
            boxes[image, person] = [left, top, left + width, top + height]
    tensor = torch.from_numpy(pixels).permute(0, 3, 1, 2) / 255
    return tensor.contiguous(memory_format=torch.channels_last), boxes


def _targets(boxes):
    flat = torch.from_numpy(boxes.reshape(-1, 4))
    centred = torch.cat([(flat[:, :2] + flat[:, 2:]) / 2, flat[:, 2:] - flat[:, :2]], dim=1)
    return Targets(
        images=torch.arange(IMAGES).repeat_interleave(PEOPLE),
        boxes=centred,
        class_ids=torch.zeros(IMAGES * PEOPLE, dtype=torch.int64),
        identities=torch.arange(PEOPLE).repeat(IMAGES),
    )


def _average_precision_50(found, boxes):
    """Area under the precision envelope, one class, overlap of at least a half."""
    ranked = sorted(
        (-score, image, row)
        for image, detections in enumerate(found)
        for row, score in enumerate(detections.scores)
    )
    taken, hits = set(), []
    for _, image, row in ranked:
        overlap = box_iou(found[image].boxes[row : row + 1], boxes[image])[0]
        overlap[[person for person in range(PEOPLE) if (image, person) in taken]] = 0
        hit = overlap.max() >= 0.5
        hits.append(hit)
        if hit:
            taken.add((image, int(overlap.argmax())))
    true = np.cumsum(hits)
    precision = true / np.arange(1, len(hits) + 1)
    envelope = np.maximum.accumulate(precision[::-1])[::-1]
    return float((envelope * np.diff(true, prepend=0)).sum() / (IMAGES * PEOPLE))


def _rank_1(found, boxes):
    """Share of people whose nearest embedding in the other images is their own."""
    embeddings, images, people = [], [], []
    for image, detections in enumerate(found):
        overlap = box_iou(boxes[image], detections.boxes)
        embeddings.append(detections.embeddings[overlap.argmax(axis=1)])
        images += [image] * PEOPLE
        people += range(PEOPLE)
    likeness = np.concatenate(embeddings) @ np.concatenate(embeddings).T
    images, people = np.array(images), np.array(people)
    likeness[images[:, None] == images] = -1
    return float((people[likeness.argmax(axis=1)] == people).mean())


@pytest.mark.slow
@pytest.mark.parametrize("kind", ["per_level", "fused"])
def test_nano_with_reid_learns_eight_images(kind):
    torch.manual_seed(0)
    images, boxes = _make_images()
    targets = _targets(boxes)
    model = yolox_nano(1, ReIDOptions(kind)).to(memory_format=torch.channels_last)
    balance = Uncertainty()
    criterion = Criterion(
        rule="bytetrack",
        identity_loss=make_identity_loss("cross_entropy", PEOPLE, 128),
        balance=balance,
    )
    optimizer = torch.optim.AdamW(parameter_groups(model, criterion), lr=4e-3)
    schedule = torch.optim.lr_scheduler.OneCycleLR(optimizer, 4e-3, STEPS)
    for _ in range(STEPS):
        losses = criterion(model(images), targets, (SIZE, SIZE), model.reid_head)
        optimizer.zero_grad()
        losses["total"].backward()
        optimizer.step()
        schedule.step()
    assert balance.s_det.item() != pytest.approx(-1.85)
    assert balance.s_id.item() != pytest.approx(-1.05)

    model.eval()
    with torch.inference_mode():
        output = model(images)
    found = postprocess(
        output, [Letterbox(1.0)] * IMAGES, score_thresh=0.05, reid_head=model.reid_head
    )
    assert _average_precision_50(found, boxes) > 0.95
    assert _rank_1(found, boxes) > 0.95
