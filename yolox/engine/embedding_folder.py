"""Embeddings for stored detections, cut from the images by a ReID network of somebody else's."""

from __future__ import annotations

from collections.abc import Callable, Iterator
from hashlib import sha256
from pathlib import Path
from typing import NamedTuple

import numpy as np

from yolox.data.footage.sequence import SequenceFootage
from yolox.engine.crop_embedder import CropEmbedder
from yolox.engine.sequence_folder import begin_folder
from yolox.engine.sequence_set import SequenceSet
from yolox.formats.mot import read_detections, read_sequence_info, write_embeddings
from yolox.structures import DetectionTable, InputError
from yolox.structures.boxes import Array
from yolox.structures.preprocessing import LEGACY, Preprocessing

NOTE = "embedded_by.json"


class Embedded(NamedTuple):
    """What became of one sequence; `rows` is None where its embeddings were there already.

    Attributes:
        name: Of the sequence.
        rows: Detections of it.
        outside: How many of them have no pixel in the image.
    """

    name: str
    rows: int | None
    outside: int


def embed_folder(
    model: Path,
    detections: Path,
    sequences: SequenceSet,
    output: Path,
    *,
    preprocessing: Preprocessing = LEGACY,
    size: tuple[int, int] | None = None,
    batch_size: int = 32,
    on_frame: Callable[[], object] = lambda: None,
) -> Iterator[Embedded]:
    """Write `output/<sequence>.npy` for every sequence that has none yet, each as it is done.

    Args:
        model: As for `CropEmbedder`, like the three after `output`.
        detections: Folder of `<sequence>.txt`.
        sequences: Whose images are looked at.
        output: Folder for the embeddings; may be that of the detections.
        preprocessing: What the network expects.
        size: Of its input.
        batch_size: Crops at once.
        on_frame: Called after each frame that has detections.

    Raises:
        InputError: A file is missing or malformed, or the output was made otherwise.
    """
    embedder = CropEmbedder(model, preprocessing=preprocessing, size=size, batch_size=batch_size)
    made_by = {
        "model": sha256(model.read_bytes()).hexdigest(),
        "size": list(embedder.size),
        "channels": preprocessing.channels,
        "scale": preprocessing.scale,
        "mean": list(preprocessing.mean),
        "std": list(preprocessing.std),
        "detections": str(detections.resolve()),
        "images": str(sequences.root.resolve()),
    }
    begin_folder(output, NOTE, made_by, suffix=".npy", inputs=(sequences.root,))
    for name in sequences.names:
        path, file = output / f"{name}.npy", detections / f"{name}.txt"
        if path.exists():
            yield Embedded(name, None, 0)
            continue
        table = read_detections(file)
        _check_length(table, file, sequences.root / name)
        rows, outside = embed_sequence(embedder, sequences.root / name, table, on_frame=on_frame)
        write_embeddings(path, file, rows)
        yield Embedded(name, len(rows), outside)


def embed_sequence(
    embedder: CropEmbedder,
    sequence: Path,
    table: DetectionTable,
    *,
    on_frame: Callable[[], object] = lambda: None,
) -> tuple[Array, int]:
    """Embed all detections of a sequence.

    Args:
        embedder: The network.
        sequence: Folder of `seqinfo.ini` and the images; only those from the first frame with
            detections to the last are read.
        table: The detections.
        on_frame: Called after each frame that has detections.

    Returns:
        `(N, D)` float32 of unit length, in the order of the table, and how many boxes have no pixel
        in the image.
    """
    parts: list[Array] = []
    outside = 0
    if not len(table):
        return np.empty((0, 0), dtype=np.float32), 0
    first = int(table.frames[0])
    with SequenceFootage(sequence, first, table.last_frame) as footage:
        for frame in footage:
            boxes = table.at(first + frame.number - 1).boxes
            if not len(boxes):
                continue
            assert frame.image is not None
            parts.append(embedder.embed(frame.image, boxes))
            high, wide = frame.image.shape[:2]
            within = (boxes[:, :2] < [wide, high]).all(axis=1) & (boxes[:, 2:] > 0).all(axis=1)
            outside += int((~within).sum())
            on_frame()
    return np.concatenate(parts), outside


def _check_length(table: DetectionTable, path: Path, sequence: Path) -> None:
    length = read_sequence_info(sequence / "seqinfo.ini").length
    if table.last_frame > length:
        raise InputError(
            f"{path}: detections reach frame {table.last_frame}, but seqinfo.ini gives the "
            f"sequence {length} frames; give the detections of this sequence"
        )
