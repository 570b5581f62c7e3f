"""TensorRT's Python module, and engines that it builds from ONNX networks.

TensorRT and TensorRT for RTX have the same functions under two names, and engines of one are not
read by the other. The network is strongly typed: it computes in the precisions that the ONNX graph
says, and the builder has no say in them.
"""

from __future__ import annotations

import importlib
from collections.abc import Callable
from typing import Any, NamedTuple

import onnx

from yolox.structures import InputError

MODULES = ("tensorrt", "tensorrt_rtx")
INSTALL = "pip install tensorrt-cu13, or tensorrt-rtx-cu13 for GeForce and RTX cards"


class InputShapes(NamedTuple):
    """Batch, height and width of the input, for networks that leave some of them open.

    Attributes:
        least: The smallest.
        usual: What the engine is tuned for.
        most: The largest; memory is set aside for it.
    """

    least: tuple[int, int, int]
    usual: tuple[int, int, int]
    most: tuple[int, int, int]


def load_tensorrt(name: str | None = None) -> Any:
    """Import TensorRT, or TensorRT for RTX where only that is there.

    Args:
        name: The one that it has to be, of `MODULES`.

    Raises:
        InputError: It is not installed.
    """
    for candidate in (name,) if name else MODULES:
        try:
            return importlib.import_module(candidate)
        except ImportError as error:
            reason = error
    raise InputError(f"{reason}; install TensorRT: {INSTALL}")


def describe(library: Any) -> str:
    """Say which module it is, in which version."""
    return f"{library.__name__} {library.__version__}"


def make_logger(library: Any, errors: list[str]) -> Any:
    """Make a logger that is silent but for errors, which it appends to a list."""

    class Logger(library.ILogger):  # type: ignore[misc]
        def __init__(self) -> None:
            library.ILogger.__init__(self)

        def log(self, severity: Any, message: str) -> None:
            if severity <= library.ILogger.Severity.ERROR:
                errors.append(message)

    return Logger()


def build_engine(
    library: Any,
    model: onnx.ModelProto,
    shapes: InputShapes,
    *,
    workspace: int | None = None,
    on_step: Callable[[str, int, int], object] = lambda *_: None,
) -> bytes:
    """Build an engine; for TensorRT on the GPU it is for, for RTX anywhere.

    Args:
        library: From `load_tensorrt`.
        model: What it is to compute, in the precisions it is to compute in.
        shapes: Of the input, as far as the network leaves it open.
        workspace: Bytes of memory that layers may use beside their inputs; all there is if None.
        on_step: Told, as it goes on: what is done, steps done of it, and steps in all.

    Raises:
        InputError: TensorRT finds no GPU, does not know an operator or cannot build the network.
    """
    errors: list[str] = []
    logger = make_logger(library, errors)
    try:
        builder = library.Builder(logger)
    except TypeError:  # where it finds no GPU
        raise _failed(library, errors or ["it finds no GPU"]) from None
    typed = 1 << int(library.NetworkDefinitionCreationFlag.STRONGLY_TYPED)
    network = builder.create_network(typed)
    parser = library.OnnxParser(network, logger)
    if not parser.parse(model.SerializeToString()):
        problems = [parser.get_error(k) for k in range(parser.num_errors)]
        raise _failed(
            library, [f"operator {one.node_operator()}: {one.desc()}" for one in problems]
        )
    config = builder.create_builder_config()
    # Single precision is to mean it; those in a hurry take half.
    config.clear_flag(library.BuilderFlag.TF32)
    if workspace is not None:
        config.set_memory_pool_limit(library.MemoryPoolType.WORKSPACE, workspace)
    images = network.get_input(0)
    if -1 in images.shape:
        profile = builder.create_optimization_profile()
        profile.set_shape(images.name, *((b, 3, h, w) for b, h, w in shapes))
        config.add_optimization_profile(profile)
    config.progress_monitor = _make_monitor(library, on_step)
    built = builder.build_serialized_network(network, config)
    if built is None:
        raise _failed(library, errors)
    return bytes(built)


def _make_monitor(library: Any, on_step: Callable[[str, int, int], object]) -> Any:
    class Monitor(library.IProgressMonitor):  # type: ignore[misc]
        def __init__(self) -> None:
            library.IProgressMonitor.__init__(self)
            self.steps: dict[str, int] = {}

        def phase_start(self, phase: str, parent: str | None, steps: int) -> None:
            self.steps[phase] = steps
            on_step(phase, 0, steps)

        def step_complete(self, phase: str, step: int) -> bool:
            on_step(phase, step + 1, self.steps[phase])
            return True

        def phase_finish(self, phase: str) -> None:
            self.steps.pop(phase, None)

    return Monitor()


def _failed(library: Any, errors: list[str]) -> InputError:
    reason = errors[-1].strip().splitlines()[0] if errors else "it does not say why"
    return InputError(f"{describe(library)} cannot build an engine: {reason}")
