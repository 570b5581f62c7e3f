"""Command lines as a user types them."""

import runpy
import subprocess
import sys

import pytest


@pytest.fixture
def call(root, tmp_path):
    def run(tool, *words):
        command = [sys.executable, str(root / "tools" / f"{tool}.py"), *map(str, words)]
        return subprocess.run(command, capture_output=True, text=True, cwd=tmp_path, check=False)

    return run


@pytest.fixture
def fail(root, monkeypatch, capfd):
    """Run a tool that is to fail, in this process as that is faster; give its line on stderr."""

    def run(tool, *words):
        monkeypatch.setattr(sys, "argv", [f"{tool}.py", *map(str, words)])
        with pytest.raises(SystemExit) as ended:
            runpy.run_path(str(root / "tools" / f"{tool}.py"), run_name="__main__")
        assert ended.value.code == 2
        error = capfd.readouterr().err
        assert len(error.strip().splitlines()) == 1
        return error

    return run
