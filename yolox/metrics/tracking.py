"""Tracks and ground truth to the field's numbers: HOTA, CLEAR and Identity.

Two protocols go by the name of the library that defines them, because the same tracks score about
one MOTA apart: `trackeval` is MOTChallenge's own, `motmetrics` is what ByteTrack's README reports.
"""

from __future__ import annotations

import re
from collections.abc import Callable, Iterable, Mapping
from pathlib import Path
from types import ModuleType
from typing import Any, Literal, NamedTuple, get_args

from yolox.formats.mot import (
    Half,
    half_frames,
    read_ground_truth,
    read_sequence_info,
    read_tracks,
)
from yolox.metrics.scores import Curves, Scores
from yolox.structures import InputError, TrackTable, TruthTable

Protocol = Literal["trackeval", "motmetrics"]
PROTOCOLS: tuple[Protocol, ...] = get_args(Protocol)

Benchmark = Literal["MOT15", "MOT16", "MOT17", "MOT20", "DanceTrack"]
BENCHMARKS: tuple[Benchmark, ...] = get_args(Benchmark)

Backend = Literal["fast", "trackeval"]
BACKENDS: tuple[Backend, ...] = get_args(Backend)

COMBINED = "COMBINED"


class ScoredSequence(NamedTuple):
    """One sequence to score: frames 1 to `length` of truth and tracks."""

    truth: TruthTable
    tracks: TrackTable
    length: int


def load_sequences(
    truth: Path, results: Path, names: Iterable[str], half: Half = "all", frame_step: int = 1
) -> dict[str, ScoredSequence]:
    """Read results and the ground truth that belongs to them.

    Args:
        truth: Folder of `<sequence>/gt/gt.txt` and `<sequence>/seqinfo.ini`.
        results: Folder of `<sequence>.txt`, frames counted from 1 within the half.
        names: The sequences.
        half: Part of the ground truth that the results are of.
        frame_step: The results are of frames 1, 1 + `frame_step` and so on; no others are scored.

    Raises:
        InputError: A file is missing or malformed.
    """
    loaded = {}
    for name in names:
        if not (truth / name).is_dir():
            raise InputError(
                f"{results / name}.txt: there is no ground truth {truth / name}; "
                "name the sequences to score"
            )
        tracks = read_tracks(results / f"{name}.txt").every(frame_step)
        targets, length = load_truth(truth / name, half, frame_step)
        loaded[name] = ScoredSequence(targets, tracks, length)
    return loaded


def load_truth(folder: Path, half: Half = "all", frame_step: int = 1) -> tuple[TruthTable, int]:
    """Read what tracks are scored by: the rows of a half's frames, renumbered from 1, and how many.

    Args:
        folder: Of one sequence, with `gt/gt.txt` and `seqinfo.ini`.
        half: Part of it.
        frame_step: Take frames 1, 1 + `frame_step` and so on alone.

    Raises:
        InputError: A file is missing or malformed.
    """
    first, last = half_frames(read_sequence_info(folder / "seqinfo.ini").length, half)
    targets = read_ground_truth(folder / "gt" / "gt.txt").cut(first, last).every(frame_step)
    return targets, -(-(last - first + 1) // frame_step)


def annotated_sequences(truth: Path) -> set[str]:
    """Name the sequences of a folder that have ground truth."""
    return {path.parent.parent.name for path in truth.glob("*/gt/gt.txt")}


def check_annotated(truth: Path, names: Iterable[str]) -> bool:
    """Tell whether sequences have ground truth, all of them or, as in a test set, none.

    Raises:
        InputError: Some have it and some have not.
    """
    missing = sorted(set(names) - annotated_sequences(truth))
    if not missing:
        return True
    if len(missing) == len(set(names)):
        return False
    raise InputError(f"{truth}: no gt/gt.txt for {', '.join(missing)}; name the sequences to score")


def evaluate(
    sequences: Mapping[str, ScoredSequence],
    protocol: Protocol = "trackeval",
    benchmark: Benchmark | None = None,
    on_done: Callable[[], object] = lambda: None,
    *,
    backend: Backend = "fast",
) -> Scores:
    """Score every sequence and all of them together.

    Args:
        sequences: What to score, by sequence name.
        protocol: Whose definitions hold: `trackeval` or `motmetrics`.
        benchmark: Whose rules hold for `trackeval`; by each sequence's name if None.
        on_done: Called after each sequence, to show progress.
        backend: Who computes `trackeval`: this project (`fast`) or TrackEval itself, with the same
            numbers. `motmetrics` is always computed by py-motmetrics.

    Returns:
        For each sequence, and last for `COMBINED`, the metrics by name: shares in percent, the
        rest as counts. HOTA is the mean over its 19 thresholds.

    Raises:
        InputError: A table does not fit its sequence or the rules.
    """
    if protocol not in PROTOCOLS:
        raise InputError(f"protocol is {protocol!r}; give {' or '.join(PROTOCOLS)}")
    if protocol == "motmetrics":
        # Imported here: it takes longer to load than the tracker runs.
        from yolox.metrics import motmetrics_protocol as library
    else:
        library = _trackeval_library(backend)
    return library.summarise(_score_each(library, sequences, benchmark, on_done), COMBINED)


def evaluate_with_curves(
    sequences: Mapping[str, ScoredSequence],
    benchmark: Benchmark | None = None,
    on_done: Callable[[], object] = lambda: None,
    *,
    backend: Backend = "fast",
) -> tuple[Scores, Curves]:
    """Score by `trackeval` as `evaluate` does, and give what its HOTA, DetA and AssA are means of.

    Returns:
        The scores, and by sequence and metric the shares in percent at the overlaps 0.05, 0.10, …
        0.95.
    """
    library = _trackeval_library(backend)
    partials = _score_each(library, sequences, benchmark, on_done)
    return library.summarise(partials, COMBINED), library.curves(partials, COMBINED)


def benchmark_of(sequence: str) -> Benchmark:
    """Tell by a sequence's name whose rules hold.

    `MOT16-…`, `MOT17-…`, `MOT20-…` and `dancetrack…` name themselves. Everything else gets the
    rules of MOT15, which know no classes: every considered box is a target.
    """
    named = re.match(r"(MOT16|MOT17|MOT20)-|(dancetrack)", sequence)
    if not named:
        return "MOT15"
    return "DanceTrack" if named[2] else named[1]  # type: ignore[return-value]


def _trackeval_library(backend: Backend) -> ModuleType:
    # Imported here: both take longer to load than the tracker runs.
    if backend == "fast":
        from yolox.metrics import fast_protocol

        return fast_protocol
    if backend == "trackeval":
        from yolox.metrics import trackeval_protocol

        return trackeval_protocol
    raise InputError(f"backend is {backend!r}; give {' or '.join(BACKENDS)}")


def _score_each(
    library: ModuleType,
    sequences: Mapping[str, ScoredSequence],
    benchmark: Benchmark | None,
    on_done: Callable[[], object],
) -> dict[str, Any]:
    if not sequences:
        raise InputError("there is no sequence to score")
    partials = {}
    for name, sequence in sequences.items():
        _check_sequence(name, sequence)
        rules = benchmark or benchmark_of(name)
        partials[name] = library.score_sequence(name, *sequence, rules)
        on_done()
    return partials


def _check_sequence(name: str, sequence: ScoredSequence) -> None:
    if not sequence.truth.considered.any():
        raise InputError(f"{name}: no row of its ground truth is considered; leave it out")
    for what, table in (("ground truth", sequence.truth), ("tracks", sequence.tracks)):
        if table.last_frame > sequence.length:
            raise InputError(
                f"{name}: the {what} reach frame {table.last_frame}, the sequence has "
                f"{sequence.length}; give results of this sequence and the same --half"
            )
