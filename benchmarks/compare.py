"""Time every tracker, and every peer that is installed, on the same frames in one run.

  python benchmarks/compare.py --people 10 50 100 300 1000 --json runs/trackers.json
  python benchmarks/compare.py --people --detections DIR --gt datasets/mot/train --half val
  python benchmarks/compare.py --people 10 50 100 300 --embeddings 128

The first draws scenes from a seed (no people: none), the second reads a MOTChallenge folder, the
third is for trackers that need embeddings, which are made up and alike for one person. All trackers
take turns, pass after pass and each pass with a fresh tracker, on one core, with the garbage
collector off. Timed is the way from an array to the library's own result. A ratio is the median
over the passes of a tracker's time by that of `byte` in the same pass, of wall and CPU time the
smaller, which other load on the machine disturbs least. Output is Markdown; progress goes to
stderr.
"""

from __future__ import annotations

import os

# Before NumPy is loaded, because its libraries read these once.
os.environ["OMP_NUM_THREADS"] = "1"
os.environ["OPENBLAS_NUM_THREADS"] = "1"
os.environ["MKL_NUM_THREADS"] = "1"

import argparse
import dataclasses
import gc
import json
import math
import platform
import time
from collections.abc import Iterator, Sequence
from contextlib import contextmanager
from functools import partial
from importlib import metadata
from pathlib import Path
from statistics import median
from typing import Any, NamedTuple

import numpy as np
from machine import cpu_model
from peers import PEERS, Contender, Session
from tabulate import tabulate
from tqdm import tqdm

import yolox
from yolox.cli import Parser, at_least, run
from yolox.data.synthetic import make_scene
from yolox.data.synthetic.looks import whom_they_show
from yolox.formats.atomic import write_whole
from yolox.formats.mot import (
    Half,
    half_frames,
    list_sequences,
    read_detections,
    read_ground_truth,
    read_sequence_info,
)
from yolox.metrics.tracking import COMBINED, ScoredSequence, evaluate
from yolox.results.filtering import drop_odd_boxes
from yolox.structures import Detections, DetectionTable, InputError, Tracks, TrackTable, TruthTable
from yolox.structures.boxes import Array
from yolox.tracker import available_trackers, native_trackers
from yolox.tracker.base import Tracker
from yolox.tracker.native import is_built

REFERENCE = "byte"
NATIVE = "byte-native"
METRICS = ("HOTA", "MOTA", "IDF1", "IDSW")
IMAGE = (1920, 1080)

# Length of the noise that is added to a person's embedding of length 1.
LOOKS_NOISE = 0.5

FILTER_NOTE = (
    ", boxes of at most 100 square pixels or wider than 1.6 times their height dropped before, "
    "whoever put them out"
)

# Ids and boxes of frame after frame.
Output = list[tuple[Array, Array]]


class Clip(NamedTuple):
    """One sequence: `(N, 5 + D)` detections of each frame as in `Session`, and what is true."""

    name: str
    frames: list[Array]
    truth: TruthTable


class Scene(NamedTuple):
    """What one table is about; with `filtered` odd boxes are dropped before the scoring."""

    title: str
    clips: list[Clip]
    filtered: bool

    @property
    def length(self) -> int:
        """Frames of all clips."""
        return sum(len(clip.frames) for clip in self.clips)

    def first(self, count: int) -> Scene:
        """Keep the first `count` frames; clips that begin later are left out."""
        kept = []
        for clip in self.clips:
            frames = clip.frames[:count]
            if frames:
                kept.append(clip._replace(frames=frames, truth=clip.truth.cut(1, len(frames))))
            count -= len(frames)
        return self._replace(clips=kept)


class Time(NamedTuple):
    """Seconds of one pass."""

    wall: float
    cpu: float

    @property
    def least(self) -> float:
        """The one that other load on the machine has lengthened less."""
        return min(self.wall, self.cpu)


class Outcome(NamedTuple):
    """What came of one scene: the frames that were used, times by tracker, scores, failures."""

    scene: Scene
    times: dict[str, list[Time]]
    scores: dict[str, dict[str, float]]
    failures: dict[str, str]


def parse_args() -> argparse.Namespace:
    """Read the command line."""
    parser = Parser(description=__doc__)
    add = parser.add_argument
    # fmt: off
    add("--people", type=int, nargs="*", default=[10, 50, 100, 300, 1000], metavar="N",
        help="people in each generated scene (default: 10 50 100 300 1000)")
    add("--frames", type=int, metavar="N",
        help="of a generated scene (default: 300, with more than 100 people 150, with more than "
             "300 60, for TrackEval would need gigabytes)")
    add("--seed", type=int, default=0, metavar="N", help="of the generated scenes (default: 0)")
    add("--detections", type=Path, metavar="DIR", help="folder of <sequence>.txt, one more scene")
    add("--gt", type=Path, metavar="DIR", help="MOTChallenge tree that belongs to --detections")
    add("--half", choices=("train", "val", "all"), default="all",
        help="part of each of its sequences, by ByteTrack's rule (default: all)")
    add("--embeddings", type=at_least(1, int), metavar="D",
        help="give every detection an embedding of D numbers (default: none)")
    add("--trackers", nargs="+", metavar="NAME",
        help="these only, own and peers (default: all that need no embeddings, or with "
             f"--embeddings all that need them and {REFERENCE})")
    add("--passes", type=int, default=5, metavar="N",
        help="timed passes after one to warm up (default: 5)")
    add("--budget", type=float, default=20.0, metavar="SECONDS",
        help="most that a tracker may take for a scene; if one would take longer, all get fewer "
             "frames (default: 20)")
    add("--json", type=Path, metavar="FILE", help="write every number there")
    # fmt: on
    return parser.parse_args()


def main() -> None:
    """Parse, then measure and print scene after scene."""
    args = parse_args()
    _check(args)
    contenders, absent = find_contenders(args.trackers, embeddings=args.embeddings is not None)
    about = describe_machine(contenders)
    print(f"{'; '.join(f'{key} {value}' for key, value in about.items())}\n")
    if absent:
        print(f"Not installed: {', '.join(absent)}.\n")
    report = []
    for scene in list(load_scenes(args)):  # all at first, so that a bad file costs no waiting
        outcome = measure(scene, contenders, args.passes, args.budget)
        print(format_outcome(outcome, scene.length), flush=True)
        report.append(as_json(outcome))
    settings = {name: contender.settings for name, contender in contenders.items()}
    print("Settings:\n")
    print("\n".join(f"- {name}: {meaning}" for name, meaning in settings.items()))
    if args.json:
        with write_whole(args.json) as file:
            json.dump({"about": about, "settings": settings, "scenes": report}, file, indent=2)


def load_scenes(args: argparse.Namespace) -> Iterator[Scene]:
    """Give the generated scenes, then the folder's."""
    for people in args.people:
        frames = args.frames or _frames_for(people)
        yield generate_scene(people, frames, args.seed, embeddings=args.embeddings)
    if args.detections:
        yield read_scene(args.detections, args.gt, args.half, embeddings=args.embeddings)


def generate_scene(people: int, frames: int, seed: int, *, embeddings: int | None = None) -> Scene:
    """Generate a scene whose people are the smaller the more there are."""
    width, height = IMAGE
    tallest = 400 * (10 / people) ** 0.5
    made = make_scene(people, frames, width=width, height=height, tallest=tallest, seed=seed)
    found = with_looks(made.detections, made.truth, embeddings)
    clip = Clip("generated", _by_frame(found, frames), made.truth)
    return Scene(f"{people} people, generated with seed {seed}", [clip], filtered=False)


def with_looks(detections: DetectionTable, truth: TruthTable, length: int | None) -> DetectionTable:
    """Give detections embeddings of so many numbers, if any: their people's, with noise."""
    if length is None:
        return detections
    rng = np.random.default_rng(0)
    people = whom_they_show(detections, truth)
    noise = _units(rng.normal(size=(len(detections), length)))
    own = _units(rng.normal(size=(int(people.max(initial=-1)) + 2, length)))  # the last: nobody's
    looks = np.where(people[:, None] >= 0, own[people] + LOOKS_NOISE * noise, noise)
    return dataclasses.replace(detections, embeddings=_units(looks))


def read_scene(
    detections: Path, truth: Path, half: Half, *, embeddings: int | None = None
) -> Scene:
    """Read a detection folder and the ground truth of its sequences.

    Raises:
        InputError: A file is missing or malformed.
    """
    clips = []
    for name in list_sequences(detections):
        info = read_sequence_info(truth / name / "seqinfo.ini")
        first, last = half_frames(info.length, half)
        found = read_detections(detections / f"{name}.txt").cut(first, last)
        true = read_ground_truth(truth / name / "gt" / "gt.txt").cut(first, last)
        found = with_looks(found, true, embeddings)
        clips.append(Clip(name, _by_frame(found, last - first + 1), true))
    return Scene(f"{detections.name}, half {half}", clips, filtered=True)


def find_contenders(
    names: Sequence[str] | None, *, embeddings: bool = False
) -> tuple[dict[str, Contender], list[str]]:
    """Find what can be started, own trackers first, and name the peers that are not installed.

    Args:
        names: Of those that are wanted; None for all that need what there is.
        embeddings: Whether detections have them.

    Raises:
        InputError: A name is neither a tracker nor a peer, a peer does not know what to do with
            embeddings or a tracker needs them, or nothing of what is named is there.
    """
    own = {
        name: Contender(
            "bytetrack-reid", partial(_start_own, tracker), "its defaults", _needs_looks(tracker)
        )
        for name, tracker in available_trackers().items()
    }
    if is_built():
        for name, tracker in native_trackers().items():
            start = partial(_start_native, tracker)
            own[f"{name}-native"] = Contender(
                "bytetrack-reid", start, f"its defaults; {name} in C++"
            )
    known = {**own, **PEERS}
    for name in names or ():
        if name not in known:
            raise InputError(f"no tracker is called {name!r}; there are {', '.join(known)}")
        if embeddings and name in PEERS and not PEERS[name].needs_looks:
            raise InputError(f"{name} takes no embeddings; leave it or --embeddings out")
        if known[name].needs_looks and not embeddings:
            raise InputError(f"{name} needs embeddings; give --embeddings D, or leave it out")
    named = names or [
        name
        for name, contender in known.items()
        if contender.needs_looks == embeddings or name == REFERENCE
    ]
    wanted = {name: known[name] for name in known if name in named}
    absent = [
        name
        for name, contender in wanted.items()
        if name not in own and not _version_of(contender.package)
    ]
    found = {name: contender for name, contender in wanted.items() if name not in absent}
    if not found:
        raise InputError(f"none of {', '.join(absent)} is installed; name a tracker that is")
    return found, absent


def measure(scene: Scene, contenders: dict[str, Contender], passes: int, budget: float) -> Outcome:
    """Let all take turns on a scene.

    The pass that warms up gives the tracks to score, and shows how many frames fit the budget.
    """
    outputs: dict[str, Output] = {}
    scores: dict[str, dict[str, float]] = {}
    failures: dict[str, str] = {}
    with tqdm(total=len(contenders) * (passes + 2), desc=scene.title, leave=False) as bar:
        for name, contender in contenders.items():
            with _noting(failures, name, bar):
                outputs[name] = track(contender, scene, budget / (passes + 1))
        scene = scene.first(min(map(len, outputs.values()), default=scene.length))
        times: dict[str, list[Time]] = {name: [] for name in outputs}
        for _ in range(passes):
            for name in times:
                with _noting(failures, name, bar):
                    times[name].append(time_pass(contenders[name], scene))
        for name, output in outputs.items():
            with _noting(failures, name, bar):
                scores[name] = score(scene, output)
    complete = {name: taken for name, taken in times.items() if len(taken) == passes}
    return Outcome(scene, complete, scores, failures)


def track(contender: Contender, scene: Scene, seconds: float) -> Output:
    """Track frame after frame until the scene ends or the time is up; at least one frame."""
    output: Output = []
    for clip in scene.clips:
        session = contender.start()
        for rows in clip.frames:
            if output and seconds <= 0:
                return output
            began = time.perf_counter()
            result = session.update(rows)
            seconds -= time.perf_counter() - began
            output.append(session.read(result))
    return output


def time_pass(contender: Contender, scene: Scene) -> Time:
    """Time one pass, each clip with a fresh tracker."""
    wall = cpu = 0.0
    gc.collect()
    gc.disable()
    try:
        for clip in scene.clips:
            update = contender.start().update
            cpu_began, wall_began = time.process_time(), time.perf_counter()
            for rows in clip.frames:
                update(rows)
            wall += time.perf_counter() - wall_began
            cpu += time.process_time() - cpu_began
    finally:
        gc.enable()
    return Time(wall, cpu)


def score(scene: Scene, output: Output) -> dict[str, float]:
    """Score what was put out for the scene's frames; frames beyond it are left out."""
    sequences, start = {}, 0
    for clip in scene.clips:
        length = len(clip.frames)
        table = _as_table(output[start : start + length])
        if scene.filtered:
            table = drop_odd_boxes(table)
        sequences[clip.name] = ScoredSequence(clip.truth, table, length)
        start += length
    return evaluate(sequences, "trackeval")[COMBINED]


def describe_machine(contenders: dict[str, Contender]) -> dict[str, str]:
    """Say on what and with which versions the numbers were made."""
    packages = dict.fromkeys(contender.package for contender in contenders.values())
    versions = {name: _version_of(name) for name in ("numpy", "scipy", "trackeval", *packages)}
    return {
        "machine": f"{platform.machine()} {platform.system()}, {os.cpu_count()} cores",
        "CPU": cpu_model(),
        "Python": platform.python_version(),
        **{name: version for name, version in versions.items() if version},
        "bytetrack-reid": yolox.__version__,
    }


def format_outcome(outcome: Outcome, wanted_frames: int) -> str:
    """Lay a scene's outcome out as Markdown, fastest first."""
    scene = outcome.scene
    boxes = sum(len(rows) for clip in scene.clips for rows in clip.frames)
    lines = [
        f"### {scene.title}\n",
        f"{scene.length} frames{_cut_note(scene.length, wanted_frames)}, "
        f"{boxes / max(scene.length, 1):.1f} detections a frame. Scores: TrackEval's protocol"
        f"{FILTER_NOTE if scene.filtered else ''}.\n",
    ]
    headers = ["tracker", "ms/frame", "CPU ms/frame", f"× {REFERENCE}", *METRICS]
    fastest_first = sorted(outcome.times, key=lambda name: _milliseconds(outcome, name, "least"))
    rows = [_row(name, outcome) for name in fastest_first]
    if rows:
        align = ["left", *["right"] * (len(headers) - 1)]
        lines.append(tabulate(rows, headers, "pipe", colalign=align, disable_numparse=True))
    if outcome.failures:
        lines.append("")
        lines.extend(f"- {name} failed: {reason}" for name, reason in outcome.failures.items())
    return "\n".join([*lines, ""])


def as_json(outcome: Outcome) -> dict[str, Any]:
    """Lay a scene's outcome out with the times of every pass."""
    return {
        "title": outcome.scene.title,
        "frames": {clip.name: len(clip.frames) for clip in outcome.scene.clips},
        "detections": sum(len(rows) for clip in outcome.scene.clips for rows in clip.frames),
        "filtered": outcome.scene.filtered,
        "trackers": {
            name: {
                "ms_per_frame": _milliseconds(outcome, name, "wall"),
                "cpu_ms_per_frame": _milliseconds(outcome, name, "cpu"),
                "ratio": _ratio(outcome, name),
                "wall_seconds": [taken.wall for taken in times],
                "cpu_seconds": [taken.cpu for taken in times],
                "scores": outcome.scores.get(name),
            }
            for name, times in outcome.times.items()
        },
        "failures": outcome.failures,
    }


def _row(name: str, outcome: Outcome) -> list[str]:
    ratio, scores = _ratio(outcome, name), outcome.scores.get(name)
    return [
        name,
        *(_digits(_milliseconds(outcome, name, clock)) for clock in ("wall", "cpu")),
        "–" if ratio is None else _digits(ratio),
        *(_metric(scores[metric]) if scores else "–" for metric in METRICS),
    ]


def _milliseconds(outcome: Outcome, name: str, clock: str) -> float:
    """Give the median milliseconds a frame."""
    seconds: float = median(getattr(taken, clock) for taken in outcome.times[name])
    return 1000 * seconds / outcome.scene.length


def _ratio(outcome: Outcome, name: str) -> float | None:
    """Give the median over the passes of the time by that of the reference in the same pass."""
    if REFERENCE not in outcome.times:
        return None
    pairs = zip(outcome.times[name], outcome.times[REFERENCE], strict=True)
    return median(taken.least / reference.least for taken, reference in pairs)


def _start_own(algorithm: type[Tracker]) -> Session:
    tracker = algorithm()

    def update(rows: Array) -> Tracks:
        looks = rows[:, 5:] if rows.shape[1] > 5 else None
        return tracker.update(Detections(rows[:, :4], rows[:, 4], None, looks))

    def read(tracks: Tracks) -> tuple[Array, Array]:
        return tracks.ids, tracks.boxes

    return Session(update, read)


def _needs_looks(algorithm: type[Tracker]) -> bool:
    """Find out whether a tracker refuses detections without embeddings."""
    try:
        algorithm().update(Detections([[0, 0, 1, 1]], [1]))
    except InputError:
        return True
    return False


def _start_native(algorithm: type[Tracker]) -> Session:
    tracker: Any = algorithm()
    return Session(tracker.update_rows, lambda rows: (rows[:, 4], rows[:, :4]))


def _by_frame(table: DetectionTable, length: int) -> list[Array]:
    looks = [] if table.embeddings is None else [table.embeddings]
    rows = np.column_stack([table.boxes, table.scores, *looks])
    return np.split(rows, np.searchsorted(table.frames, np.arange(2, length + 1)))


def _units(vectors: Array) -> Array:
    units: Array = vectors / np.linalg.norm(vectors, axis=1, keepdims=True)
    return units


def _as_table(output: Output) -> TrackTable:
    """Make a table of ids and boxes by frame; ids, which may be texts, are numbered anew."""
    frames = np.repeat(np.arange(1, len(output) + 1), [len(ids) for ids, _ in output])
    some_ids = [ids for ids, _ in output if len(ids)]
    names = np.concatenate(some_ids) if some_ids else np.empty(0)
    return TrackTable(
        frames=frames,
        boxes=np.concatenate([boxes.reshape(-1, 4) for _, boxes in output]).astype(np.float64),
        ids=np.unique(names, return_inverse=True)[1] + 1,
        scores=np.ones(len(frames)),
        class_ids=np.zeros(len(frames), dtype=np.int64),
    )


@contextmanager
def _noting(failures: dict[str, str], name: str, bar: tqdm[Any]) -> Iterator[None]:
    """Note what a library raises, whatever it is: it is a result and must not stop the others."""
    try:
        yield
    except Exception as error:
        first_line = (str(error).strip() or "no message").splitlines()[0]
        failures[name] = f"{type(error).__name__}: {first_line}"
    bar.update()


def _check(args: argparse.Namespace) -> None:
    least = {"frames": 1, "passes": 1, "budget": 0.1, "seed": 0}
    for name, low in least.items():
        value = getattr(args, name)
        if value is not None and value < low:
            raise InputError(f"--{name} is {value}; give at least {low}")
    for people in args.people:
        if people < 1:
            raise InputError(f"--people has {people}; give at least 1")
    if (args.detections is None) != (args.gt is None):
        raise InputError("--detections and --gt belong together; give both")
    if not args.people and not args.detections:
        raise InputError("there is nothing to measure; give --people N or --detections and --gt")


def _frames_for(people: int) -> int:
    if people <= 100:
        return 300
    return 150 if people <= 300 else 60


def _version_of(package: str) -> str | None:
    try:
        return metadata.version(package)
    except metadata.PackageNotFoundError:
        return None


def _cut_note(frames: int, wanted: int) -> str:
    return f" of {wanted} (cut to the budget)" if frames < wanted else ""


def _digits(value: float) -> str:
    """Three significant digits without an exponent."""
    return f"{value:.{max(0, 2 - math.floor(math.log10(value)))}f}" if value > 0 else "0"


def _metric(value: float) -> str:
    return str(value) if isinstance(value, int) else f"{value:.2f}"


if __name__ == "__main__":
    run(main)
