"""MOTChallenge's text files, in and out; nothing else in the project parses them.

Rows are `frame,id,left,top,width,height,…`, frames from 1, image pixels. Windows line ends, a byte
order mark, blank lines, trailing commas and any row order read right. Everything else that is not
as it should be is an `InputError` with file and line; no row is skipped unless a caller asks for it
and hears of each (`on_fault` of `read_ground_truth` and `read_tracks`).
"""

from __future__ import annotations

import configparser
import fnmatch
from collections.abc import Callable, Iterable, Iterator
from contextlib import contextmanager
from pathlib import Path
from typing import Literal, NamedTuple

import numpy as np

from yolox.formats.atomic import write_whole
from yolox.formats.mot_rows import (
    CLASS,
    FRAME,
    ID,
    LARGEST_FRAME,
    SCORE,
    VISIBILITY,
    OnFault,
    Rows,
    refuse,
)
from yolox.formats.text import read_text
from yolox.structures import (
    DetectionTable,
    InputError,
    Tracks,
    TrackTable,
    TruthTable,
    xyxy_to_xywh,
)
from yolox.structures.boxes import Array
from yolox.structures.detections import check_embeddings

Half = Literal["train", "val", "all"]


class SequenceInfo(NamedTuple):
    """What `seqinfo.ini` says of a sequence.

    Attributes:
        name: Of the sequence.
        length: Frames.
        width: Of the images, in pixels.
        height: Of the images, in pixels.
        frame_rate: Images a second.
        image_folder: Beside the file.
        image_suffix: Of the images' names.
    """

    name: str
    length: int
    width: int
    height: int
    frame_rate: float
    image_folder: str = "img1"
    image_suffix: str = ".jpg"


def read_sequence_info(path: Path) -> SequenceInfo:
    """Read a `seqinfo.ini`.

    Raises:
        InputError: The file or an entry is missing or not a number.
    """
    if not path.is_file():
        raise InputError(
            f"{path}: not found; give the folder that holds the sequences, each with a seqinfo.ini "
            "of [Sequence] name, seqLength, imWidth, imHeight and frameRate"
        )
    parser = configparser.ConfigParser(interpolation=None)
    try:
        parser.read_string(read_text(path))
        section = parser["Sequence"]
        info = SequenceInfo(
            name=section.get("name", path.parent.name),
            length=int(section["seqLength"]),
            width=int(section["imWidth"]),
            height=int(section["imHeight"]),
            frame_rate=float(section["frameRate"]),
            image_folder=section.get("imDir", "img1"),
            image_suffix=section.get("imExt", ".jpg"),
        )
    except KeyError as error:
        raise InputError(f"{path}: {error} is missing under [Sequence]; add it") from None
    except (configparser.Error, ValueError) as error:
        reason = str(error).replace("\n", " ")
        raise InputError(f"{path}: {reason}; mend the entry") from None
    limits = {"length": LARGEST_FRAME, "width": 1e6, "height": 1e6, "frame_rate": 1e6}
    for entry, most in limits.items():
        value = getattr(info, entry)
        if not 0 < value <= most:
            raise InputError(f"{path}: the {entry} is {value}; give one above 0, at most {most:g}")
    return info


def write_sequence_info(path: Path, info: SequenceInfo) -> None:
    """Write a `seqinfo.ini`."""
    with write_whole(path) as file:
        file.write(
            f"[Sequence]\nname={info.name}\nimDir={info.image_folder}\n"
            f"frameRate={info.frame_rate:g}\nseqLength={info.length}\nimWidth={info.width}\n"
            f"imHeight={info.height}\nimExt={info.image_suffix}\n"
        )


def read_detections(path: Path, embeddings: Path | None = None) -> DetectionTable:
    """Read one sequence's detections: `frame,any,x,y,w,h,score[,class[,any,any]]`.

    A class below 0 means that the file names none, and becomes 0. If `<name>.npy` stands beside the
    file, it holds the embeddings: float32 `(rows, D)` of unit length, aligned with the rows.

    Args:
        path: Of the file.
        embeddings: A file to take them from in place of the one beside it.

    Raises:
        InputError: Naming file, line and cure.
    """
    if embeddings is not None and not embeddings.exists():
        raise InputError(
            f"{embeddings}: no such file; give a folder of embeddings that has one for {path}"
        )
    rows = Rows.read(path, columns=(7, 8, 9, 10))
    rows.check_boxes()
    rows.check(
        (rows[SCORE] >= 0) & (rows[SCORE] <= 1),
        SCORE,
        "scores lie in [0, 1]: divide percentages by 100",
    )
    features = _read_embeddings(embeddings or path.with_suffix(".npy"), len(rows))
    return DetectionTable(
        frames=rows[FRAME].astype(np.int64),
        boxes=rows.boxes(),
        scores=rows[SCORE],
        class_ids=rows.class_ids(),
        embeddings=None if features is None else features[rows.order],
    )


def write_detections(path: Path, table: DetectionTable) -> None:
    """Write detections as `read_detections` reads them, embeddings beside them."""
    boxes = xyxy_to_xywh(table.boxes)
    columns = zip(
        table.frames.tolist(),
        boxes.tolist(),
        table.scores.tolist(),
        table.class_ids.tolist(),
        strict=True,
    )
    # The rows last, and none before: a crash never leaves them beside no embeddings, or others'.
    path.unlink(missing_ok=True)
    beside = path.with_suffix(".npy")
    if table.embeddings is None:
        beside.unlink(missing_ok=True)
    else:
        with write_whole(beside, "wb") as binary:
            np.save(binary, table.embeddings)
    with write_whole(path) as file:
        file.writelines(
            f"{frame},-1,{_decimals(box)},{score:.4f},{class_id},-1,-1\n"
            for frame, box, score, class_id in columns
        )


def write_embeddings(path: Path, detections: Path, embeddings: Array) -> None:
    """Write the embeddings of a file of detections as `read_detections` reads them.

    Args:
        path: The `.npy` to write.
        detections: The file that they are of.
        embeddings: `(N, D)` float32 of unit length, in the order in which `read_detections` gives
            the detections; here they come into the order of the file's rows.
    """
    order = Rows.read(detections, columns=(7, 8, 9, 10)).order
    aligned = np.empty_like(embeddings)
    aligned[order] = embeddings
    with write_whole(path, "wb") as file:
        np.save(file, aligned)


def read_tracks(path: Path, on_fault: OnFault | None = None) -> TrackTable:
    """Read one sequence's results: `frame,id,x,y,w,h[,score[,class[,any,any]]]`.

    Args:
        path: The file.
        on_fault: Called for each wrong row, which is then left out; if None, the first one raises.

    Raises:
        InputError: Naming file, line and cure.
    """
    rows = Rows.read(path, columns=(6, 7, 8, 9, 10), on_fault=on_fault or refuse)
    rows.check_boxes()
    rows.check_ids()
    class_ids = rows.class_ids()  # first: it may leave rows out
    return TrackTable(
        frames=rows[FRAME].astype(np.int64),
        boxes=rows.boxes(),
        ids=rows[ID].astype(np.int64),
        scores=rows[SCORE] if rows.width > SCORE else np.ones(len(rows)),
        class_ids=class_ids,
    )


def write_tracks(path: Path, table: TrackTable) -> None:
    """Write results as MOTChallenge takes them: `frame,id,x,y,w,h,score,-1,-1,-1`."""
    with write_whole(path) as file:
        file.writelines(track_lines(table.frames, table))


@contextmanager
def open_tracks(path: Path) -> Iterator[Callable[[int, Tracks], None]]:
    """Give a function that adds a frame's tracks to a result file, for videos without an end.

    The file is there once the block ends well, whole, or else not at all.
    """
    with write_whole(path) as file:
        yield lambda frame, tracks: file.writelines(
            track_lines(np.full(len(tracks), frame), tracks)
        )


def track_lines(frames: Array, tracks: TrackTable | Tracks) -> Iterator[str]:
    """Give the lines of a result file, for rows with their frames."""
    columns = zip(
        frames.tolist(),
        tracks.ids.tolist(),
        xyxy_to_xywh(tracks.boxes).tolist(),
        tracks.scores.tolist(),
        strict=True,
    )
    for frame, track_id, box, score in columns:
        yield f"{frame},{track_id},{_decimals(box)},{score:.4f},-1,-1,-1\n"


def read_ground_truth(path: Path, on_fault: OnFault | None = None) -> TruthTable:
    """Read a `gt.txt`.

    Nine columns are MOT16's form, `frame,id,x,y,w,h,considered,class,visibility` (also MOT17,
    MOT20 and DanceTrack); ten are MOT15's, `frame,id,x,y,w,h,considered,X,Y,Z`, all pedestrians.

    Args:
        path: The file.
        on_fault: Called for each wrong row, which is then left out; if None, the first one raises.

    Raises:
        InputError: Naming file, line and cure; also for a file without any row.
    """
    rows = Rows.read(path, columns=(9, 10), on_fault=on_fault or refuse)
    if not len(rows):
        raise InputError(f"{path}: holds no ground truth; leave the sequence out of the evaluation")
    rows.check_boxes()
    rows.check_ids()
    rows.check(np.isin(rows[SCORE], (0, 1)), SCORE, "a row is considered (1) or not (0)")
    classless = rows.width == 10
    if not classless:
        rows.check_whole(CLASS)
    ones = np.ones(len(rows))
    return TruthTable(
        frames=rows[FRAME].astype(np.int64),
        boxes=rows.boxes(),
        ids=rows[ID].astype(np.int64),
        considered=rows[SCORE] == 1,
        class_ids=(ones if classless else rows[CLASS]).astype(np.int64),
        visibility=ones if classless else rows[VISIBILITY],
    )


def write_ground_truth(path: Path, table: TruthTable) -> None:
    """Write a `gt.txt` in MOT16's nine columns."""
    columns = zip(
        table.frames.tolist(),
        table.ids.tolist(),
        xyxy_to_xywh(table.boxes).tolist(),
        table.considered.tolist(),
        table.class_ids.tolist(),
        table.visibility.tolist(),
        strict=True,
    )
    with write_whole(path) as file:
        file.writelines(
            f"{frame},{person},{_decimals(box)},{considered:d},{class_id},{visibility:.4f}\n"
            for frame, person, box, considered, class_id, visibility in columns
        )


def list_sequences(folder: Path, patterns: Iterable[str] = ("*",)) -> list[str]:
    """Name the sequences of a detection or result folder: its `<sequence>.txt` files, sorted.

    Args:
        folder: The folder.
        patterns: Shell patterns; a sequence is taken if it fits any.

    Raises:
        InputError: The folder is missing, or nothing in it fits a pattern.
    """
    if not folder.is_dir():
        what = "is a file" if folder.exists() else "no such folder"
        raise InputError(f"{folder}: {what}; give a folder that holds <sequence>.txt files")
    names = sorted(path.stem for path in folder.glob("*.txt"))
    if not names:
        raise InputError(f"{folder}: holds no <sequence>.txt; give the folder right above them")
    taken: set[str] = set()
    for pattern in patterns:
        fitting = fnmatch.filter(names, pattern)
        if not fitting:
            some = ", ".join(names[:5]) + (", ..." if len(names) > 5 else "")
            raise InputError(f"{folder}: no <sequence>.txt fits {pattern!r}; it holds {some}")
        taken.update(fitting)
    return sorted(taken)


def half_frames(length: int, half: Half) -> tuple[int, int]:
    """Give the first and last frame of a half by ByteTrack's rule.

    Of N frames the training half is the first N // 2 + 1, validation is the rest.

    Raises:
        InputError: The sequence is too short to have that half.
    """
    middle = length // 2 + 1
    if half == "all":
        return 1, length
    first, last = (1, middle) if half == "train" else (middle + 1, length)
    if not first <= last <= length:
        raise InputError(f"a sequence of {length} frames has no half {half!r}; use all of it")
    return first, last


def _read_embeddings(path: Path, count: int) -> Array | None:
    if not path.exists():
        return None
    try:
        embeddings: Array = np.load(path, allow_pickle=False)
    except (ValueError, EOFError, OSError, MemoryError) as error:
        raise InputError(f"{path}: {error}; save a float32 array with numpy.save") from None
    kind = getattr(embeddings, "dtype", "an archive")
    if kind != np.float32:
        raise InputError(f"{path}: holds {kind}; save one float32 array with numpy.save")
    try:
        check_embeddings(embeddings, count)
    except InputError as error:
        raise InputError(f"{path}: {error}") from None
    return embeddings


def _decimals(box: list[float]) -> str:
    return ",".join(f"{value:.2f}" for value in box)
