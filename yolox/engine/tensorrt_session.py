"""What runs a TensorRT engine: tensors in and out, on the GPU, in torch's memory."""

from __future__ import annotations

import threading
from pathlib import Path
from typing import Any

import torch
from torch import Tensor

from yolox.export.engine_file import builder_module, read_texts
from yolox.export.tensorrt_engine import describe, load_tensorrt, make_logger
from yolox.structures import InputError


class TensorRtSession:
    """An engine of `tools/trt.py`, by the TensorRT that built it; a `Session`."""

    def __init__(self, path: Path, device: torch.device) -> None:
        """Open a file.

        Args:
            path: The engine, with `path.json` beside it.
            device: The GPU.

        Raises:
            InputError: There is no GPU, or TensorRT does not take the file.
        """
        if device.type != "cuda":
            raise InputError(
                f"{path}: an engine runs on a GPU, not on {device}; take the ONNX file that it was "
                "built from"
            )
        self.path, self.device, self.on_cpu = path, device, False
        library = load_tensorrt(builder_module(read_texts(path), str(path)))
        self._errors: list[str] = []
        # Whatever TensorRT makes needs what made it for as long as it is there.
        self._runtime = library.Runtime(make_logger(library, self._errors))
        with torch.cuda.device(device):
            self._stream = torch.cuda.Stream(device)  # type: ignore[no-untyped-call]
            self._engine = self._runtime.deserialize_cuda_engine(path.read_bytes())
            if self._engine is None:
                raise self._failed(f"{describe(library)} cannot read it")
            self.context = self._engine.create_execution_context()
            if self.context is None:
                raise self._failed(f"{describe(library)} cannot run it here")
        names = [self._engine.get_tensor_name(k) for k in range(self._engine.num_io_tensors)]
        (self._input,) = (name for name in names if self._is_input(library, name))
        self._outputs = [name for name in names if name != self._input]
        shape = tuple(self._engine.get_tensor_shape(self._input))
        self.inputs: list[list[object]] = [[side if side >= 0 else "any" for side in shape]]
        # A context holds the memory of one run.
        self._running = threading.Lock()

    def run(self, pixels: Tensor) -> list[Tensor]:
        """See `Session.run`."""
        context = self.context
        pixels = pixels.contiguous()
        with self._running, torch.cuda.device(self.device):
            if not context.set_input_shape(self._input, tuple(pixels.shape)):
                raise InputError(
                    f"{self.path}: was not built for {tuple(pixels.shape)}; give another "
                    "--batch-size or --tsize, or build it anew with another --max"
                )
            context.set_tensor_address(self._input, pixels.data_ptr())
            outputs = []
            for name in self._outputs:
                shape = tuple(context.get_tensor_shape(name))
                outputs.append(torch.empty(shape, device=self.device))
                context.set_tensor_address(name, outputs[-1].data_ptr())
            self._stream.wait_stream(torch.cuda.current_stream(self.device))
            done = context.execute_async_v3(self._stream.cuda_stream)
            self._stream.synchronize()
        if not done:
            raise self._failed("cannot be run")
        return outputs

    def _is_input(self, library: Any, name: str) -> bool:
        return bool(self._engine.get_tensor_mode(name) == library.TensorIOMode.INPUT)

    def _failed(self, what: str) -> InputError:
        reason = self._errors[-1].strip().splitlines()[0] if self._errors else "no reason is given"
        return InputError(
            f"{self.path}: {what} ({reason}); build it anew on this machine by tools/trt.py"
        )
