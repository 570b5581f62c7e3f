"""A network over the images of sequences: detections with embeddings, as trackers take them."""

from __future__ import annotations

from collections.abc import Callable, Iterable
from pathlib import Path

import numpy as np
import torch

from yolox.data.images import read_image
from yolox.data.loader import normalise
from yolox.data.preprocess import letterbox
from yolox.formats.mot import read_sequence_info
from yolox.formats.sequence_images import check_size, find_images
from yolox.models.yolox import YOLOX
from yolox.postprocess import postprocess
from yolox.structures import Detections, DetectionTable, InputError


@torch.inference_mode()
def detect_sequence(
    model: YOLOX,
    sequence: Path,
    size: tuple[int, int],
    *,
    device: torch.device | str = "cpu",
    batch_size: int = 1,
    score_thresh: float = 0.1,
    nms_thresh: float = 0.7,
    progress: Callable[[Iterable[int]], Iterable[int]] = iter,
) -> DetectionTable:
    """Detect and embed everybody in a sequence of MOTChallenge's layout.

    Args:
        model: In evaluation mode, on `device`, with its preprocessing set.
        sequence: Folder of `seqinfo.ini` and the images.
        size: Height and width of the network input.
        device: Where the model is.
        batch_size: Images at once; changes the speed alone.
        score_thresh: Least score of a detection.
        nms_thresh: Largest overlap of two detections that both stay.
        progress: Wraps the numbers of the frames.

    Returns:
        The detections in image pixels; with embeddings where the model has a ReID head.

    Raises:
        InputError: An image is missing, damaged or of another size than seqinfo.ini says.
    """
    if model.preprocessing is None:
        raise InputError("model.preprocessing is not set; load weights, or say what they expect")
    info = read_sequence_info(sequence / "seqinfo.ini")
    paths = find_images(sequence, info, 1, info.length)
    by_frame: list[Detections] = []
    padded, letterboxes = [], []
    for frame in progress(range(1, info.length + 1)):
        image = read_image(paths[frame - 1])
        check_size(paths[frame - 1], (image.shape[1], image.shape[0]), info)
        pixels, fitted = letterbox(image, size)
        padded.append(torch.from_numpy(pixels).permute(2, 0, 1))
        letterboxes.append(fitted)
        if len(padded) == batch_size or frame == info.length:
            images = normalise(torch.stack(padded).to(device), model.preprocessing)
            by_frame += postprocess(
                model(images),
                letterboxes,
                score_thresh=score_thresh,
                nms_thresh=nms_thresh,
                reid_head=model.reid_head,
            )
            padded, letterboxes = [], []
    return _join(by_frame)


def _join(by_frame: list[Detections]) -> DetectionTable:
    embeddings = [found.embeddings for found in by_frame if found.embeddings is not None]
    return DetectionTable(
        frames=np.repeat(np.arange(1, len(by_frame) + 1), [len(found) for found in by_frame]),
        boxes=np.concatenate([found.boxes for found in by_frame]),
        scores=np.concatenate([found.scores for found in by_frame]),
        class_ids=np.concatenate([found.class_ids for found in by_frame]),
        embeddings=np.concatenate(embeddings) if embeddings else None,
    )
