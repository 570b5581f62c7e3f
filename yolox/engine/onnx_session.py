"""What runs an ONNX file, or an engine made of one: tensors in, tensors out."""

from __future__ import annotations

import threading
from pathlib import Path
from typing import Literal, Protocol

import onnxruntime
import torch
from torch import Tensor

from yolox.engine.detector import cpu_streams
from yolox.engine.tensorrt_session import TensorRtSession
from yolox.export.engine_file import SUFFIX
from yolox.structures import InputError

Runtime = Literal["onnxruntime", "openvino"]

_ON_CPU = "CPUExecutionProvider"
_ON_GPU = "CUDAExecutionProvider"
_OPENVINO = "--runtime openvino"


class Session(Protocol):
    """An open file; its `run` may be called from several threads at once.

    Attributes:
        inputs: The shape of each input; what is open is no integer.
        device: Where its tensors are.
        on_cpu: Whether it runs on the CPU.
    """

    inputs: list[list[object]]
    device: torch.device
    on_cpu: bool

    def run(self, pixels: Tensor) -> list[Tensor]:
        """Put `(B, 3, H, W)` float32 through the network, and give all outputs."""


def open_session(
    path: Path, runtime: Runtime, device: torch.device, *, bf16: bool = False
) -> Session:
    """Open a file.

    Args:
        path: The ONNX file, or a TensorRT engine.
        runtime: What runs an ONNX file.
        device: Where.
        bf16: Compute in bfloat16, which only OpenVINO can.

    Raises:
        InputError: The runtime is not installed, or cannot compute so or there.
    """
    if path.suffix == SUFFIX:
        if bf16 or runtime != "onnxruntime":
            raise InputError(f"{path}: runs as it was built; leave --bf16 and --runtime out")
        return TensorRtSession(path, device)
    if runtime == "openvino":
        return OpenVinoSession(path, device, bf16=bf16)
    if bf16:
        raise InputError(f"{path}: runs as it was exported; leave --bf16 out or add {_OPENVINO}")
    return OnnxRuntimeSession(path, device)


class OnnxRuntimeSession:
    """ONNX Runtime: on a GPU if it is a build for one."""

    def __init__(self, path: Path, device: torch.device) -> None:
        options = onnxruntime.SessionOptions()
        # Cores are kept busy by several images at once.
        options.intra_op_num_threads = max(torch.get_num_threads() // cpu_streams(), 1)
        providers: list[object] = [_ON_CPU]
        if device.type == "cuda" and _ON_GPU in onnxruntime.get_available_providers():
            providers.insert(0, (_ON_GPU, {"device_id": device.index or 0}))
        self.session = onnxruntime.InferenceSession(str(path), options, providers=providers)
        inputs = self.session.get_inputs()
        self.name = inputs[0].name
        self.inputs = [list(one.shape) for one in inputs]
        self.device = torch.device("cpu")
        self.on_cpu = self.session.get_providers()[0] == _ON_CPU

    def run(self, pixels: Tensor) -> list[Tensor]:
        """See `Session.run`."""
        outputs = self.session.run(None, {self.name: pixels.numpy()})
        return [torch.from_numpy(output) for output in outputs]


class OpenVinoSession:
    """OpenVINO on the CPU; it would choose bfloat16 by itself where the CPU is fast at it."""

    def __init__(self, path: Path, device: torch.device, *, bf16: bool) -> None:
        try:
            import openvino
        except ImportError as error:
            raise InputError(f"{path}: {error}; install OpenVINO: pip install openvino") from None
        if device.type != "cpu":
            raise InputError(f"{path}: OpenVINO runs it on the CPU; give --device cpu")
        settings = {
            "INFERENCE_PRECISION_HINT": "bf16" if bf16 else "f32",
            "INFERENCE_NUM_THREADS": torch.get_num_threads(),
            "NUM_STREAMS": cpu_streams(),
        }
        self.compiled = openvino.Core().compile_model(str(path), "CPU", settings)
        self.inputs: list[list[object]] = [
            [axis.get_length() if axis.is_static else str(axis) for axis in one.partial_shape]
            for one in self.compiled.inputs
        ]
        self.device, self.on_cpu = device, True
        # A request holds its own memory and serves one thread at a time.
        self.of_thread = threading.local()

    def run(self, pixels: Tensor) -> list[Tensor]:
        """See `Session.run`."""
        if not hasattr(self.of_thread, "request"):
            self.of_thread.request = self.compiled.create_infer_request()
        outputs = self.of_thread.request.infer([pixels.numpy()])
        return [torch.from_numpy(outputs[port]) for port in self.compiled.outputs]
