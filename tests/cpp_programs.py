"""Building the C++ programs of deploy/ as their READMEs say, and running them."""

import os
import shlex
import shutil
import subprocess
from pathlib import Path

import numpy as np
import pytest

from yolox.formats.mot import read_detections, track_lines
from yolox.tracker.byte_tracker import ByteTrack
from yolox.tracker.covertrack import CoverTrack

# Height and width of what `write_walk` shows.
WALK = (256, 320)

# What is wrong with memory, or undefined, ends a program with neither 0 nor 2.
SANITIZED = {
    "CMAKE_BUILD_TYPE": "Debug",
    "CXXFLAGS": "-fsanitize=address,undefined -fno-sanitize-recover=all -g1",
    "LDFLAGS": "-fsanitize=address,undefined",
}
# OpenCV and FFmpeg keep some.
LEAKS_ALLOWED = {"ASAN_OPTIONS": "detect_leaks=0"}


def copy_sources(root: Path, folder: Path, backend: str) -> None:
    """Copy what a program is built from, as an own folder where it can be built."""
    for program in ("cmake", "c++"):
        if not shutil.which(program):
            pytest.skip(f"there is no {program}")
    for part in ("cpp", "video", backend):
        shutil.copytree(
            root / "deploy" / part,
            folder / "deploy" / part,
            ignore=shutil.ignore_patterns("build*"),
        )


def commands(readme: str, block: int) -> list[str]:
    """Read the commands of a README's block."""
    text = readme.split("```sh\n")[block + 1].split("```")[0]
    return text.replace("\\\n", "").strip().splitlines()


def run(place: Path, *words: str | Path, **environment: str) -> str:
    """Run what has to work; give what it prints."""
    done = _run(place, words, environment)
    assert done.returncode == 0, f"{words}\n{done.stdout[-3000:]}\n{done.stderr[-3000:]}"
    return done.stdout


def run_line(place: Path, line: str, **environment: str) -> str:
    """Run a line of a README."""
    return run(place, *shlex.split(line), **environment)


def fault(place: Path, *words: str | Path, **environment: str) -> str:
    """Run what has to be refused; give the one line that it says, without `error: `."""
    done = _run(place, words, environment)
    assert done.returncode == 2, f"{words}: {done.returncode}\n{done.stdout}\n{done.stderr}"
    assert done.stderr.startswith("error: ")
    assert done.stderr.count("\n") == 1
    return done.stderr.removeprefix("error: ").rstrip("\n")


def write_walk(place: Path) -> dict[str, str]:
    """Write frames of one colour, of which the networks of the doubles make a box, and a video.

    The box has its centre at blue and green, and red as its sides.

    Returns:
        By tracker the tracks in `walk/` that it makes of them, as MOTChallenge text.
    """
    cv2 = pytest.importorskip("cv2")
    (place / "walk").mkdir()
    height, width = WALK
    writer = cv2.VideoWriter(
        str(place / "walk.mp4"), cv2.VideoWriter_fourcc(*"mp4v"), 30, (width, height)
    )
    rows = []
    for frame in range(1, 9):
        blue, green, red = 80 + 5 * frame, 120, 40
        image = np.full((height, width, 3), (blue, green, red), np.uint8)
        cv2.imwrite(str(place / "walk" / f"{frame:06d}.png"), image)
        writer.write(image)
        rows.append(f"{frame},-1,{blue - red / 2},{green - red / 2},{red},{red},0.9\n")
    writer.release()
    (place / "walk.txt").write_text("".join(rows))
    table = read_detections(place / "walk.txt")
    texts = {}
    for algorithm in (ByteTrack, CoverTrack):
        tracks = algorithm().update_all(table, table.last_frame)
        texts[algorithm.name] = "".join(track_lines(tracks.frames, tracks))
    return texts


def _run(place, words, environment):
    return subprocess.run(
        words,
        cwd=place,
        capture_output=True,
        text=True,
        check=False,
        env={**os.environ, **environment},
    )
