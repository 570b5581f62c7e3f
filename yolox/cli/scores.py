"""Tables of scores, printed."""

from __future__ import annotations

from collections.abc import Iterable

from tqdm import tqdm

from yolox.cli.command_line import warn
from yolox.metrics.scores import Scores, doubts, format_scores
from yolox.metrics.tracking import Backend, Benchmark, Protocol, ScoredSequence, evaluate


def show_scores(
    sequences: dict[str, ScoredSequence],
    protocols: Iterable[Protocol],
    benchmark: Benchmark | None,
    backend: Backend,
) -> dict[Protocol, Scores]:
    """Score by each protocol, print the tables, and give the scores by protocol."""
    report: dict[Protocol, Scores] = {}
    for protocol in protocols:
        with tqdm(total=len(sequences), desc=protocol, leave=False, disable=None) as bar:
            report[protocol] = evaluate(
                sequences, protocol, benchmark, on_done=bar.update, backend=backend
            )
        print(f"\nprotocol {protocol}\n{format_scores(report[protocol])}")
        warn(doubts(report[protocol]))
    return report
