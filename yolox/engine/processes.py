"""Processes that work side by side, and what is said where one of them is ended."""

from __future__ import annotations

from collections.abc import Iterator
from concurrent.futures import ProcessPoolExecutor
from concurrent.futures.process import BrokenProcessPool
from contextlib import contextmanager

from yolox.structures import InputError


@contextmanager
def working(pool: ProcessPoolExecutor, cure: str) -> Iterator[ProcessPoolExecutor]:
    """Use a pool; what has not begun is dropped where anything goes wrong, and Ctrl-C is fast.

    Args:
        pool: Closed at the end.
        cure: What to do where a process was ended, and what is left of the work.

    Raises:
        InputError: A process was ended from outside.
    """
    with pool:
        try:
            yield pool
        except BrokenProcessPool:
            raise InputError(
                f"a process was ended from outside, perhaps for want of memory; {cure}"
            ) from None
        except BaseException:
            pool.shutdown(wait=False, cancel_futures=True)
            raise
