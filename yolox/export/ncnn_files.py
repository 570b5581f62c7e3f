"""A network as the files that ncnn reads, made by pnnx and compared with torch."""

from __future__ import annotations

import json
import subprocess
import warnings
from collections.abc import Sequence
from pathlib import Path
from tempfile import TemporaryDirectory

import torch

from yolox.export.drawn_inputs import draw_inputs, largest_difference
from yolox.export.ncnn_network import METADATA, PARAM, WEIGHTS, NcnnNetwork
from yolox.export.network import ExportedNetwork
from yolox.formats.atomic import fill_whole
from yolox.formats.network_metadata import NetworkMetadata
from yolox.models.info import check_input_size
from yolox.models.yolox import YOLOX
from yolox.structures import InputError


def export_ncnn(
    folder: Path,
    model: YOLOX,
    size: tuple[int, int],
    *,
    reid: bool = True,
    class_names: Sequence[str] = (),
    weights_sha256: str = "",
) -> float:
    """Write `network.param`, `network.bin` and `network.json`, the metadata, to a new folder.

    Args:
        folder: It is there once everything is.
        model: With its preprocessing set; it stays as it is.
        size: Height and width of the network input.
        reid: Put out embeddings, if the model has them.
        class_names: By class id, for the metadata.
        weights_sha256: For the metadata.

    Returns:
        The largest difference to torch on a drawn scene.

    Raises:
        InputError: pnnx or ncnn is not installed, the folder is there already, the model has no
            weights, or the difference is too large.
    """
    check_input_size(size)
    if model.preprocessing is None:
        raise InputError("model.preprocessing is not set; load weights first")
    try:
        import ncnn  # noqa: F401
        import pnnx
    except ImportError as error:
        raise InputError(f"{error}; install both: pip install ncnn pnnx") from None
    network = ExportedNetwork(model, reid=reid).eval()
    (pixels,) = draw_inputs([size], [1], model.preprocessing)
    metadata = NetworkMetadata(
        model.preprocessing, list(class_names), size, "decoded", network.embedding_dim,
        weights_sha256,
    )  # fmt: skip
    with fill_whole(folder) as aside, TemporaryDirectory() as work:
        traced = Path(work) / "network.pt"
        with warnings.catch_warnings(), torch.no_grad():
            warnings.simplefilter("ignore")  # of torch, about its older tracer
            made_of = torch.jit.trace(  # type: ignore[no-untyped-call]
                network, torch.from_numpy(pixels), check_trace=False
            )
            made_of.save(traced)
        _run_pnnx(pnnx.EXEC_PATH, traced, pixels.shape)
        for made, name in (("network.ncnn.param", PARAM), ("network.ncnn.bin", WEIGHTS)):
            (aside / name).write_bytes((Path(work) / made).read_bytes())
        (aside / METADATA).write_text(json.dumps(metadata.to_texts(), indent=2))
        said = NcnnNetwork(aside).run(pixels[0])
        with torch.no_grad():
            meant = [output[0].numpy() for output in network(torch.from_numpy(pixels))]
        return largest_difference(said, meant, str(folder))


def _run_pnnx(program: str, traced: Path, shape: tuple[int, ...]) -> None:
    words = [program, traced.name, f"inputshape={list(shape)}".replace(" ", ""), "fp16=0"]
    done = subprocess.run(words, cwd=traced.parent, capture_output=True, text=True, check=False)
    if done.returncode:
        last = done.stderr.strip().splitlines()[-1:] or [f"exit {done.returncode}"]
        raise InputError(f"pnnx failed: {last[0]}; the network has an operation unknown to it")
