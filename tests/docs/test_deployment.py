"""The commands of docs/deployment.md."""

import shlex

from in_process import run_here

from yolox.data.synthetic import make_scene
from yolox.data.synthetic.rendering import render
from yolox.formats.mot import read_tracks
from yolox.visualize.video import write_video


def test_the_commands_run(root, tmp_path):
    with write_video(tmp_path / "walk.mp4", 448, 252, 20.0) as write:
        for image in render(make_scene(8, 6, seed=5, width=448, height=252)):
            write(image)
    for folder in ("exps", "pretrained"):
        (tmp_path / folder).symlink_to(root / folder)
    example = (root / "docs" / "deployment.md").read_text().split("```sh\n")[1].split("```")[0]
    commands = example.replace("\\\n", "").strip().splitlines()
    assert len(commands) == 2
    for command in commands:
        python, tool, *words = shlex.split(command)
        assert python == "python"
        done = run_here(tmp_path, root / tool, *words)
        assert done.returncode == 0, done.stderr
    assert len(read_tracks(tmp_path / "runs" / "onnx" / "walk.txt"))
