"""What a conversion wrote and what it left out, as a table."""

from __future__ import annotations

from tabulate import tabulate

from yolox.data.convert.registry import Converted
from yolox.formats.coco import Document

HEADERS = ("file", "images", "boxes", "crowds", "identities", "left out by rule", "wrong")


def summarise(results: list[Converted]) -> str:
    """Tabulate the written files, then say of each what is missing or mended, and why."""
    rows = [
        [
            result.path.name,
            *count(result.document),
            result.conversion.by_rule.total(),
            result.conversion.faults.total(),
        ]
        for result in results
    ]
    table: str = tabulate(rows, headers=HEADERS, colalign=["left"] + ["right"] * 6)
    return "\n".join([table, *(reason for result in results for reason in _reasons(result))])


def count(document: Document | None) -> list[int]:
    """Count images, boxes, those of them that are crowds, and identities."""
    if document is None:
        return [0, 0, 0, 0]
    annotations = document["annotations"]
    return [
        len(document["images"]),
        len(annotations),
        sum(annotation["iscrowd"] for annotation in annotations),
        len(document["identities"]),
    ]


def _reasons(result: Converted) -> list[str]:
    conversion = result.conversion
    name = result.path.name
    lines = []
    if result.document is None:
        stale = "; the one there is of an earlier conversion" if result.stale else ""
        lines.append(f"{name}: not written{stale}")
    lines += [f"{name}: {number} {note}" for note, number in conversion.notes.most_common()]
    if conversion.by_rule:
        counts = [f"{number} {reason}" for reason, number in conversion.by_rule.most_common()]
        lines.append(f"{name}: left out by rule: {', '.join(counts)}")
    for kind, number in conversion.faults.most_common():
        became = "mended" if kind in conversion.mended else "left out"
        first = conversion.examples[kind]
        lines.append(f"{name}: {became}: {kind}, {number} times; first: {first}")
    return lines
