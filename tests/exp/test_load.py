from pathlib import Path

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


VARIANT = """from yolox.exp import exp_of
class Exp(exp_of("{}", beside=__file__)):
    reid = "fused"
"""


def test_a_variant_derives_from_a_file_wherever_it_is_run(tmp_path, monkeypatch):
    folder = tmp_path / "exps" / "variants"
    folder.mkdir(parents=True)
    text = "from yolox.exp import Exp as B\nclass Exp(B):\n    model = 'x'\n    ema = False\n"
    plain = _write(folder.parent, text, "plain.py")
    variant = _write(folder, VARIANT.format("../plain.py"), "variant.py")
    monkeypatch.chdir(tmp_path / "exps")
    for path in (variant, Path("variants/variant.py")):
        exp = load_exp(path)
        assert (exp.name, exp.model, exp.ema, exp.reid) == ("variant", "x", False, "fused")
    assert load_exp(plain).reid == "none"


@pytest.mark.parametrize(
    ("parent", "message"),
    [
        ("gone.py", "gone.py: no such file; exps/ has"),
        ("broken.py", "broken.py: SyntaxError"),
        ("run.py", "run.py: RecursionError"),
    ],
)
def test_a_wrong_parent_is_named_once(tmp_path, parent, message):
    _write(tmp_path, "def (\n", "broken.py")
    with pytest.raises(InputError, match=message) as raised:
        load_exp(_write(tmp_path, VARIANT.format(parent)))
    assert str(raised.value).count(str(tmp_path)) == 1
