"""Files that PyTorch wrote, read without running anything in them."""

from __future__ import annotations

from pathlib import Path
from typing import Any

import torch

from yolox.structures import InputError


class _Number:
    """Stands for a NumPy number, such as the best AP that YOLOX writes; nothing reads its value."""

    def __init__(self, *_: object) -> None: ...


class _NumberType:
    """Stands for the type of such a number, which must not be set up by what a file says."""

    def __init__(self, *_: object) -> None: ...

    def __setstate__(self, _: object) -> None: ...


_STAND_INS: list[Any] = [
    (_Number, "numpy.core.multiarray.scalar"),
    (_Number, "numpy._core.multiarray.scalar"),
    (_NumberType, "numpy.dtype"),
]


def read_plain(path: Path) -> Any:
    """Read plain data and tensors onto the CPU.

    Raises:
        InputError: The file is broken, or holds anything else.
    """
    try:
        with torch.serialization.safe_globals(_STAND_INS):
            return torch.load(path, map_location="cpu", weights_only=True)
    except Exception as error:  # a broken file can fail in any way inside the unpickler
        raise InputError(
            f"{path}: is no file of plain tensors ({type(error).__name__}); nothing in it was run"
        ) from None
