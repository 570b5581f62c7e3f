"""The Dockerfiles name files that are there; they cannot be built in a test."""

import json

import pytest


@pytest.mark.parametrize("name", ["Dockerfile", "Dockerfile.cuda"])
def test_what_is_copied_and_run_is_there(root, name):
    lines = (root / name).read_text().replace("\\\n", " ").splitlines()
    copied = [line.split()[1:] for line in lines if line.startswith("COPY ")]
    assert len(copied) >= 4
    for *sources, target in copied:
        for source in sources:
            assert (root / source).exists()
            assert target in ("./", source)
    (command,) = (json.loads(line[4:]) for line in lines if line.startswith("CMD "))
    assert (root / command[0]).is_file()
    # The package is installed from what has been copied, native tracker included.
    everything = {source for *sources, _ in copied for source in sources}
    assert {"pyproject.toml", "setup.py", "README.md", "LICENSE", "yolox"} <= everything
    assert everything & {"deploy", "deploy/cpp"}
