"""Find the Exp of a file."""

from __future__ import annotations

import importlib.util
import sys
from pathlib import Path

from yolox.exp.base import Exp
from yolox.structures import InputError


def load_exp(path: Path) -> Exp:
    """Run an Exp file and make its `Exp`. The file is code: run only those that you trust.

    Raises:
        InputError: The file is missing or fails, has no class `Exp`, or sets what there is not.
    """
    exp = _exp_class(path)()
    exp.check()
    return exp


def exp_of(file: str, *, beside: str) -> type[Exp]:
    """Run an Exp file and give its class, from which another file derives a variant.

        class Exp(exp_of("yolox_s_mix_det.py", beside=__file__)):
            reid = "fused"

    Args:
        file: The Exp file, relative to the folder of `beside`.
        beside: The variant's own file.

    Raises:
        InputError: The file is missing or fails, or has no class `Exp`.
    """
    return _exp_class(Path(beside).parent / file)


def _exp_class(path: Path) -> type[Exp]:
    if not path.is_file():
        raise InputError(f"{path}: no such file; exps/ has those of the project")
    spec = importlib.util.spec_from_file_location(f"exps.{path.stem}", path)
    if spec is None or spec.loader is None:
        raise InputError(f"{path}: is no Python file")
    module = importlib.util.module_from_spec(spec)
    sys.modules[spec.name] = module  # by which data-loading processes find the class again
    try:
        spec.loader.exec_module(module)
    except InputError:  # says already which file is wrong
        raise
    except Exception as error:
        raise InputError(f"{path}: {type(error).__name__}: {error}") from error
    kind = getattr(module, "Exp", None)
    if not (isinstance(kind, type) and issubclass(kind, Exp)):
        raise InputError(f"{path}: has no class Exp derived from yolox.exp.Exp; add it")
    return kind
