"""JDE's trees: a text file of `class id xc yc w h` for each image, in shares of the image's size.

`…/images/….png` has its labels in `…/labels_with_ids/….txt`. CityPersons and ETHZ come so from
JDE's data zoo, with a list of the images that are for training; so may one's own data.
https://github.com/Zhongdao/Towards-Realtime-MOT/blob/master/DATASET_ZOO.md describes them.
"""

from __future__ import annotations

from collections.abc import Iterator
from functools import partial
from itertools import groupby
from pathlib import Path, PurePosixPath

from yolox.data.convert.conversion import Conversion
from yolox.data.convert.images import image_size, is_image
from yolox.data.convert.rows import finite, read_rows, whole
from yolox.data.convert.video import Box, Image, Split, Video
from yolox.formats.text import read_text
from yolox.structures import InputError

COLUMNS = {
    "class": whole,
    "id": whole,
    "x of the centre": finite,
    "y of the centre": finite,
    "width": finite,
    "height": finite,
}


def splits(root: Path, listed_in: str | None = None) -> list[Split]:
    """Find the images, of which there are some in folders named `images`.

    Args:
        root: The data set's folder.
        listed_in: Name of the list of images, in `root` or in `data_path` beside it. A set that has
            such a list has no identities.
    """
    if not any(root.glob("**/images")):
        return []
    read = partial(_videos, root=root, listed_in=listed_in)
    return [Split("train", root, {1: "person"}, read)]


def _videos(conversion: Conversion, root: Path, listed_in: str | None) -> Iterator[Video]:
    names = _listed(root, listed_in) if listed_in else None
    if names is None:
        found = {path for path in root.glob("**/images/**/*") if is_image(path)}
        by_folder = sorted(found, key=lambda path: (path.parent, path.name))
        names = [path.relative_to(root).as_posix() for path in by_folder]
    label = root.resolve().name
    if listed_in is not None:
        yield _video(root, label, names, conversion, with_ids=False)._replace(still=True)
        return
    for folder, inside in groupby(names, key=lambda name: PurePosixPath(name).parent.as_posix()):
        video = _video(root, folder, list(inside), conversion, with_ids=True)
        has_ids = any(box.person is not None for box in video.boxes)
        # JDE numbers the identities of a whole data set.
        yield video._replace(still=not has_ids, identity_scope=label)


def _listed(root: Path, listed_in: str) -> list[str] | None:
    """Read a list of images, whose lines begin with the data set's folder; None without one."""
    for path in (root / listed_in, root.parent / "data_path" / listed_in):
        if path.is_file():
            lines = [line.strip() for line in read_text(path).split("\n")]
            for number, line in enumerate(lines, start=1):
                if line and "/images/" not in line:
                    raise InputError(
                        f"{path}:{number}: is {line!r}; give FOLDER/…/images/…, as JDE does"
                    )
            return [line.partition("/")[2] for line in lines if line]
    return None


def _video(
    root: Path, name: str, names: list[str], conversion: Conversion, *, with_ids: bool
) -> Video:
    images = []
    boxes: list[Box] = []
    for frame, file_name in enumerate(conversion.progress(names, name), start=1):
        size = image_size(root / file_name, conversion)
        if size is None:
            continue
        image = Image(frame, file_name, *size)
        images.append(image)
        above, _, below = f"/{file_name}".rpartition("/images/")
        labels = (root / above[1:] / "labels_with_ids" / below).with_suffix(".txt")
        if labels.is_file():
            boxes += conversion.attempt(partial(_boxes, labels, image, conversion, with_ids)) or []
        else:
            conversion.notes["images without a label file, kept without boxes"] += 1
    return Video(name, images, boxes, length=len(names))


def _boxes(labels: Path, image: Image, conversion: Conversion, with_ids: bool) -> list[Box]:
    boxes = []
    for where, (class_id, identity, x, y, width, height) in read_rows(labels, COLUMNS, conversion):
        if class_id != 0:
            conversion.fault(
                "wrong row",
                f"{where}: class is {class_id}; people are 0, and nothing else is known here: "
                "give other classes as COCO JSON",
            )
            continue
        tlwh = (
            image.width * (x - width / 2),
            image.height * (y - height / 2),
            image.width * width,
            image.height * height,
        )
        boxes.append(Box(image.frame, tlwh, where, identity=identity if with_ids else None))
    return boxes
