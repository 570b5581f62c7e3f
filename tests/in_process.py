"""Command lines without a process of their own, as loading torch takes longer than most tests."""

import contextlib
import io
import runpy
import subprocess
import sys

import pytest


def run_here(folder, script, *words):
    """Run a script in a folder; give what `subprocess.run` would, but for what is not Python's."""
    out, err, code = io.StringIO(), io.StringIO(), 0
    with (
        pytest.MonkeyPatch.context() as patch,
        contextlib.redirect_stdout(out),
        contextlib.redirect_stderr(err),
    ):
        patch.setattr(sys, "argv", [str(script), *map(str, words)])
        patch.setattr(sys, "path", [str(script.parent), *sys.path])
        patch.chdir(folder)
        try:
            runpy.run_path(str(script), run_name="__main__")
        except SystemExit as end:
            code = end.code or 0
    return subprocess.CompletedProcess(words, code, out.getvalue(), err.getvalue())
