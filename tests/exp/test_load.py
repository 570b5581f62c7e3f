import pytest

from yolox.exp import load_exp
from yolox.structures import InputError


def _write(folder, text, name="run.py"):
    (folder / name).write_text(text)
    return folder / name


def test_a_file_gives_its_exp(tmp_path):
    path = _write(tmp_path, "from yolox.exp import Exp as B\nclass Exp(B):\n    model = 'x'\n")
    exp = load_exp(path)
    assert exp.model == "x"
    assert exp.name == "run"


@pytest.mark.parametrize(
    ("text", "message"),
    [
        ("x = 1\n", "has no class Exp derived"),
        ("class Exp: pass\n", "has no class Exp derived"),
        ("import gone_for_good\n", "ModuleNotFoundError: No module named 'gone_for_good'"),
        ("def (\n", "SyntaxError"),
        ("from yolox.exp import Exp as B\nclass Exp(B):\n    modle = 's'\n", "did you mean model"),
        ("from yolox.exp import Exp as B\nclass Exp(B):\n    ema = 3\n", "run.ema is 3; give True"),
    ],
)
def test_wrong_files_are_named(tmp_path, text, message):
    with pytest.raises(InputError, match=message):
        load_exp(_write(tmp_path, text))


def test_a_missing_file(tmp_path):
    with pytest.raises(InputError, match="no such file; exps/ has"):
        load_exp(tmp_path / "gone.py")


def test_every_exp_of_the_project_loads(root):
    for path in sorted((root / "exps").rglob("*.py")):
        assert load_exp(path).name == path.stem
