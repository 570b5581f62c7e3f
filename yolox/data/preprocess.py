"""Images to network input."""

from __future__ import annotations

import cv2
import numpy as np

from yolox.structures import InputError
from yolox.structures.boxes import Array
from yolox.structures.preprocessing import Letterbox, Preprocessing

PADDING = 114


def fit(image: tuple[int, int], size: tuple[int, int]) -> tuple[int, int, float]:
    """Scale an image to fit, to whole pixels.

    Args:
        image: Its height and width.
        size: Height and width to fit into.

    Returns:
        The scaled height and width, and the scale before they were rounded down.
    """
    scale = min(size[0] / image[0], size[1] / image[1])
    return max(int(image[0] * scale), 1), max(int(image[1] * scale), 1), scale


def letterbox(image: Array, size: tuple[int, int]) -> tuple[Array, Letterbox]:
    """Scale an image to fit and pad it with grey on the right and below.

    Args:
        image: `(H, W, 3)` uint8.
        size: Height and width of the network input.

    Returns:
        `(*size, 3)` uint8, and what was done.

    Raises:
        InputError: The image is of another kind.
    """
    if not isinstance(image, np.ndarray):
        raise InputError(f"image is {type(image).__name__}; was it read? OpenCV gives None if not")
    if image.ndim != 3 or image.shape[2] != 3 or image.dtype != np.uint8 or not image.size:
        raise InputError(f"image is {image.dtype} {image.shape}; give uint8 (height, width, 3)")
    height, width, scale = fit((image.shape[0], image.shape[1]), size)
    scaled = cv2.resize(image, (width, height), interpolation=cv2.INTER_LINEAR)
    padded = np.full((*size, 3), PADDING, dtype=np.uint8)
    padded[: scaled.shape[0], : scaled.shape[1]] = scaled
    return padded, Letterbox(scale)


def preprocess(
    image: Array, size: tuple[int, int], convention: Preprocessing | None
) -> tuple[Array, Letterbox]:
    """Turn an image into network input.

    Args:
        image: `(H, W, 3)` uint8 in OpenCV's channel order, BGR.
        size: Height and width of the network input.
        convention: What the weights expect: `model.preprocessing`.

    Returns:
        `(3, *size)` float32, and the letterbox to undo.

    Raises:
        InputError: The image is of another kind, or the model has no weights yet.
    """
    if convention is None:
        raise InputError("the model's preprocessing is not set; load weights first")
    padded, fitted = letterbox(image, size)
    if convention.channels == "rgb":
        padded = padded[:, :, ::-1]
    pixels = padded.transpose(2, 0, 1).astype(np.float32)
    if convention.scale != 1:
        pixels *= np.float32(convention.scale)
    if any(convention.mean) or convention.std != (1, 1, 1):
        pixels -= np.array(convention.mean, dtype=np.float32)[:, None, None]
        pixels /= np.array(convention.std, dtype=np.float32)[:, None, None]
    return np.ascontiguousarray(pixels), fitted
