"""Tracks as JSON Lines: an object a frame, for programs that read along."""

from __future__ import annotations

import json
from collections.abc import Callable, Iterator, Sequence
from contextlib import contextmanager
from pathlib import Path

from yolox.formats.atomic import write_whole
from yolox.structures import Tracks, xyxy_to_xywh


@contextmanager
def open_json_lines(
    path: Path, class_names: Sequence[str] = ()
) -> Iterator[Callable[[int, float, Tracks], None]]:
    """Give a function that adds the line of a frame, by its number, its time and its tracks.

    The file is there once the block ends well, whole, or else not at all.

    Args:
        path: The `.jsonl` file.
        class_names: By class id; without them classes are numbers.
    """
    with write_whole(path) as file:

        def write(frame: int, time: float, tracks: Tracks) -> None:
            boxes = xyxy_to_xywh(tracks.boxes).round(2).tolist()
            objects = [
                {
                    "id": track.track_id,
                    "box": box,
                    "score": round(track.score, 4),
                    "class": class_names[track.class_id] if class_names else track.class_id,
                }
                for track, box in zip(tracks, boxes, strict=True)
            ]
            line = {"frame": frame, "time": round(time, 4), "tracks": objects}
            file.write(json.dumps(line, ensure_ascii=False) + "\n")

        yield write
