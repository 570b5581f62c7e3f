"""What is checked of a run before it begins or goes on."""

from __future__ import annotations

from pathlib import Path

from yolox.engine.run_state import State, read_state
from yolox.exp.base import Exp
from yolox.structures import InputError

STATE = "latest.pth"
# A best score is of these settings; under others it says nothing.
DECIDE_BEST = ("best", "val", "test_size", "test_conf", "nmsthre")
# Settings that a resumed run may have otherwise; of these only max_epoch changes what is learnt.
MAY_CHANGE = {
    *DECIDE_BEST, "max_epoch", "data_root", "workers", "eval_interval", "print_interval", "keep",
    "eval_tracking", "skip_bad_loss",
}  # fmt: skip


def check_settings(exp: Exp) -> None:
    """Check settings that depend on each other.

    Raises:
        InputError: Two of them cannot be together.
    """
    if exp.max_epoch < exp.warmup_epochs + exp.no_aug_epochs:
        raise InputError(
            f"max_epoch is {exp.max_epoch}, less than warmup_epochs {exp.warmup_epochs} and "
            f"no_aug_epochs {exp.no_aug_epochs} together; train longer, or shorten those"
        )
    heights = [height for height, _ in exp.get_sizes()]
    shortest, longest = heights[0], heights[-1]
    if not shortest <= exp.input_size[0] <= longest:
        raise InputError(
            f"input_size is {exp.input_size}, but random_size {exp.random_size} trains at heights "
            f"of {shortest} to {longest}; set both, random_size in steps of 32"
        )
    if exp.best in ("rank_1", "mean_ap") and exp.reid == "none":
        raise InputError(f"best is {exp.best}, but reid is none; set best to ap or ap50")
    if exp.best in ("hota", "mota", "idf1") and not exp.eval_tracking:
        raise InputError(f"best is {exp.best}, but eval_tracking is False; set it to True")


def find_state(output: Path, *, resume: bool) -> State | None:
    """Read the state of the run in a folder, or make sure that there is none.

    Raises:
        InputError: There is one and it is not to be resumed, or there is none and it is.
    """
    if resume:
        return read_state(output / STATE)
    if (output / STATE).exists():
        raise InputError(f"{output}: holds a run; go on with --resume, or give another folder")
    return None


def check_same_run(path: Path, state: State, present: State) -> None:
    """Refuse to go on where that would lead elsewhere than the run that was stopped.

    Args:
        path: The file of the state.
        state: What it holds.
        present: The same of the run that is to go on.

    Raises:
        InputError: Naming what is different.
    """
    told = {
        "batch_size": "-b",
        "precision": "--precision",
        "batches_per_epoch": "batches an epoch",
        "num_identities": "identities in the training data",
    }
    changed = [
        f"{name} was {state[key]} and is {present[key]}"
        for key, name in told.items()
        if state[key] != present[key]
    ] + [
        f"{key} was {state['exp'].get(key)!r} and is {value!r}"
        for key, value in present["exp"].items()
        if _matters(key, state["exp"].get(key), value)
    ]
    if changed:
        raise InputError(f"{path}: {'; '.join(changed)}; resume with what it began with")


def _matters(key: str, before: object, now: object) -> bool:
    """Tell whether a changed setting makes another run."""
    if key == "cache":  # memory and disk keep the same pixels, which are not those of the files
        return (before == "none") != (now == "none")
    return key not in MAY_CHANGE and before != now
