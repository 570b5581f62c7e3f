"""Command lines as a user types them."""

import subprocess
import sys

import pytest


@pytest.fixture
def call(root, tmp_path):
    def run(tool, *words):
        command = [sys.executable, str(root / "tools" / f"{tool}.py"), *map(str, words)]
        return subprocess.run(command, capture_output=True, text=True, cwd=tmp_path, check=False)

    return run
