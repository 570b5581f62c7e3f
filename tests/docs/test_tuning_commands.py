"""The commands of docs/tuning.md, with fewer trials and shorter sequences."""

import shlex

from in_process import run_here

FEWER = {
    "make_synthetic.py": ["--frames", 40],
    "tune.py": ["--trials", 2, "--workers", 1],
    "track.py": [],
}


def test_the_commands_run(root, tmp_path):
    page = (root / "docs" / "tuning.md").read_text()
    lines = page.split("```sh\n")[1].split("```")[0].replace("\\\n", "").strip().splitlines()
    assert [shlex.split(line)[1] for line in lines] == [f"tools/{name}" for name in FEWER]
    for line, fewer in zip(lines, FEWER.values(), strict=True):
        _, tool, *words = shlex.split(line)
        done = run_here(tmp_path, root / tool, *words, *fewer)
        assert done.returncode == 0, done.stderr
    assert (tmp_path / "runs" / "tuned" / "street-000.txt").is_file()
    assert len(list((tmp_path / "runs" / "tuned").glob("*.txt"))) == 4
