"""The line that data travels is the only direction in which packages may import each other."""

import ast
from pathlib import Path

import pytest

PACKAGE = Path(__file__).resolve().parent.parent / "yolox"

# What each package may import beside `structures`, `formats` and itself.
MAY_IMPORT = {
    "structures": set(),
    "formats": {"structures"},
    "data": set(),
    "models": set(),
    "losses": {"models"},
    "postprocess": {"models"},
    "export": {"data", "models", "postprocess"},
    "tracker": set(),
    "results": {"tracker"},
    "metrics": set(),
    "visualize": set(),
    "exp": {"data", "models", "losses"},
    "engine": {
        "exp",
        "export",
        "data",
        "models",
        "losses",
        "postprocess",
        "tracker",
        "results",
        "metrics",
        "visualize",
    },
    "cli": {"tracker", "metrics", "engine"},
}
FOR_ALL = {"structures", "formats"}


def _modules():
    return list(PACKAGE.rglob("*.py"))


def _imports(path):
    for node in ast.walk(ast.parse(path.read_text())):
        names = []
        if isinstance(node, ast.ImportFrom):
            assert node.level == 0, f"{path}: import by full name"
            names = [node.module, *(f"{node.module}.{alias.name}" for alias in node.names)]
        elif isinstance(node, ast.Import):
            names = [alias.name for alias in node.names]
        for name in names:
            if name.startswith("yolox.") and name.split(".")[1] != "__version__":
                yield name.split(".")[1]


@pytest.mark.parametrize("path", sorted(_modules()), ids=lambda p: p.name)
def test_imports_follow_the_line(path):
    place = path.relative_to(PACKAGE).parts[0].removesuffix(".py")
    if place == "__init__":
        return
    allowed = MAY_IMPORT[place] | {place}
    if place not in FOR_ALL:
        allowed |= FOR_ALL
    assert set(_imports(path)) <= allowed


def test_every_package_has_its_place():
    places = {path.relative_to(PACKAGE).parts[0].removesuffix(".py") for path in _modules()}
    assert places == set(MAY_IMPORT) | {"__init__"}


def test_only_the_package_is_imported():
    """The library knows nothing of `tools`, `tests`, `benchmarks` and `exps`."""
    for path in _modules():
        text = path.read_text()
        for folder in ("tools", "tests", "benchmarks", "exps"):
            assert f"import {folder}" not in text
            assert f"from {folder}" not in text
