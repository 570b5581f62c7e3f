"""Random predictions and objects, as tensors and as the plain lists of `reference_losses`."""

import math
import random

import torch
from losses.reference_losses import Picture, Thing, decode

from yolox.models.yolo_head import Predictions
from yolox.structures.targets import Targets

# Not square, or a mistaken height for a width would not be seen.
HEIGHT, WIDTH = IMAGE_SIZE = 96, 160
PLACES = [
    (column, row, stride)
    for stride in (8, 16, 32)
    for row in range(HEIGHT // stride)
    for column in range(WIDTH // stride)
]


def random_batch(seed, counts, num_classes=3, largest=90):
    """Make a batch with `counts[b]` objects in image b; a third of them have their centre outside.

    Boxes lie on a grid of a quarter of a pixel, where single precision makes no error: whether a
    place is inside is then never a matter of rounding. Most places predict an object near them.
    """
    rng = random.Random(seed)
    images, boxes, class_ids, identities = [], [], [], []
    offsets, objectness, classes = [], [], []
    for image, count in enumerate(counts):
        own = [_random_box(rng, largest) for _ in range(count)]
        offsets.append([_random_offset(rng, place, own) for place in PLACES])
        objectness.append([rng.gauss(-1, 2) for _ in PLACES])
        classes.append([[rng.gauss(0, 2) for _ in range(num_classes)] for _ in PLACES])
        images += [image] * count
        boxes += own
        class_ids += [rng.randrange(num_classes) for _ in own]
        identities += [rng.randrange(-1, 6) for _ in own]
    predictions = Predictions(
        torch.tensor(offsets),
        torch.tensor(objectness),
        torch.tensor(classes),
        torch.tensor(PLACES).float(),
    )
    return predictions, make_targets(images, boxes, class_ids, identities)


def make_targets(images, boxes, class_ids=None, identities=None):
    integer = torch.int64
    return Targets(
        torch.tensor(images, dtype=integer),
        torch.tensor(boxes, dtype=torch.float32).reshape(-1, 4),
        torch.tensor(class_ids or [0] * len(images), dtype=integer),
        torch.tensor(identities or [-1] * len(images), dtype=integer),
    )


def as_lists(predictions, targets):
    """Restate a batch for the reference: one `Picture` an image."""
    things = list(
        zip(
            targets.images.tolist(),
            targets.boxes.tolist(),
            targets.class_ids.tolist(),
            targets.identities.tolist(),
            strict=True,
        )
    )
    return [
        Picture(offsets, objectness, classes, [Thing(*rest) for at, *rest in things if at == image])
        for image, (offsets, objectness, classes) in enumerate(
            zip(
                predictions.offsets.float().tolist(),
                predictions.objectness.float().tolist(),
                predictions.classes.float().tolist(),
                strict=True,
            )
        )
    ]


def _random_box(rng, largest):
    outside = 80 if rng.random() < 0.1 else 12  # 80: too far for a place in the square of YOLOX
    return [
        rng.randrange(-4 * outside, 4 * (WIDTH + outside)) / 4,
        rng.randrange(-4 * outside, 4 * (HEIGHT + outside)) / 4,
        rng.randrange(8, 2 * largest) / 2,
        rng.randrange(8, 2 * largest) / 2,
    ]


def _random_offset(rng, place, boxes):
    column, row, stride = place
    anywhere = [
        rng.uniform(-0.5, 1.5),
        rng.uniform(-0.5, 1.5),
        rng.gauss(0, 0.8),
        rng.gauss(0, 0.8),
    ]
    x, y = decode(anywhere, place)[:2]
    near = [
        box
        for box in boxes
        if abs(box[0] - x) < max(box[2] / 2, 2 * stride)
        and abs(box[1] - y) < max(box[3] / 2, 2 * stride)
    ]
    if not near or rng.random() < 0.2:
        return anywhere
    x, y, width, height = rng.choice(near)
    noise = rng.choice([0.02, 0.1, 0.3])
    return [
        x / stride - column + rng.gauss(0, noise),
        y / stride - row + rng.gauss(0, noise),
        math.log(width / stride) + rng.gauss(0, noise),
        math.log(height / stride) + rng.gauss(0, noise),
    ]
