"""Real layouts with tiny images, and documents as rows that are written down by hand."""

import json

import numpy as np
from PIL import Image

from yolox.data.convert import convert

IMAGE_KEYS = {
    "id",
    "file_name",
    "frame_id",
    "prev_image_id",
    "next_image_id",
    "video_id",
    "width",
    "height",
}
BOX_KEYS = {
    "id",
    "image_id",
    "category_id",
    "track_id",
    "bbox",
    "area",
    "visibility",
    "iscrowd",
    "conf",
}


def image(path, width=100, height=50):
    path.parent.mkdir(parents=True, exist_ok=True)
    Image.fromarray(np.zeros((height, width, 3), np.uint8)).save(path)


def text(path, *lines):
    path.parent.mkdir(parents=True, exist_ok=True)
    path.write_text("".join(f"{line}\n" for line in lines))


def dump(path, document):
    text(path, json.dumps(document))


def sequence(folder, length, *rows, suffix="{:06d}.jpg", images=True):
    """A sequence as MOTChallenge lays it out, 100 × 50."""
    text(
        folder / "seqinfo.ini",
        "[Sequence]",
        f"name={folder.name}",
        f"seqLength={length}",
        "imWidth=100",
        "imHeight=50",
        "frameRate=25",
    )
    for frame in range(1, length + 1) if images else ():
        image(folder / "img1" / suffix.format(frame))
    if rows:
        text(folder / "gt" / "gt.txt", *rows)


def converted(name, folder, on_error="raise", output=None):
    """Convert, and read back what was written, by split."""
    results = convert(name, folder, output or folder, on_error=on_error)
    return {
        result.path.stem: (json.loads(result.path.read_text()), result.conversion)
        for result in results
        if result.document is not None
    }


def image_rows(document):
    """Images as id, file, frame, previous, next, video, width, height."""
    order = ("id", "file_name", "frame_id", "prev_image_id", "next_image_id", "video_id")
    assert all(record.keys() == IMAGE_KEYS for record in document["images"])
    return [
        tuple(record[key] for key in (*order, "width", "height")) for record in document["images"]
    ]


def box_rows(document):
    """Annotations as id, image, category, track, box, area, visibility, crowd."""
    order = ("id", "image_id", "category_id", "track_id", "bbox", "area", "visibility", "iscrowd")
    for record in document["annotations"]:
        assert record.keys() - {"bbox_vis"} == BOX_KEYS
        assert record["conf"] == 1
    return [tuple(record[key] for key in order) for record in document["annotations"]]


def identity_rows(document):
    """Identities as track id, data set, sequence, raw id."""
    order = ("track_id", "dataset", "sequence", "raw_id")
    return [tuple(record[key] for key in order) for record in document["identities"]]
