"""What a run tells of itself: a text file, TensorBoard, and the services that are asked for."""

from __future__ import annotations

import importlib
import importlib.util
import math
import resource
import sys
from collections.abc import Iterable, Mapping, Sequence
from functools import cached_property
from pathlib import Path
from typing import Any, Literal, Protocol, get_args

import torch

from yolox.engine.trainer import Progress
from yolox.exp.base import Exp, settings
from yolox.structures import InputError

ServiceName = Literal["wandb", "mlflow"]
SERVICES: tuple[ServiceName, ...] = get_args(ServiceName)


class Service(Protocol):
    """Takes numbers by name, and the batch that they are of."""

    def write(self, batch: int, values: Mapping[str, float]) -> None:
        """Take numbers."""

    def close(self) -> None:
        """Send what is not sent yet."""


class RunLog:
    """Writes `train.log`, TensorBoard's files, and to services, of one run.

    Args:
        output: The run's folder.
        exp: Its settings.
        start: Batches already done; TensorBoard forgets what was logged of later ones, the other
            places keep both.
        services: Where else to write.
        echo: Print the lines of `train.log` too.

    Raises:
        InputError: A service is not installed.
    """

    def __init__(
        self,
        output: Path,
        exp: Exp,
        *,
        start: int = 0,
        services: Sequence[str] = (),
        echo: bool = False,
    ) -> None:
        for name in services:
            if importlib.util.find_spec(name) is None:
                raise InputError(f"--logger {name}: it is not installed; pip install {name}")
        self._output, self._exp, self._start = output, exp, start
        self._names, self._echo = services, echo
        self._recent: list[Progress] = []

    def on_batch(self, progress: Progress) -> None:
        """Take note of a batch; every `print_interval` batches their means are written."""
        self._recent.append(progress)
        if progress.batch % self._exp.print_interval and progress.batch != progress.total:
            return
        values = summarise(self._recent)
        self._recent = []
        self._write(progress.batch, progress.total, values)

    def on_scores(self, batch: int, scores: Mapping[str, float]) -> None:
        """Write what an evaluation came to."""
        self._write(batch, None, {f"val/{name}": score for name, score in scores.items()})

    def close(self) -> None:
        """Write what is not written yet."""
        if "_services" in vars(self):
            for service in self._services:
                service.close()

    @cached_property
    def _services(self) -> list[Service]:
        # Opened with the first line, when the folder is known to be this run's alone.
        chosen = {key: getattr(self._exp, key) for key in settings()}
        makers: dict[str, Any] = {"wandb": _WandB, "mlflow": _MLflow}
        return [
            _TensorBoard(self._output, self._start),
            *(makers[name](self._output, self._exp.name, chosen, self._start)
              for name in self._names),
        ]  # fmt: skip

    def _write(self, batch: int, total: int | None, values: Mapping[str, float]) -> None:
        shown = ", ".join(f"{name} {value:.4g}" for name, value in values.items())
        line = f"batch {batch}{f' of {total}' if total else ''}: {shown}"
        with (self._output / "train.log").open("a", encoding="utf-8") as file:
            print(line, file=file)
        if self._echo:
            print(line, flush=True)
        for service in self._services:
            service.write(batch, values)


def summarise(batches: Sequence[Progress]) -> dict[str, float]:
    """Give means of the losses, and rate, speed, waiting and memory, by name."""
    last, seconds = batches[-1], sum(progress.seconds for progress in batches)
    values = {
        f"loss/{name}": _mean(progress.losses.get(name, 0.0) for progress in batches)
        for name in last.losses
    }
    return values | {
        "learning_rate": last.rate,
        "images_a_second": sum(progress.images for progress in batches) / seconds,
        "share_of_waiting_for_data": sum(progress.waited for progress in batches) / seconds,
        "memory_gib": peak_memory(),
        "skipped_batches": last.skipped,
    }


def _mean(losses: Iterable[float]) -> float:
    """Average those that are numbers; the others were skipped."""
    finite = [loss for loss in losses if math.isfinite(loss)]
    return sum(finite) / len(finite) if finite else math.nan


def peak_memory() -> float:
    """Give the most memory that was ever in use, of the GPU where one is used, in GiB."""
    if torch.cuda.is_initialized():  # type: ignore[no-untyped-call]
        return torch.cuda.max_memory_allocated() / 2**30
    unit = 1 if sys.platform == "darwin" else 1024
    return resource.getrusage(resource.RUSAGE_SELF).ru_maxrss * unit / 2**30


class _TensorBoard:
    def __init__(self, output: Path, start: int) -> None:
        from torch.utils.tensorboard import SummaryWriter

        # Curves of a resumed run do not double back.
        self._writer: Any = SummaryWriter(str(output / "tensorboard"), purge_step=start + 1)

    def write(self, batch: int, values: Mapping[str, float]) -> None:
        for name, value in values.items():
            self._writer.add_scalar(name, value, batch)

    def close(self) -> None:
        self._writer.close()


class _WandB:
    def __init__(self, output: Path, name: str, chosen: dict[str, Any], start: int) -> None:
        known = _known(output / "wandb.id", start)
        self._run = importlib.import_module("wandb").init(
            project="bytetrack-reid",
            name=name,
            id=known,
            resume="allow" if known else None,
            config=chosen,
            dir=str(output),
        )
        (output / "wandb.id").write_text(self._run.id)

    def write(self, batch: int, values: Mapping[str, float]) -> None:
        self._run.log(dict(values), step=batch)

    def close(self) -> None:
        self._run.finish()


class _MLflow:
    def __init__(self, output: Path, name: str, chosen: dict[str, Any], start: int) -> None:
        self._mlflow: Any = importlib.import_module("mlflow")
        known = _known(output / "mlflow.id", start)
        run = self._mlflow.start_run(run_id=known, run_name=None if known else name)
        (output / "mlflow.id").write_text(run.info.run_id)
        if not known:
            self._mlflow.log_params(chosen)

    def write(self, batch: int, values: Mapping[str, float]) -> None:
        # MLflow takes no @ in a name.
        named = {name.replace("@", "_at_"): value for name, value in values.items()}
        self._mlflow.log_metrics(named, step=batch)

    def close(self) -> None:
        self._mlflow.end_run()


def _known(path: Path, start: int) -> str | None:
    """Give the name that a service had for this run when it began."""
    return path.read_text() if start and path.exists() else None
