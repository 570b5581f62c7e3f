"""Every option of the tools that track is used by some test."""

import ast
import re
import subprocess
import sys

import pytest


@pytest.mark.parametrize("tool", ["track", "demo_track"])
def test_every_option_is_used(root, tool):
    """The parameters of trackers are for their own tests."""
    done = subprocess.run(
        [sys.executable, str(root / "tools" / f"{tool}.py"), "--help"],
        capture_output=True,
        text=True,
        check=True,
    )
    own = done.stdout.partition("tracker parameters")[0]
    listed = re.findall(r"^  (?:-\w+[^,\n]*, )?(--[a-z][\w-]*)", own, re.MULTILINE)
    assert {"--tracker", "--output", "--batch-size"} <= set(listed)
    words = set()
    for path in (root / "tests").rglob("*.py"):
        for node in ast.walk(ast.parse(path.read_text())):
            if isinstance(node, ast.Constant) and isinstance(node.value, str):
                words.update(part.partition("=")[0] for part in node.value.split())
    short = {"--batch-size": "-b", "--exp-file": "-f", "--ckpt": "-c", "--devices": "-d",
             "--experiment-name": "-expn"}  # fmt: skip
    for option in listed:
        names = {option, option.replace("--", "--no-"), short.get(option, option)}
        assert names & words, f"no test uses {option}"


@pytest.mark.parametrize("folder", ["tools", "benchmarks"])
def test_help_shows_commands_as_they_are_written(root, folder):
    """A backslash at the end of a line is lost where the docstring is not a raw one."""
    for path in sorted((root / folder).glob("*.py")):
        source = path.read_text()
        told = ast.get_docstring(ast.parse(source), clean=False)
        assert told is not None, path.name
        assert told in source, path.name
