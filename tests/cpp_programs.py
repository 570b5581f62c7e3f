"""Building the C++ programs of deploy/ as their READMEs say, and running them."""

import os
import shlex
import shutil
import subprocess
from pathlib import Path

import pytest

# What is wrong with memory, or undefined, ends a program with neither 0 nor 2.
SANITIZED = {
    "CMAKE_BUILD_TYPE": "Debug",
    "CXXFLAGS": "-fsanitize=address,undefined -fno-sanitize-recover=all -g1",
    "LDFLAGS": "-fsanitize=address,undefined",
}


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
    return readme.split("```sh\n")[block + 1].split("```")[0].strip().splitlines()


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


def _run(place, words, environment):
    return subprocess.run(
        words,
        cwd=place,
        capture_output=True,
        text=True,
        check=False,
        env={**os.environ, **environment},
    )
