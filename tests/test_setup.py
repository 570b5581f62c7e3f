"""Installing: with a C++ compiler the native tracker is inside, without one all else works."""

import os
import shutil
import subprocess
import sys
import zipfile

import pytest

pytestmark = pytest.mark.slow

UNWANTED = shutil.ignore_patterns(
    ".git", ".venv", ".*_cache", "__pycache__", "*.so", "*.egg-info", "build*", "runs", "datasets",
    "pretrained", "docs", "tests",
)  # fmt: skip

TRACK = """
import sys
from yolox.structures import Detections
from yolox.tracker import find_tracker
from yolox.tracker.native import is_built
import yolox
assert yolox.__file__.startswith(sys.argv[1]), yolox.__file__
tracker = find_tracker("byte", "native" if is_built() else "numpy")()
print(is_built(), tracker.update(Detections([[0, 0, 40, 100]], [0.9])).ids.tolist())
"""


def _wheel(root, folder, **environment):
    """Build a wheel in a copy of the tree, and unpack it."""
    for module in ("pybind11", "setuptools", "pip"):
        pytest.importorskip(module)
    shutil.copytree(root, folder / "tree", ignore=UNWANTED)
    command = [sys.executable, "-m", "pip", "wheel", "--no-build-isolation", "--no-deps",
               "--no-index", "--wheel-dir", str(folder), str(folder / "tree")]  # fmt: skip
    built = subprocess.run(
        command, env=os.environ | environment, capture_output=True, text=True, check=False
    )
    assert built.returncode == 0, built.stderr + built.stdout
    (path,) = folder.glob("*.whl")
    with zipfile.ZipFile(path) as wheel:
        wheel.extractall(folder / "installed")
    return folder / "installed"


def _run(installed, *words):
    return subprocess.run(
        [sys.executable, *map(str, words)],
        env=os.environ | {"PYTHONPATH": str(installed)},
        cwd=installed,
        capture_output=True,
        text=True,
        check=False,
    )


def test_with_a_compiler(root, tmp_path):
    if not shutil.which(os.environ.get("CXX", "c++")):
        pytest.skip("no C++ compiler: c++")
    installed = _wheel(root, tmp_path)
    (native,) = (installed / "yolox" / "tracker").glob("_native.*.so")
    assert native.stat().st_size < 1_000_000
    assert (installed / "yolox" / "tracker" / "_native.pyi").is_file()
    done = _run(installed, "-c", TRACK, installed)
    assert done.stdout == "True [1]\n", done.stderr


def test_without_a_compiler(root, tmp_path):
    installed = _wheel(root, tmp_path, CC="/bin/false", CXX="/bin/false")
    assert not list(installed.glob("yolox/tracker/_native.*.so"))
    done = _run(installed, "-c", TRACK, installed)
    assert done.stdout == "False [1]\n", done.stderr

    (installed / "det").mkdir()
    (installed / "det" / "one.txt").write_text("1,-1,0,0,40,100,0.9\n2,-1,1,0,40,100,0.9\n")
    words = [root / "tools" / "track.py", "--detections", "det", "--output", "out"]
    done = _run(installed, *words)
    assert done.returncode == 0, done.stderr
    assert done.stderr.count("the C++ trackers are not built here; byte runs on NumPy") == 1
    assert len((installed / "out" / "one.txt").read_text().splitlines()) == 2
    done = _run(installed, *words, "--backend", "native")
    assert done.returncode == 2
    assert done.stderr.startswith("error: the C++ tracker is not built; install the package anew")
    assert done.stderr.count("\n") == 1


def test_the_sdist_holds_the_core(root, tmp_path):
    pytest.importorskip("setuptools")
    shutil.copytree(root, tmp_path / "tree", ignore=UNWANTED)
    subprocess.run(
        [sys.executable, "setup.py", "--quiet", "sdist", "--format", "zip", "--dist-dir", tmp_path],
        cwd=tmp_path / "tree",
        capture_output=True,
        check=True,
    )
    (path,) = tmp_path.glob("*.zip")
    with zipfile.ZipFile(path) as sdist:
        names = {name.partition("/")[2] for name in sdist.namelist()}
    for folder in ("include/bytetrack", "src", "python"):
        for source in (root / "deploy" / "cpp" / folder).iterdir():
            assert source.relative_to(root).as_posix() in names
    assert "deploy/cpp/CMakeLists.txt" in names
