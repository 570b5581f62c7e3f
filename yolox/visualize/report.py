"""A result as one HTML page that needs nothing else: scores, timelines, scenes, worst moments."""

from __future__ import annotations

import base64
import json
from collections.abc import Iterable, Mapping, Sequence
from html import escape
from importlib.resources import files
from pathlib import Path
from string import Template
from typing import Any, NamedTuple

import numpy as np

from yolox.formats.atomic import write_whole
from yolox.formats.mot import SequenceInfo
from yolox.structures import Correspondence, Moment
from yolox.structures.boxes import Array
from yolox.visualize.colours import FALSE, MISSED, SWITCHED, colour_of
from yolox.visualize.timeline import Row, people_rows, track_rows

# Sequence name to metric name to value: shares in percent, the rest whole counts.
Scores = Mapping[str, Mapping[str, float]]

_TILES = ("HOTA", "DetA", "AssA", "MOTA", "IDF1", "IDSW", "FN", "FP")
_IN_WORDS = {"IDSW": "id switches", "FN": "misses", "FP": "false boxes"}


class Picture(NamedTuple):
    """A drawn frame, as the bytes of a JPEG."""

    frame: int
    jpeg: bytes
    width: int
    height: int


class DrawnMoment(NamedTuple):
    """Frames with many errors, and pictures of some, of which the worst is shown first."""

    moment: Moment
    pictures: Sequence[Picture]


class SequenceReport(NamedTuple):
    """What the page shows of one sequence.

    Attributes:
        info: Its name, image size and frame rate; `length` is that of the result.
        first: Frame of the whole sequence that is frame 1 of the result.
        correspondence: Who is matched by what.
        errors: Misses, false boxes and switches of each frame, `(length,)` each.
        background: JPEG of the scene, or None.
        video: What the player plays, a link or a `data:` URL, or None.
    """

    info: SequenceInfo
    first: int
    correspondence: Correspondence
    errors: Sequence[Array]
    background: bytes | None
    video: str | None


class Report(NamedTuple):
    """What the page shows.

    Attributes:
        title: Of the page.
        note: What the result is of.
        scores: By protocol and sequence; the last row of each is over all sequences.
        curves: By sequence and metric, in percent, at `thresholds`; the last is over all.
        thresholds: The overlaps.
        moments: Worst first.
        sequences: In the order of the page.
    """

    title: str
    note: str
    scores: Mapping[str, Scores]
    curves: Mapping[str, Mapping[str, Sequence[float]]]
    thresholds: Sequence[float]
    moments: Sequence[DrawnMoment]
    sequences: Sequence[SequenceReport]


def write_report(path: Path, report: Report) -> None:
    """Write the page, whole or not at all."""
    with write_whole(path) as file:
        file.write(make_page(report))


def make_page(report: Report) -> str:
    """Give the page as HTML. Names are text in it wherever they come from, never markup."""
    names = [one.info.name for one in report.sequences]
    places = {name: f"sequence-{number}" for number, name in enumerate(names)}
    main = report.scores["trackeval"]
    combined = list(main)[-1]
    links = [("scores", "Scores"), ("moments", "Worst moments")]
    links += [(place, name) for name, place in places.items()]
    parts = {
        "title": escape(report.title),
        "note": escape(report.note),
        "colours": _colours(),
        "style": _own_file("report.css"),
        "script": _own_file("report.js"),
        "tiles": _tiles(main[combined], _TILES),
        "links": " ".join(f'<a href="#{place}">{escape(text)}</a>' for place, text in links),
        "combined": escape(combined),
        "trackeval": _table(main, places),
        "motmetrics": _table(report.scores["motmetrics"], places),
        "moments": "".join(_moment(one, places[one.moment.sequence]) for one in report.moments)
        or "<p>None: there is no error.</p>",
        "sequences": "".join(
            _sequence(one, places[one.info.name], main[one.info.name]) for one in report.sequences
        ),
        "footer": (
            "Misses, false boxes and switches are CLEAR's, at an overlap of half and by the rules "
            "of MOTChallenge: they add up to FN, FP and IDSW of the first table. Frames count from "
            "1 within the result."
        ),
        "data": _as_json(_data(report, places)),
    }
    return Template(_own_file("report.html")).substitute(parts)


def _own_file(name: str) -> str:
    return files("yolox.visualize").joinpath(name).read_text(encoding="utf-8")


def _colours() -> str:
    named = {"missed": MISSED, "false": FALSE, "switched": SWITCHED}
    values = "".join(
        f"--{name}: rgb({red} {green} {blue});" for name, (red, green, blue) in named.items()
    )
    return f":root {{ {values} }}"


def _tiles(scores: Mapping[str, float], metrics: Iterable[str]) -> str:
    return "".join(
        f"<div{_measure(scores[metric])}><dt>{_IN_WORDS.get(metric, metric)}</dt>"
        f"<dd>{_number(scores[metric])}</dd></div>"
        for metric in metrics
    )


def _table(scores: Scores, places: Mapping[str, str]) -> str:
    columns = list(next(iter(scores.values())))
    head = "".join(f'<th scope="col">{escape(column)}</th>' for column in columns)
    rows = []
    for name, values in scores.items():
        title = escape(name)
        if name in places:
            title = f'<a href="#{places[name]}">{title}</a>'
        cells = "".join(
            f"<td{_measure(values[column])}>{_number(values[column])}</td>" for column in columns
        )
        rows.append(f'<tr><th scope="row">{title}</th>{cells}</tr>')
    return (
        '<div class="scroll panel" tabindex="0" role="region" aria-label="scores"><table>\n'
        f'<thead><tr><th scope="col">sequence</th>{head}</tr></thead>\n'
        f"<tbody>{''.join(rows)}</tbody>\n</table></div>\n"
    )


def _moment(drawn: DrawnMoment, place: str) -> str:
    moment = drawn.moment
    name = escape(moment.sequence)
    pictures, buttons = [], []
    for picture in drawn.pictures:
        shown = picture.frame == moment.worst
        pictures.append(
            f'<img alt="{name}, frame {picture.frame}" data-frame="{picture.frame}" '
            f'width="{picture.width}" height="{picture.height}"'
            f'{"" if shown else " hidden"} src="{_data_url("image/jpeg", picture.jpeg)}">'
        )
        buttons.append(
            f'<button data-frame="{picture.frame}" aria-pressed="{str(shown).lower()}">'
            f"{picture.frame}</button>"
        )
    counts = [
        ("missed", moment.misses, "miss", "misses"),
        ("false", moment.false_boxes, "false box", "false boxes"),
        ("switched", moment.switches, "switch", "switches"),
    ]
    chips = "".join(
        f'<span class="chip {kind}">{count} {one if count == 1 else many}</span>'
        for kind, count, one, many in counts
        if count
    )
    return (
        f'<figure class="moment panel"><button class="enlarge" aria-label="enlarge the picture">'
        f"{''.join(pictures)}</button>\n<figcaption><strong>{name}</strong> frames "
        f"{moment.first} to {moment.last} {chips}\n"
        f'<div class="bar"><span>frame</span>{"".join(buttons)}'
        f'<a href="#{place}" data-frame="{moment.worst}">show in the timeline</a></div>'
        "</figcaption></figure>\n"
    )


def _sequence(one: SequenceReport, place: str, scores: Mapping[str, float]) -> str:
    name = escape(one.info.name)
    part = f", the sequence's {one.first} to {one.first + one.info.length - 1}"
    note = (
        f"{one.info.length} frames{part if one.first > 1 else ''}, {one.info.frame_rate:g} a second"
    )
    video = ""
    if one.video is not None:
        video = (
            f'<div class="panel"><video controls playsinline preload="metadata" '
            f'aria-label="video of {name}" src="{escape(one.video)}"></video></div>'
        )
    background = ""
    if one.background is not None:
        background = (
            f'<image href="{_data_url("image/jpeg", one.background)}" '
            f'width="{one.info.width}" height="{one.info.height}"/>'
        )
    return f"""<section class="sequence" id="{place}">
<h2>{name}</h2>
<p>{escape(note)}</p>
<div class="stage{" filmed" if video else ""}">
{video}
<div class="panel"><svg class="scene" viewBox="0 0 {one.info.width} {one.info.height}" \
role="img" aria-label="where people and tracks went in {name}">{background}</svg>
<div class="bar" role="group" aria-label="what the scene shows">\
<button data-show="tracks" aria-pressed="true">tracks</button>\
<button data-show="people" aria-pressed="false">people, misses dashed</button>\
<span class="legend"><span class="dot missed">missed now</span>\
<span class="dot false">on nobody</span></span></div></div>
<div class="side">
<dl class="tiles small">{_tiles(scores, _TILES)}</dl>
<div class="panel"><svg class="curves" data-curves="{name}" role="img" \
aria-label="HOTA, DetA and AssA over 19 overlaps, {name}"></svg></div>
</div>
</div>
<div class="panel timeline">
<div class="bar"><button data-do="play" aria-label="play or pause">Play</button>\
<button data-do="before">&#9664; switch</button><button data-do="after">switch &#9654;</button>\
<output></output></div>
<div class="rows" tabindex="0" role="slider" aria-label="frame of {name}" aria-valuemin="1" \
aria-valuemax="{one.info.length}" aria-valuenow="1"></div>
<p class="legend"><span class="mark matched">followed, in the track's colour</span>\
<span class="mark missed">missed</span><span class="dot switched">switch</span>\
<span class="mark false">box on nobody</span>\
<span class="hint">click, or arrow keys, Shift for ten; N and P: switches; space plays</span></p>
</div>
</section>
"""


def _data(report: Report, places: Mapping[str, str]) -> dict[str, Any]:
    return {
        "thresholds": list(report.thresholds),
        "curves": {
            name: {metric: [round(value, 2) for value in values] for metric, values in of.items()}
            for name, of in report.curves.items()
        },
        "sequences": [
            {
                "place": places[one.info.name],
                "length": one.info.length,
                "rate": one.info.frame_rate,
                "width": one.info.width,
                "height": one.info.height,
                "errors": [kind.tolist() for kind in one.errors],
                "people": [_row(row) for row in people_rows(one.correspondence)],
                "tracks": [_row(row) for row in track_rows(one.correspondence)],
            }
            for one in report.sequences
        ],
    }


def _row(row: Row) -> dict[str, Any]:
    red, green, blue = (round(255 * part) for part in colour_of(row.id))
    return {
        **row._asdict(),
        # Steps from point to point, the first one from 0, 0: half as long as the points.
        "feet": np.diff(np.array(row.feet), axis=0, prepend=0).ravel().tolist(),
        "colour": f"#{red:02x}{green:02x}{blue:02x}",
    }


def _as_json(data: Any) -> str:
    """Write JSON that nothing in it can end the page's `<script>` around it."""
    return json.dumps(data, separators=(",", ":"), allow_nan=False).replace("<", "\\u003c")


def _data_url(kind: str, content: bytes) -> str:
    return f"data:{kind};base64,{base64.b64encode(content).decode('ascii')}"


def _number(value: float) -> str:
    return str(value) if isinstance(value, int) else f"{value:.2f}"


def _measure(value: float) -> str:
    """Give a share as a style, so that the page can draw a bar behind its number."""
    if isinstance(value, int):
        return ""
    return f' class="share" style="--share:{min(max(value, 0), 100):.1f}%"'
