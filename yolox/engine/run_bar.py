"""What a terminal shows of a run."""

from __future__ import annotations

from collections.abc import Mapping
from typing import Any

from tqdm import tqdm

from yolox.engine.run_log import summarise
from yolox.engine.trainer import Progress


class RunBar:
    """A bar of batches, where there is a terminal.

    Args:
        total: Batches of the run.
        start: Batches already done.
        quiet: Show nothing in any case.
    """

    def __init__(self, total: int, *, start: int = 0, quiet: bool = False) -> None:
        shown = True if quiet else None  # None: where there is a terminal
        self._bar: Any = tqdm(total=total, initial=start, unit="batch", disable=shown)

    def on_batch(self, progress: Progress) -> None:
        """Bring the bar up to date."""
        values = summarise([progress])
        self._bar.set_postfix(
            {
                "loss": f"{values['loss/total']:.3g}",
                "img/s": f"{values['images_a_second']:.1f}",
                "data": f"{values['share_of_waiting_for_data']:.0%}",
                "GiB": f"{values['memory_gib']:.1f}",
            },
            refresh=False,
        )
        self._bar.update()

    def on_scores(self, batch: int, scores: Mapping[str, float]) -> None:
        """Write the scores of an evaluation above the bar."""
        if not self._bar.disable:
            self._bar.write(", ".join(f"{name} {score:.4f}" for name, score in scores.items()))

    def close(self) -> None:
        """Leave the bar as it is."""
        self._bar.close()
