"""Results and ground truth to the report page."""

from __future__ import annotations

import base64
import os
from collections.abc import Callable, Iterable
from pathlib import Path
from typing import NamedTuple
from urllib.parse import quote

import cv2
import numpy as np

from yolox.formats.mot import Half, SequenceInfo, half_frames, list_sequences, read_sequence_info
from yolox.formats.sequence_images import find_images, read_frame
from yolox.formats.text import check_file
from yolox.metrics.correspondence import match_sequence
from yolox.metrics.hota import THRESHOLDS
from yolox.metrics.moments import FrameErrors, errors_by_frame, worst_moments
from yolox.metrics.tracking import (
    Benchmark,
    ScoredSequence,
    evaluate,
    evaluate_with_curves,
    load_sequences,
)
from yolox.structures import Correspondence, InputError, Moment
from yolox.structures.boxes import Array
from yolox.visualize.errors import draw_errors, errors_area
from yolox.visualize.report import DrawnMoment, Picture, Report, SequenceReport
from yolox.visualize.video import count_frames

_PICTURE_WIDTH = 960
# The least part of the scene that a picture shows, as a share of its width.
_LEAST_VIEW = 1 / 3
_MARGIN = 1.25
_QUALITY = 80
# Behind boxes without an image; seen as well in a light page as in a dark one.
_PLAIN = (62, 54, 48)


class _Source(NamedTuple):
    """One sequence: its numbers, and the files that show it."""

    info: SequenceInfo
    first: int
    scored: ScoredSequence
    images: list[Path] | None
    video: Path | None


def make_report(
    results: Path,
    truth: Path,
    output: Path,
    *,
    half: Half = "all",
    sequences: Iterable[str] = ("*",),
    benchmark: Benchmark | None = None,
    images: Path | None = None,
    video: Path | None = None,
    embed_video: bool = False,
    on_step: Callable[[], object] = lambda: None,
) -> Report:
    """Score results, match them frame by frame and draw their worst moments.

    Args:
        results: Folder of `<sequence>.txt`, frames counted from 1 within the half.
        truth: Tree of `<sequence>/gt/gt.txt` and `<sequence>/seqinfo.ini`.
        output: The page that is to link the videos.
        half: Part of each sequence that the results are of.
        sequences: Patterns of the sequences to take.
        benchmark: Whose rules hold; by each sequence's name if None.
        images: Tree of `<sequence>/img1`; without it boxes are drawn on a plain ground.
        video: Folder of `<sequence>.mp4`, one image a frame of the result.
        embed_video: Put the videos into the page instead of linking them.
        on_step: Called four times a sequence.

    Raises:
        InputError: A file is missing, or does not fit the others.
    """
    sources = _find_sources(results, truth, half, sequences, images, video)
    scored = {name: source.scored for name, source in sources.items()}
    trackeval, curves = evaluate_with_curves(scored, benchmark, on_done=on_step)
    motmetrics = evaluate(scored, "motmetrics", benchmark, on_done=on_step)
    matched, errors = {}, {}
    for name, source in sources.items():
        matched[name] = match_sequence(name, source.scored, benchmark)
        errors[name] = errors_by_frame(matched[name], source.info.length)
        on_step()
    moments = [
        _draw_moment(moment, matched[moment.sequence], errors[moment.sequence], sources)
        for moment in worst_moments(errors)
    ]
    shown = []
    for name, source in sources.items():
        background = None
        if source.images:
            image = read_frame(source.images[0], source.info)
            whole = np.array([0, 0, source.info.width, source.info.height])
            background = _picture(_cut(image, whole), 1).jpeg
        film = None
        if source.video:
            film = _embedded(source.video) if embed_video else _link(source.video, output)
        shown.append(
            SequenceReport(source.info, source.first, matched[name], errors[name], background, film)
        )
        on_step()
    frames = sum(source.info.length for source in sources.values())
    which = {"all": "", "train": ", of each the first half", "val": ", of each the second half"}
    return Report(
        title=results.resolve().name or "results",
        note=f"sequences: {len(sources)}, frames: {frames}{which[half]}",
        scores={"trackeval": trackeval, "motmetrics": motmetrics},
        curves=curves,
        thresholds=THRESHOLDS,
        moments=moments,
        sequences=shown,
    )


def _find_sources(
    results: Path,
    truth: Path,
    half: Half,
    patterns: Iterable[str],
    images: Path | None,
    video: Path | None,
) -> dict[str, _Source]:
    """Read the tables, and check that images and videos are there before any work."""
    names = list_sequences(results, patterns)
    sources = {}
    for name, scored in load_sequences(truth, results, names, half).items():
        info = read_sequence_info(truth / name / "seqinfo.ini")
        first, last = half_frames(info.length, half)
        # The name of the folder tells sequences apart, the one in the file may not.
        shown = info._replace(name=name, length=scored.length)
        found = find_images(images / name, info, first, last) if images else None
        film = video / f"{name}.mp4" if video else None
        if film:
            _check_video(film, scored.length)
        sources[name] = _Source(shown, first, scored, found, film)
    return sources


def _check_video(path: Path, length: int) -> None:
    check_file(path)
    frames = count_frames(path)
    if frames != length:
        raise InputError(
            f"{path}: has {frames} images, the result {length} frames; film the same half of the "
            "sequence"
        )


def _draw_moment(
    moment: Moment,
    matched: Correspondence,
    errors: FrameErrors,
    sources: dict[str, _Source],
) -> DrawnMoment:
    """Draw the first, the worst and the last frame, and the one with most switches."""
    source = sources[moment.sequence]
    frames = {moment.first, moment.worst, moment.last}
    if moment.switches:
        inside = errors.switches[moment.first - 1 : moment.last]
        frames.add(moment.first + int(inside.argmax()))
    view = _view_of(errors_area(matched, range(moment.first, moment.last + 1)), source.info)
    pictures = []
    for frame in sorted(frames):
        image = _cut(_ground(source, frame), view)
        pictures.append(_picture(draw_errors(image, matched, frame, view), frame))
    return DrawnMoment(moment, pictures)


def _view_of(area: Array, info: SequenceInfo) -> Array:
    """Give the part of the scene around an area, in the proportions of the whole, whole pixels."""
    size = np.array([info.width, info.height])
    share = np.clip(((area[2:] - area[:2]) * _MARGIN / size).max(), _LEAST_VIEW, 1)
    sides = np.maximum((size * share).round(), 1)
    left_top = np.clip(((area[:2] + area[2:] - sides) / 2).round(), 0, size - sides)
    view: Array = np.concatenate([left_top, left_top + sides]).astype(np.int64)
    return view


def _ground(source: _Source, frame: int) -> Array:
    if source.images:
        return read_frame(source.images[frame - 1], source.info)
    return np.full((source.info.height, source.info.width, 3), _PLAIN, dtype=np.uint8)


def _cut(image: Array, view: Array) -> Array:
    """Cut a part out of an image and make it as wide as the page shows it."""
    left, top, right, bottom = view.tolist()
    size = _PICTURE_WIDTH, max(1, round(_PICTURE_WIDTH * (bottom - top) / (right - left)))
    how = cv2.INTER_AREA if right - left > _PICTURE_WIDTH else cv2.INTER_CUBIC
    part: Array = cv2.resize(image[top:bottom, left:right], size, interpolation=how)
    return part


def _picture(image: Array, frame: int) -> Picture:
    jpeg = cv2.imencode(".jpg", image, [cv2.IMWRITE_JPEG_QUALITY, _QUALITY])[1].tobytes()
    return Picture(frame, jpeg, width=image.shape[1], height=image.shape[0])


def _link(video: Path, page: Path) -> str:
    return quote(Path(os.path.relpath(video, page.parent)).as_posix())


def _embedded(video: Path) -> str:
    return f"data:video/mp4;base64,{base64.b64encode(video.read_bytes()).decode('ascii')}"
