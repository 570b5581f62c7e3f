"""The same numbers again, to the last bit, on a GPU too."""

from __future__ import annotations

import os

import torch


def make_repeatable() -> None:
    """Let PyTorch take only what adds up in the same order every time; on a CPU all does.

    To be called before anything has run on a GPU.
    """
    # cuBLAS otherwise shares out its memory by what runs at the same time.
    os.environ.setdefault("CUBLAS_WORKSPACE_CONFIG", ":4096:8")
    torch.use_deterministic_algorithms(True)
