"""A TensorRT engine as a file, and beside it `FILE.json`, which says what it is."""

from __future__ import annotations

import json
from collections.abc import Callable, Mapping
from pathlib import Path
from typing import NamedTuple

import onnx

from yolox.export.precision import Precision
from yolox.export.tensorrt_engine import (
    MODULES,
    InputShapes,
    build_engine,
    describe,
    load_tensorrt,
)
from yolox.formats.atomic import put_whole
from yolox.formats.network_metadata import NetworkMetadata, read_metadata
from yolox.formats.text import check_file, read_json
from yolox.models.info import check_input_size
from yolox.structures import InputError

# By it an engine is told from an ONNX file.
SUFFIX = ".engine"


class ExportedFile(NamedTuple):
    """What `tools/export_onnx.py` wrote.

    Attributes:
        model: The network.
        metadata: What it says of itself.
        shape: Batch, height and width of its input; None where it leaves them open.
    """

    model: onnx.ModelProto
    metadata: NetworkMetadata
    shape: tuple[int | None, int | None, int | None]


def read_exported(path: Path) -> ExportedFile:
    """Read an ONNX file that an engine can be built from.

    Raises:
        InputError: It is none, of another program, or its boxes are not decoded.
    """
    check_file(path)
    try:
        model = onnx.load(str(path), load_external_data=False)
    except Exception as error:  # protobuf's DecodeError has no public home
        raise InputError(f"{path}: is no ONNX file that can be read ({error})") from None
    metadata = read_metadata({one.key: one.value for one in model.metadata_props}, str(path))
    if metadata is None:
        raise InputError(f"{path}: does not say what it is; write it with tools/export_onnx.py")
    if metadata.boxes != "decoded":
        raise InputError(
            f"{path}: has {metadata.boxes} boxes; export it without --no-decode, --nms"
        )
    batch, _, height, width = (
        axis.dim_value or None for axis in model.graph.input[0].type.tensor_type.shape.dim
    )
    return ExportedFile(model, metadata, (batch, height, width))


def choose_shapes(
    exported: ExportedFile,
    least: tuple[int, int, int] | None,
    usual: tuple[int, int, int] | None,
    most: tuple[int, int, int] | None,
) -> InputShapes:
    """Fill in what is not given: one image, of the size of the export, and nothing but the usual.

    Args:
        exported: The network.
        least: Smallest batch, height and width.
        usual: What the engine is tuned for.
        most: The largest.

    Raises:
        InputError: They are not in order, or the file has others.
    """
    height, width = exported.metadata.input_size
    usual = usual or (exported.shape[0] or 1, height, width)
    shapes = InputShapes(least or usual, usual, most or usual)
    for one in shapes:
        check_input_size(one[1:])
        for wanted, fixed in zip(one, exported.shape, strict=True):
            if fixed not in (None, wanted):
                raise InputError(
                    f"the file takes {_product(exported.shape)}, not {_product(one)}; "
                    "export it with --batch dynamic, --dynamic-size, or leave --min --opt --max out"
                )
    if any(not a <= b <= c for a, b, c in zip(*shapes, strict=True)):
        listed = ", ".join(_product(one) for one in shapes)
        raise InputError(f"--min, --opt and --max are {listed}; give them in rising order")
    return shapes


def write_engine(
    path: Path,
    model: onnx.ModelProto,
    metadata: NetworkMetadata,
    precision: Precision,
    shapes: InputShapes,
    *,
    workspace: int | None = None,
    on_step: Callable[[str, int, int], object] = lambda *_: None,
) -> str:
    """Build an engine and write it and what it is.

    Args:
        path: The file; `path.json` is the other.
        model: The network at its precision.
        metadata: Of the file that it came from.
        precision: For the metadata.
        shapes: As for `build_engine`, as of the rest.
        workspace: See there.
        on_step: See there.

    Returns:
        What built it.

    Raises:
        InputError: It cannot be built.
    """
    library = load_tensorrt()
    engine = build_engine(library, model, shapes, workspace=workspace, on_step=on_step)
    builder = describe(library)
    texts = metadata.to_texts() | {"precision": precision, "builder": builder}
    with put_whole(path) as aside, put_whole(beside(path)) as aside_texts:
        aside.write_bytes(engine)
        aside_texts.write_text(json.dumps(texts, indent=2), encoding="utf-8")
    return builder


def read_texts(path: Path) -> dict[str, str]:
    """Read what an engine is.

    Args:
        path: The engine.

    Raises:
        InputError: It is not there, or what is beside it is missing or damaged.
    """
    check_file(path)
    texts = read_json(beside(path))
    wanted = ("builder", "precision")
    if not isinstance(texts, dict) or not all(isinstance(one, str) for one in texts.values()):
        raise InputError(
            f"{beside(path)}: is no object of texts; build the engine anew by tools/trt.py"
        )
    lacking = [name for name in wanted if name not in texts]
    if lacking:
        raise InputError(
            f"{beside(path)}: lacks {' and '.join(lacking)}; build the engine anew by tools/trt.py"
        )
    return texts


def builder_module(texts: Mapping[str, str], where: str) -> str:
    """Read which Python module built an engine; no other name in a file is ever imported.

    Args:
        texts: From `read_texts`.
        where: The engine, for errors.

    Raises:
        InputError: It is none of TensorRT's.
    """
    name = texts["builder"].partition(" ")[0]
    if name not in MODULES:
        raise InputError(
            f"{where}: was built by {texts['builder']!r}, not by {' or '.join(MODULES)}; build the "
            "engine anew by tools/trt.py"
        )
    return name


def beside(path: Path) -> Path:
    """Name the file that says what an engine is."""
    return path.with_name(f"{path.name}.json")


def _product(shape: tuple[int | None, ...]) -> str:
    return " × ".join("any" if one is None else str(one) for one in shape)
