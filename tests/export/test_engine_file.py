"""Files and their shapes; engines are built by TensorRT for RTX, which needs no GPU for that."""

import json
import sys
from types import SimpleNamespace

import onnx
import pytest
from export.graphs import like_exported, pictures

from yolox.export.engine_file import (
    beside,
    choose_shapes,
    read_exported,
    read_texts,
    write_engine,
)
from yolox.export.precision import at_precision
from yolox.export.tensorrt_engine import InputShapes, build_engine, describe, load_tensorrt
from yolox.structures import InputError

USUAL = (1, 64, 96)


@pytest.fixture
def library():
    return pytest.importorskip("tensorrt_rtx", reason="tensorrt-rtx-cu13 is not installed")


@pytest.fixture
def exported(tmp_path):
    return read_exported(like_exported(tmp_path / "a.onnx"))


@pytest.fixture
def fixed(tmp_path):
    return read_exported(like_exported(tmp_path / "b.onnx", batch=2))


def test_what_a_file_says(exported, fixed):
    assert (exported.shape, fixed.shape) == ((None, None, None), (2, 64, 96))
    assert exported.metadata.class_names == ["person"]


@pytest.mark.parametrize(
    ("texts", "message"),
    [
        ({"boxes": "suppressed"}, "has suppressed boxes; export it without --no-decode, --nms"),
        ({"boxes": "raw"}, "has raw boxes; export it"),
        ({"embedding_dim": "x"}, "export it anew"),
    ],
)
def test_files_that_no_engine_is_built_from(tmp_path, texts, message):
    with pytest.raises(InputError, match=message):
        read_exported(like_exported(tmp_path / "c.onnx", **texts))


def test_files_of_others(tmp_path):
    path = like_exported(tmp_path / "c.onnx")
    model = onnx.load(str(path))
    del model.metadata_props[:]
    onnx.save(model, str(path))
    with pytest.raises(InputError, match="does not say what it is; write it with tools/export_on"):
        read_exported(path)
    path.write_bytes(b"no protobuf")
    with pytest.raises(InputError, match=r"c\.onnx: is no ONNX file that can be read"):
        read_exported(path)
    with pytest.raises(InputError, match=r"d\.onnx: no such file"):
        read_exported(tmp_path / "d.onnx")


def test_shapes_that_are_not_given(exported, fixed):
    assert choose_shapes(exported, None, None, None) == (USUAL, USUAL, USUAL)
    assert choose_shapes(fixed, None, None, None).usual == (2, 64, 96)
    wide = choose_shapes(exported, None, None, (4, 64, 128))
    assert wide == InputShapes(USUAL, USUAL, (4, 64, 128))


def test_shapes_that_do_not_go(exported, fixed):
    with pytest.raises(
        InputError, match="the file takes 2 × 64 × 96, not 1 × 64 × 96; export it w"
    ):
        choose_shapes(fixed, USUAL, None, None)
    with pytest.raises(
        InputError, match="--max are 1 × 64 × 96, 1 × 64 × 96, 1 × 32 × 96; give th"
    ):
        choose_shapes(exported, None, None, (1, 32, 96))
    with pytest.raises(InputError, match="give multiples of 32"):
        choose_shapes(exported, None, (1, 60, 96), None)


@pytest.mark.parametrize("precision", ["fp32", "fp16", "int8"])
def test_an_engine_and_what_it_is(library, exported, tmp_path, precision):
    model = at_precision(exported.model, precision, pictures(2, side=64))
    shapes, path = InputShapes(USUAL, USUAL, (4, 64, 96)), tmp_path / "new" / "a.engine"
    steps = []
    builder = write_engine(
        path, model, exported.metadata, precision, shapes, workspace=1 << 28,
        on_step=lambda *step: steps.append(step),
    )  # fmt: skip
    assert builder == f"tensorrt_rtx {library.__version__}"
    assert path.stat().st_size > 1000
    texts = read_texts(path)
    assert (texts["precision"], texts["builder"]) == (precision, builder)
    assert (texts["boxes"], texts["weights_sha256"]) == ("decoded", "ab12")
    assert steps[0][1:] == (0, steps[0][2])
    assert any(done == steps > 0 for _, done, steps in steps)


def test_an_operator_that_it_does_not_know(library, exported, tmp_path):
    exported.model.graph.node[-1].op_type = "StringNormalizer"
    path = tmp_path / "a.engine"
    path.write_text("older")
    with pytest.raises(
        InputError, match=r"tensorrt_rtx [\d.]+ cannot build an engine: operator String"
    ):
        write_engine(path, exported.model, exported.metadata, "fp32", InputShapes(*[USUAL] * 3))
    assert path.read_text() == "older"
    assert {one.name for one in tmp_path.iterdir()} == {"a.onnx", "a.engine"}


def test_tensorrt_comes_first_and_may_be_missing(monkeypatch):
    for name in ("tensorrt", "tensorrt_rtx"):
        monkeypatch.setitem(sys.modules, name, SimpleNamespace(__name__=name, __version__="1"))
    assert describe(load_tensorrt()) == "tensorrt 1"
    assert describe(load_tensorrt("tensorrt_rtx")) == "tensorrt_rtx 1"
    monkeypatch.setitem(sys.modules, "tensorrt", None)
    assert describe(load_tensorrt()) == "tensorrt_rtx 1"
    with pytest.raises(
        InputError, match="install TensorRT: pip install tensorrt-cu13, or tensorrt"
    ):
        load_tensorrt("tensorrt")


def test_tensorrt_without_a_gpu(exported):
    def no_builder(logger):
        logger.log(0, "CUDA initialization failure with error: 35\nmore")
        raise TypeError("factory function returned nullptr")

    class Logger:
        Severity = SimpleNamespace(ERROR=1)

    library = SimpleNamespace(
        __name__="tensorrt", __version__="10", ILogger=Logger, Builder=no_builder
    )
    message = "tensorrt 10 cannot build an engine: CUDA initialization failure with error: 35$"
    with pytest.raises(InputError, match=message):
        build_engine(library, exported.model, InputShapes(*[USUAL] * 3))


@pytest.mark.parametrize(
    ("text", "message"),
    [
        (None, r"a\.engine\.json: no such file"),
        ("{", r"a\.engine\.json: is not JSON: Expecting"),
        (
            '{"builder": "tensorrt 10"}',
            r"json: lacks precision; build the engine anew by tools/trt",
        ),
        ("{}", r"json: lacks builder and precision; build"),
        ('{"builder": 10, "precision": "fp16"}', "is no object of texts; build the engine anew by"),
        ("[]", "is no object of texts"),
    ],
)
def test_engines_that_do_not_say_what_they_are(tmp_path, text, message):
    path = tmp_path / "a.engine"
    path.write_bytes(b"engine")
    if text is not None:
        beside(path).write_text(text)
    with pytest.raises(InputError, match=message):
        read_texts(path)
    beside(path).write_text(json.dumps({"builder": "tensorrt 10", "precision": "fp16"}))
    assert read_texts(path)["precision"] == "fp16"
