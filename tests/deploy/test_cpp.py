"""The commands of deploy/cpp/README.md, and a program that uses what they install."""

import shlex
import shutil
import subprocess

import numpy as np
import pytest
from tracker.random_scenes import random_options

from yolox.data.synthetic import make_scene
from yolox.formats.mot import read_detections, read_tracks, track_lines, write_detections
from yolox.tracker.byte_tracker import ByteTrack
from yolox.tracker.covertrack import CoverTrack

pytestmark = pytest.mark.slow

TRACKERS = [ByteTrack, CoverTrack]

CMAKE = """cmake_minimum_required(VERSION 3.16)
project(app CXX)
add_executable(app app.cpp)
"""

# What an app would have around the example.
APP = """#include <vector>
#include <bytetrack/detection.hpp>
{include}
static const int video[] = {{1, 2, 3}};
static std::vector<bytetrack::Detection> detect(int x) {{
  const double left = x;
  return {{{{{{left, 0, left + 40, 100}}, 0.9, 0}}}};
}}
static int drawn = 0;
static void draw(long id, const bytetrack::Box&, const bytetrack::Detection&) {{ drawn += id; }}
int main() {{
{body}
  return drawn == 3 ? 0 : 1;
}}
"""


@pytest.fixture(scope="module")
def place(root, tmp_path_factory):
    for program in ("cmake", "ctest", "c++"):
        if not shutil.which(program):
            pytest.skip(f"there is no {program}")
    folder = tmp_path_factory.mktemp("cpp")
    shutil.copytree(
        root / "deploy" / "cpp", folder / "deploy" / "cpp", ignore=shutil.ignore_patterns("build*")
    )
    scene = make_scene(8, 60, width=640, height=480, seed=5)
    write_detections(folder / "detections.txt", scene.detections)
    return folder


@pytest.fixture(scope="module")
def readme(root):
    return (root / "deploy" / "cpp" / "README.md").read_text()


def _blocks(readme, language):
    return [part.split("```")[0] for part in readme.split(f"```{language}\n")[1:]]


def _run(place, *words):
    done = subprocess.run(words, cwd=place, capture_output=True, text=True, check=False)
    assert done.returncode == 0, f"{words}\n{done.stdout[-3000:]}\n{done.stderr[-3000:]}"


def test_build_track_install_and_use(place, readme):
    build, cover, _, _ = _blocks(readme, "sh")
    for command in [*build.strip().splitlines(), cover]:
        _run(place, *shlex.split(command))
    table = read_detections(place / "detections.txt")
    tracks = ByteTrack().update_all(table, table.last_frame)
    assert (place / "tracks.txt").read_text() == "".join(track_lines(tracks.frames, tracks))
    tracks = CoverTrack(image_width=640).update_all(table, table.last_frame)
    assert_same(read_tracks(place / "cover.txt"), tracks)

    include, body = _blocks(readme, "cpp")[0].split("\n\n", 1)
    app = place / "app"
    app.mkdir()
    (app / "app.cpp").write_text(APP.format(include=include, body=body))
    (app / "CMakeLists.txt").write_text(CMAKE + _blocks(readme, "cmake")[0])
    _run(app, "cmake", "-S", ".", "-B", "build", f"-DCMAKE_PREFIX_PATH={place / 'installed'}")
    _run(app, "cmake", "--build", "build")
    _run(app, "build/app")


def assert_same(found, expected):
    np.testing.assert_array_equal(found.frames, expected.frames)
    np.testing.assert_array_equal(found.ids, expected.ids)
    np.testing.assert_allclose(found.boxes, expected.boxes, atol=0.011)  # of two roundings


@pytest.fixture
def program(place):
    """`track_text`, as the first test built it."""
    program = place / "deploy" / "cpp" / "build" / "track_text"
    if not program.is_file():
        pytest.skip("it was not built")
    return program


def words_of(options):
    """Write parameters as the options of a command line."""
    words = []
    for name, value in options.items():
        option = name.replace("_", "-")
        if isinstance(value, bool):
            words.append(f"--{'' if value else 'no-'}{option}")
        elif value is not None:
            words += [f"--{option}", repr(value)]
    return words


@pytest.mark.parametrize("algorithm", TRACKERS)
def test_every_parameter_of_a_tracker_is_an_option(place, program, algorithm):
    table, tried = read_detections(place / "detections.txt"), set()
    for seed in range(12):
        options = random_options(algorithm, np.random.default_rng(seed))
        tried |= {name for name, value in options.items() if value is not None}
        words = ["--tracker", algorithm.name, *words_of(options)]
        _run(place, program, "detections.txt", "options.txt", *words)
        expected = algorithm(**options).update_all(table, table.last_frame)
        assert_same(read_tracks(place / "options.txt"), expected)
    assert tried == set(algorithm.parameters())


def test_the_help_is_the_definitions(program):
    told = {}
    for algorithm in TRACKERS:
        for name, parameter in algorithm.parameters().items():
            shown = f"{algorithm.name} {_shown(parameter.default)}"
            told.setdefault(name, {}).setdefault(parameter.help, []).append(shown)
    said = subprocess.run([program, "--help"], capture_output=True, text=True, check=True).stdout
    options = dict(line.split(None, 1) for line in said.splitlines() if line.startswith("  --"))
    for name, meanings in told.items():
        meant = "; ".join(f"{meaning} ({', '.join(them)})" for meaning, them in meanings.items())
        option = name.replace("_", "-")
        assert options.pop(f"--{option}").removeprefix("X").strip() == meant
        options.pop(f"--no-{option}", None)
    assert set(options) == {"--tracker", "--help"}


def _shown(value):
    if isinstance(value, bool):
        return "on" if value else "off"
    return "unset" if value is None else f"{value:g}"


def test_the_program_errs_in_one_line(place, program):
    (place / "wrong.txt").write_text("1,-1,0,0,1,1,90\n")
    for words, message in (
        (["wrong.txt", "out.txt"], "error: wrong.txt:1: column 7 is 90; scores lie in [0, 1]"),
        (["none.txt", "out.txt"], "error: none.txt: cannot be read"),
        (["detections.txt", "no/out.txt"], "error: no/out.txt: cannot be written; name another"),
        (["detections.txt", "./detections.txt"], "error: ./detections.txt: is the detections' own"),
        (["detections.txt"], "error: give two files"),
        (["detections.txt", "out.txt", "--tracker", "sort"], "error: there is no tracker 'sort'; "),
    ):
        done = subprocess.run(
            [program, *words], cwd=place, capture_output=True, text=True, check=False
        )
        assert done.returncode == 2
        assert done.stderr.startswith(message)
        assert done.stderr.count("\n") == 1


def test_sanitizers_find_nothing(place, readme):
    for command in _blocks(readme, "sh")[2].strip().splitlines():
        _run(place, *shlex.split(command))


def test_the_fuzzer_finds_nothing(place, readme):
    if not shutil.which("clang++"):
        pytest.skip("there is no clang++, whose libFuzzer it takes")
    for command in _blocks(readme, "sh")[3].strip().splitlines():
        _run(place, *shlex.split(command.replace("max_total_time=600", "max_total_time=5")))
