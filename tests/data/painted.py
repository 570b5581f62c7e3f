"""Small data sets whose images show who is where: each person is a rectangle of its own colour."""

import itertools
import json
from pathlib import Path
from typing import NamedTuple

import cv2
import numpy as np

from yolox.data.annotations import read_annotations
from yolox.data.dataset import MOTDataset

GREY = 114
# BGR. No mixture of one with grey, as at its edges, comes within TOLERANCE of another.
TOLERANCE = 30
COLOURS = np.array(
    [c for c in itertools.product((0, 128, 255), repeat=3) if len(set(c)) > 1], dtype=np.int16
)
CATEGORIES = [{"id": 3, "name": "rider"}, {"id": 1, "name": "person"}]


class Person(NamedTuple):
    """One record of an image; `bbox` is left, top, width, height, track ids are the file's."""

    bbox: tuple[float, float, float, float]
    track_id: int = 1
    category_id: int = 1
    visibility: float = 1.0


def document(sizes, people, names=None, suffix=".png"):
    """Make a COCO document for video of images of `sizes` (height, width) with their people."""
    names = names or [f"{row + 1:06d}{suffix}" for row in range(len(sizes))]
    images = [
        {
            "id": 10 + row,
            "file_name": name,
            "width": width,
            "height": height,
            "frame_id": row + 1,
            "video_id": 1,
        }
        for row, (name, (height, width)) in enumerate(zip(names, sizes, strict=True))
    ]
    annotations = [
        {"id": 0, "image_id": 10 + row, "iscrowd": 0, **person._asdict()}
        for row, those in enumerate(people)
        for person in those
    ]
    return {
        "info": {"image_root": "img"},
        "images": images,
        "annotations": [dict(record, id=i) for i, record in enumerate(annotations)],
        "categories": CATEGORIES,
        "videos": [{"id": 1, "file_name": "street"}],
    }


def write(folder: Path, made) -> Path:
    (folder / "img").mkdir(exist_ok=True)
    path = folder / "made.json"
    path.write_text(json.dumps(made))
    return path


def colour_of(person: Person):
    return COLOURS[person.track_id % len(COLOURS)]


def paint(size, people, background=GREY):
    image = np.full((*size, 3), background, dtype=np.uint8)
    for person in people:
        left, top, width, height = (int(side) for side in person.bbox)
        image[max(top, 0) : max(top + height, 0), max(left, 0) : max(left + width, 0)] = colour_of(
            person
        )
    return image


def painted(folder: Path, sizes, people, suffix=".png", cache=None) -> MOTDataset:
    """Write images and annotations, and load them."""
    path = write(folder, document(sizes, people, suffix=suffix))
    for row, (size, those) in enumerate(zip(sizes, people, strict=True)):
        cv2.imwrite(str(folder / "img" / f"{row + 1:06d}{suffix}"), paint(size, those))
    return MOTDataset(read_annotations(path), cache=cache)


def street(folder: Path, sizes, seed=0, per_image=4) -> MOTDataset:
    """Make images with a person in each quarter, many reaching beyond the border; odd track ids.

    The people of image i have the track ids 7 · (4 i + k) + 2, so that identity 4 i + k has their
    colour only if they are renumbered in order: use `street_colour`.
    """
    random = np.random.default_rng(seed)
    people = []
    for row, (height, width) in enumerate(sizes):
        those = []
        for k in range(per_image):
            x, y = (k % 2) * width // 2, (k // 2) * height // 2
            wide = int(random.integers(width // 8, width // 3))
            tall = int(random.integers(height // 4, int(height / 2.2)))
            left = x + 2 + int(random.integers(0, max(width // 2 - wide - 4, 1)))
            top = y + 2 + int(random.integers(0, max(height // 2 - tall - 4, 1)))
            if random.random() < 0.4:
                left += -wide // 3 - left if k % 2 == 0 else width - left - wide // 2
            if random.random() < 0.3:
                top += -tall // 4 - top if k // 2 == 0 else height - top - tall // 2
            number = row * per_image + k
            those.append(
                Person((left, top, wide, tall), 7 * number + 2, category_id=1 if k % 3 else 3)
            )
        people.append(those)
    path = write(folder, document(sizes, people))
    for row, (size, those) in enumerate(zip(sizes, people, strict=True)):
        renumbered = [p._replace(track_id=(p.track_id - 2) // 7) for p in those]
        cv2.imwrite(str(folder / "img" / f"{row + 1:06d}.png"), paint(size, renumbered))
    return MOTDataset(read_annotations(path))


def shows(picture, identity):
    """Mask of the pixels in the colour of a person of a `street`."""
    colour = COLOURS[identity % len(COLOURS)]
    low, high = np.maximum(colour - TOLERANCE, 0), np.minimum(colour + TOLERANCE, 255)
    return cv2.inRange(picture, low.astype(float), high.astype(float)) > 0


def bounds(mask):
    rows, columns = np.flatnonzero(mask.any(axis=1)), np.flatnonzero(mask.any(axis=0))
    return np.array([columns[0], rows[0], columns[-1] + 1, rows[-1] + 1], dtype=float)
