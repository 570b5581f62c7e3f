"""One backend of `backends.py`: is asked to run a network, and answers with times (`worker.py`).

python benchmarks/backends_worker.py BACKEND FOLDER THREADS

FOLDER has the network as `network.pth`, `network.onnx` and `ncnn/`, and `input.npy`. Each backend
has a process of its own, so that no one's idle threads take another's time.
"""

from __future__ import annotations

import sys
import time
from collections.abc import Callable
from pathlib import Path
from typing import Any

import numpy as np
from worker import Ready, serve

from yolox.structures.boxes import Array

BACKEND, FOLDER, THREADS = sys.argv[1], sys.argv[2], int(sys.argv[3])
# `(1, 3, H, W)` to rows `(N, 5 + C)`.
Run = Callable[[Array], Array]
# A turn lasts about this long.
TURN_SECONDS = 0.5


def load_torch(path: Path, *, fast: bool = True, bf16: bool = False) -> Run:
    """Load the network as it was built or, if `fast`, as `NetworkDetector` runs it."""
    import torch

    from yolox.models.blocks import fuse

    torch.set_num_threads(THREADS)
    model = torch.load(path / "network.pth", weights_only=False).eval()
    if fast:
        model = fuse(model).to(memory_format=torch.channels_last)
    kind = torch.bfloat16 if bf16 else torch.float32
    layout = torch.channels_last if fast else torch.contiguous_format
    model = model.to(kind)

    @torch.inference_mode()
    def run(pixels: Array) -> Array:
        images = torch.from_numpy(pixels).to(kind, memory_format=layout)
        said = model(images).predictions
        chances = torch.cat([said.objectness[..., None], said.classes], dim=-1).float().sigmoid()
        rows: Array = torch.cat([said.boxes().float(), chances], dim=-1)[0].numpy()
        return rows

    return run


def load_onnxruntime(path: Path) -> Run:
    """Load the ONNX file by ONNX Runtime."""
    import onnxruntime

    options = onnxruntime.SessionOptions()
    options.intra_op_num_threads = THREADS
    session = onnxruntime.InferenceSession(
        str(path / "network.onnx"), options, providers=["CPUExecutionProvider"]
    )
    return lambda pixels: session.run(None, {"images": pixels})[0][0]


def load_openvino(path: Path, *, bf16: bool = False) -> Run:
    """Load the ONNX file by OpenVINO, set for one image as soon as possible."""
    import openvino

    settings = {
        "INFERENCE_PRECISION_HINT": "bf16" if bf16 else "f32",
        "INFERENCE_NUM_THREADS": THREADS,
        "PERFORMANCE_HINT": "LATENCY",
    }
    network = openvino.Core().compile_model(str(path / "network.onnx"), "CPU", settings)
    request = network.create_infer_request()
    return lambda pixels: request.infer([pixels])[0][0]


def load_ncnn(path: Path, *, bf16: bool = False) -> Run:
    """Load the folder by ncnn."""
    from yolox.export.ncnn_network import NcnnNetwork

    network = NcnnNetwork(path / "ncnn", threads=THREADS, bf16=bf16)
    return lambda pixels: network.run(pixels[0])[0]


def load_opencv(path: Path) -> Run:
    """Load the ONNX file by OpenCV's DNN module."""
    import cv2

    cv2.setNumThreads(THREADS)
    network = cv2.dnn.readNetFromONNX(str(path / "network.onnx"))

    def run(pixels: Array) -> Array:
        network.setInput(pixels)
        rows: Array = network.forward()[0]
        return rows

    return run


LOADERS: dict[str, Callable[[Path], Run]] = {
    "torch": lambda path: load_torch(path, fast=False),
    "torch, fused, channels last": load_torch,
    "torch, bf16": lambda path: load_torch(path, bf16=True),
    "ONNX Runtime": load_onnxruntime,
    "OpenVINO": load_openvino,
    "OpenVINO, bf16": lambda path: load_openvino(path, bf16=True),
    "ncnn": load_ncnn,
    "ncnn, bf16": lambda path: load_ncnn(path, bf16=True),
    "OpenCV DNN": load_opencv,
}


def load() -> Ready:
    """Load what the command line names, and run it once."""
    path = Path(FOLDER)
    run, pixels = LOADERS[BACKEND](path), np.load(path / "input.npy")
    rows = run(pixels)

    def answer(question: Any) -> dict[str, Any]:
        if question == "rows":
            file = path / f"rows-{BACKEND}-{THREADS}.npy"
            np.save(file, rows)
            return {"file": str(file)}
        passes, cpu, start = 0, time.process_time(), time.perf_counter()
        while not passes or time.perf_counter() - start < TURN_SECONDS:
            run(pixels)
            passes += 1
        wall = time.perf_counter() - start
        return {"wall": wall / passes, "cpu": (time.process_time() - cpu) / passes}

    return Ready({}, answer)


if __name__ == "__main__":
    serve(load)
