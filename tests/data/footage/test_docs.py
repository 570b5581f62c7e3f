import re

from data.footage.filmed import film


def test_the_example_runs(root, tmp_path, monkeypatch, capsys):
    (example,) = re.findall(r"```python\n(.*?)```", (root / "docs/footage.md").read_text(), re.S)
    film(tmp_path / "match.mp4", range(3))
    monkeypatch.chdir(tmp_path)
    exec(compile(example, "docs/footage.md", "exec"), {})
    assert capsys.readouterr().out.splitlines()[2] == "3 0.08 (64, 96, 3)"
