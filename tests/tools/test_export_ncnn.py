"""tools/export_ncnn.py, by the command of docs/deployment.md."""

import json
import shlex

import pytest

WEIGHTS = "pretrained/yolox_nano_reid_synthetic.pth"
EXP = "exps/example/synthetic/yolox_nano_reid_long.py"


@pytest.fixture(autouse=True)
def installed():
    for name in ("ncnn", "pnnx"):
        pytest.importorskip(name, reason=f"{name} is not installed")


def test_the_documented_command(call, root, tmp_path):
    for folder in ("exps", "pretrained"):
        (tmp_path / folder).symlink_to(root / folder)
    page = (root / "docs" / "deployment.md").read_text().split("## ncnn")[1]
    command = page.split("```sh\n")[1].split("```")[0].replace("\\\n", "")
    python, tool, *words = shlex.split(command)
    assert (python, tool) == ("python", "tools/export_ncnn.py")
    done = call("export_ncnn", *words)
    assert done.returncode == 0, done.stderr
    assert "(0.001 is allowed)" in done.stdout
    assert (tmp_path / "nano_ncnn" / "network.param").exists()


def test_every_option(call, root, tmp_path):
    words = ["-f", root / EXP, "-c", root / WEIGHTS, "--output", "small"]
    done = call("export_ncnn", *words, "--tsize", 64, 96, "--no-reid", "emb_dim", "64")
    assert done.returncode == 0, done.stderr
    texts = json.loads((tmp_path / "small" / "network.json").read_text())
    assert (texts["input_size"], texts["embedding_dim"]) == ("[64, 96]", "0")


def test_what_does_not_go(fail, root, tmp_path):
    error = fail("export_ncnn", "-f", root / EXP, "-c", tmp_path / "a.pth", "--output", tmp_path)
    assert "a.pth: no such file" in error
