"""A converted data set as pictures: histograms, images with their boxes, training pictures."""

from __future__ import annotations

from collections.abc import Iterable
from pathlib import Path

import cv2
import numpy as np

from yolox.data.annotations import Annotations, Objects
from yolox.data.images import read_annotated
from yolox.data.preprocess import PADDING
from yolox.data.statistics import outside_share, track_lengths
from yolox.data.training import Draw, TrainingView
from yolox.formats.atomic import write_whole
from yolox.structures import InputError
from yolox.structures.boxes import Array
from yolox.visualize.boxes import draw_boxes
from yolox.visualize.histograms import Histogram, draw_histograms

# Smaller boxes, in pixels, would vanish under their labels.
_LABELLED = 60


def draw_statistics(path: Path, title: str, annotations: Annotations) -> None:
    """Write a PNG of histograms: sizes, visibility, crowdedness and lengths of tracks."""
    boxes = annotations.objects.boxes
    sides = boxes[:, 2:] - boxes[:, :2]
    counts, outside = np.diff(annotations.starts), outside_share(annotations)
    panels = [
        Histogram("Height", "pixels", sides[:, 1], "boxes", logarithmic=True),
        Histogram("Width by height", "ratio", sides[:, 0] / sides[:, 1], "boxes", logarithmic=True),
        Histogram("Visibility", "share", annotations.objects.visibility, "boxes"),
        Histogram(
            "Share outside, of boxes that leave the image", "share", outside[outside > 0], "boxes"
        ),
        Histogram("Identities in an image", "identities", _identities_each(annotations), "images"),
        Histogram("Objects in an image", "objects", counts, "images"),
        Histogram("Images of an identity", "images", track_lengths(annotations), "identities"),
    ]
    draw_histograms(path, title, panels)


def draw_samples(folder: Path, annotations: Annotations, count: int) -> list[str]:
    """Draw images, evenly spread, with boxes, identities and visibility.

    Returns:
        Why images could not be read; their boxes are drawn on grey.
    """
    faults = []
    chosen = np.linspace(0, len(annotations) - 1, min(count, len(annotations))).astype(int)
    for index in chosen.tolist():
        try:
            image = read_annotated(annotations, index)
        except InputError as error:
            faults.append(str(error))
            width, height = annotations.sizes[index].tolist()
            image = np.full((height, width, 3), PADDING, dtype=np.uint8)
        name = Path(annotations.files[index].replace("/", "-")).stem
        _draw(folder / f"{name}.jpg", image, annotations.of_image(index), annotations)
    return faults


def draw_pictures(folder: Path, view: TrainingView, size: tuple[int, int], count: int) -> list[str]:
    """Draw training pictures of images chosen at random, with what became of their objects.

    Returns:
        Why images could not be read; their places stay grey.

    Raises:
        InputError: An image cannot be read, and the view is not to skip it.
    """
    chance = np.random.default_rng(view.seed)
    faults: list[str] = []
    for number in range(count):
        sample = view[Draw(int(chance.integers(len(view))), number, size)]
        faults += sample.faults
        path = folder / f"{number:03d}.jpg"
        _draw(path, sample.image, sample.objects, view.dataset.annotations)
    return faults


def unreadable_images(annotations: Annotations, indices: Iterable[int]) -> list[str]:
    """Read images, and say what is wrong with those that cannot be."""
    faults = []
    for index in indices:
        try:
            read_annotated(annotations, index)
        except InputError as error:
            faults.append(str(error))
    return faults


def _identities_each(annotations: Annotations) -> Array:
    images = np.repeat(np.arange(len(annotations)), np.diff(annotations.starts))
    known = annotations.objects.identities >= 0
    return np.bincount(images[known], minlength=len(annotations))


def _draw(path: Path, image: Array, objects: Objects, annotations: Annotations) -> None:
    """Draw objects with track id, class if there are several, and visibility."""
    people = objects.identities.tolist()
    heights = objects.boxes[:, 3] - objects.boxes[:, 1]
    names = annotations.class_names if len(annotations.class_names) > 1 else None
    texts = []
    for row, who in enumerate(people):
        words = [str(annotations.track_ids[who])] if who >= 0 else []
        words += [names[objects.class_ids[row]]] if names else []
        words += [f"{objects.visibility[row]:.2f}"]
        texts.append(" ".join(words) if heights[row] >= _LABELLED else "")
    drawn = draw_boxes(image, objects.boxes, people, texts)
    with write_whole(path, "wb") as file:
        file.write(cv2.imencode(".jpg", drawn)[1].tobytes())
