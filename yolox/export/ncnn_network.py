"""The files that ncnn reads, opened: arrays in, arrays out."""

from __future__ import annotations

from pathlib import Path

import numpy as np

from yolox.formats.network_metadata import NetworkMetadata, read_metadata
from yolox.formats.text import check_file, read_json
from yolox.structures import InputError
from yolox.structures.boxes import Array

PARAM, WEIGHTS, METADATA = "network.param", "network.bin", "network.json"


class NcnnNetwork:
    """A folder of `export_ncnn`; its `run` may be called from several threads at once."""

    def __init__(self, folder: Path, *, threads: int = 1, bf16: bool = False) -> None:
        """Open a folder.

        Args:
            folder: From `export_ncnn`.
            threads: That work on one image.
            bf16: Keep weights and activations in bfloat16.

        Raises:
            InputError: ncnn is not installed, or a file is missing, damaged or not of this project.
        """
        try:
            import ncnn
        except ImportError as error:
            raise InputError(f"{folder}: {error}; install ncnn: pip install ncnn") from None
        self.metadata = _read_metadata(folder)
        for name in (PARAM, WEIGHTS):
            check_file(folder / name)
        self.net = ncnn.Net()
        self.net.opt.num_threads = threads
        # It would round by itself where the processor is fast at it.
        self.net.opt.use_fp16_storage = self.net.opt.use_fp16_arithmetic = False
        self.net.opt.use_fp16_packed = False
        self.net.opt.use_bf16_storage = self.net.opt.use_bf16_packed = bf16
        if self.net.load_param(str(folder / PARAM)) or self.net.load_model(str(folder / WEIGHTS)):
            raise InputError(f"{folder}: ncnn cannot read {PARAM} and {WEIGHTS}; export them anew")
        self.outputs = ["out0", "out1"] if self.metadata.embedding_dim else ["out0"]
        blobs = {*self.net.input_names(), *self.net.output_names()}
        if not blobs.issuperset(["in0", *self.outputs]):  # asking for another one is its end
            raise InputError(
                f"{folder / PARAM}: has {', '.join(sorted(blobs))}, not in0 and "
                f"{' and '.join(self.outputs)}; export it anew"
            )
        self._to_mat = ncnn.Mat

    def run(self, pixels: Array) -> list[Array]:
        """Put an image through the network.

        Args:
            pixels: `(3, H, W)` float32, preprocessed.

        Returns:
            Rows `(N, 5 + C)` of all locations and, where there are, embeddings `(N, D)`.
        """
        extractor = self.net.create_extractor()
        pixels = np.ascontiguousarray(pixels)
        extractor.input("in0", self._to_mat(pixels))
        return [np.array(extractor.extract(name)[1]) for name in self.outputs]


def _read_metadata(folder: Path) -> NetworkMetadata:
    if not folder.is_dir():
        what = "is a file, not a folder" if folder.exists() else "no such folder"
        raise InputError(f"{folder}: {what}; write one with tools/export_ncnn.py")
    path = folder / METADATA
    if not path.exists():
        raise InputError(f"{path}: no such file; give a folder that tools/export_ncnn.py wrote")
    texts = read_json(path)
    metadata = read_metadata(texts, str(path)) if isinstance(texts, dict) else None
    if metadata is None:
        raise InputError(f"{path}: does not say what it is; write it with tools/export_ncnn.py")
    return metadata
