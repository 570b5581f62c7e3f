"""Engines: on a GPU, and everything but the GPU by a stand-in that computes in the same memory."""

import ctypes
import json
import time
from concurrent.futures import ThreadPoolExecutor
from contextlib import nullcontext
from types import SimpleNamespace

import numpy as np
import onnxruntime
import pytest
import torch
from engine.straight import assert_near, run

from yolox.data.synthetic import make_scene
from yolox.data.synthetic.rendering import render
from yolox.engine import onnx_session, tensorrt_session
from yolox.engine.checkpoint import load_model, read_checkpoint
from yolox.engine.onnx_detector import OnnxDetector
from yolox.engine.open_detector import DetectorChoice, open_detector
from yolox.engine.tensorrt_session import TensorRtSession
from yolox.exp import load_exp
from yolox.export.drawn_inputs import draw_inputs
from yolox.export.engine_file import beside, choose_shapes, read_exported, write_engine
from yolox.export.network import ExportedNetwork
from yolox.export.onnx_file import OnnxOptions, export_onnx
from yolox.export.precision import at_precision, deviation
from yolox.structures import InputError

SIZE = (256, 448)
MOST = 3


@pytest.fixture(scope="module")
def model(root):
    exp = load_exp(root / "exps/example/synthetic/yolox_nano_reid_long.py")
    model = exp.get_model()
    load_model(model, read_checkpoint(root / "pretrained/yolox_nano_reid_synthetic.pth"))
    return model.eval()


@pytest.fixture(scope="module")
def file(model, tmp_path_factory):
    path = tmp_path_factory.mktemp("file") / "nano.onnx"
    export_onnx(path, model, SIZE, OnnxOptions(batch=None), class_names=["person"])
    return path


@pytest.fixture(scope="module")
def images():
    return list(render(make_scene(8, 3, seed=5, width=448, height=252)))


class FakeEngine:
    """An ONNX file that passes for an engine of 1 to `MOST` images, and for its context."""

    def __init__(self, content):
        self.network = onnxruntime.InferenceSession(content, providers=["CPUExecutionProvider"])
        self.values = [*self.network.get_inputs(), *self.network.get_outputs()]
        self.num_io_tensors = len(self.values)
        self.addresses = {}
        self.fails = self.runs = False

    def create_execution_context(self):
        return self

    def get_tensor_name(self, place):
        return self.values[place].name

    def get_tensor_mode(self, name):
        return "in" if name == self.values[0].name else "out"

    def get_tensor_shape(self, name):
        shape = next(value.shape for value in self.values if value.name == name)
        batch = getattr(self, "shape", [-1])[0]
        return [side if isinstance(side, int) else batch for side in shape]

    def set_input_shape(self, name, shape):
        self.shape = shape
        return 1 <= shape[0] <= MOST

    def set_tensor_address(self, name, address):
        self.addresses[name] = address

    def execute_async_v3(self, stream):
        assert stream == 7
        assert not self.runs  # a context serves one call at a time
        self.runs = True
        time.sleep(0.01)
        arrays = {
            name: np.ctypeslib.as_array(
                (ctypes.c_float * int(np.prod(shape))).from_address(address)
            ).reshape(shape)
            for name, address in self.addresses.items()
            for shape in [self.shape if name == "images" else self.get_tensor_shape(name)]
        }
        names = [name for name in arrays if name != "images"]
        for name, found in zip(
            names, self.network.run(names, {"images": arrays["images"]}), strict=True
        ):
            arrays[name][:] = found
        self.runs = False
        return not self.fails


@pytest.fixture
def fake(monkeypatch, file, tmp_path):
    """Write an engine file that only a stand-in for TensorRT reads, and put that in place."""

    class Logger:
        Severity = SimpleNamespace(ERROR=1)

    class Runtime:
        def __init__(self, logger):
            self.logger = logger

        def deserialize_cuda_engine(self, content):
            if content == b"damaged":
                self.logger.log(1, "Magic tag does not match\nmore")
                self.logger.log(3, "by the way")
                return None
            return FakeEngine(content)

    library = SimpleNamespace(
        __name__="fake", __version__="10", ILogger=Logger, Runtime=Runtime,
        TensorIOMode=SimpleNamespace(INPUT="in"),
    )  # fmt: skip
    stream = SimpleNamespace(cuda_stream=7, wait_stream=lambda _: None, synchronize=lambda: None)
    cuda = SimpleNamespace(
        device=lambda _: nullcontext(), Stream=lambda _: stream, current_stream=lambda _: None
    )

    def empty(*shape, device):
        return torch.empty(*shape)

    class OnCpu(TensorRtSession):
        def __init__(self, path, device):
            super().__init__(path, device)
            self.device = torch.device("cpu")

    monkeypatch.setattr(tensorrt_session, "torch", SimpleNamespace(cuda=cuda, empty=empty))
    monkeypatch.setattr(tensorrt_session, "load_tensorrt", {"tensorrt": library}.__getitem__)
    monkeypatch.setattr(onnx_session, "TensorRtSession", OnCpu)
    texts = read_exported(file).metadata.to_texts() | {
        "builder": "tensorrt 10",
        "precision": "fp32",
    }
    path = tmp_path / "nano.engine"
    path.write_bytes(file.read_bytes())
    beside(path).write_text(json.dumps(texts))
    return path


@pytest.mark.parametrize("batch_size", [1, 3])
def test_everything_but_the_gpu(fake, file, images, batch_size):
    detector = OnnxDetector(fake, device="cuda")
    assert (detector.session.inputs, detector.streams) == ([["any", 3, *SIZE]], 1)
    assert (list(detector.class_names), detector.batch_size, detector.size) == (
        ["person"], None, SIZE,
    )  # fmt: skip
    expected = run(OnnxDetector(file), images)
    found = run(detector, images, batch_size)
    assert_near(found, expected, pixels=1e-3, scores=1e-4, alike=1 - 1e-5)


def test_several_threads_and_any_layout(fake, file):
    session = OnnxDetector(fake, device="cuda").session
    (pixels,) = draw_inputs([SIZE], [MOST], read_exported(file).metadata.preprocessing)
    images = torch.from_numpy(pixels)
    expected = session.run(images)
    with ThreadPoolExecutor(3) as pool:
        parts = list(pool.map(session.run, images.split(1)))
    for k, output in enumerate(expected):
        torch.testing.assert_close(torch.cat([part[k] for part in parts]), output)
    turned = session.run(images.to(memory_format=torch.channels_last))
    torch.testing.assert_close(turned, expected, rtol=0, atol=0)


def test_more_images_than_it_was_built_for(fake, images):
    detector = OnnxDetector(fake, device="cuda")
    with pytest.raises(InputError, match=r"not built for \(4, 3, 256, 448\); give another --batch"):
        run(detector, [*images, images[0]], 4)


def test_what_tensorrt_does_not_take(fake, images):
    detector = OnnxDetector(fake, device="cuda")
    detector.session.context.fails = True
    with pytest.raises(InputError, match=r"cannot be run \(no reason is given\); build it anew on"):
        run(detector, images[:1])
    fake.write_bytes(b"damaged")
    with pytest.raises(
        InputError, match=r"fake 10 cannot read it \(Magic tag does not match\); bu"
    ):
        OnnxDetector(fake, device="cuda")


def test_a_file_never_names_what_is_imported(fake, tmp_path, monkeypatch):
    monkeypatch.undo()
    monkeypatch.syspath_prepend(tmp_path)
    (tmp_path / "trap.py").write_text("raise AssertionError('was imported')")
    texts = json.loads(beside(fake).read_text())
    for builder in ("trap 1.0", ""):
        beside(fake).write_text(json.dumps(texts | {"builder": builder}))
        message = rf"nano\.engine: was built by '{builder}', not by tensorrt or tensorrt_rtx; build"
        with pytest.raises(InputError, match=message):
            TensorRtSession(fake, torch.device("cuda"))


def test_an_engine_runs_as_it_was_built(fake):
    with pytest.raises(InputError, match="an engine runs on a GPU, not on cpu; take the ONNX file"):
        OnnxDetector(fake)
    with pytest.raises(InputError, match="as it was built; leave --bf16 and --runtime out"):
        OnnxDetector(fake, bf16=True, device="cuda")
    with pytest.raises(InputError, match="as it was built; leave --bf16 and --runtime out"):
        OnnxDetector(fake, runtime="openvino", device="cuda")
    with pytest.raises(InputError, match="runs as it was exported; leave --fp16, --compile"):
        open_detector(DetectorChoice(exported=fake, precision="fp16"))


@pytest.mark.gpu
@pytest.mark.parametrize(
    ("precision", "scores", "pixels", "alike"),
    [("fp32", 1e-3, 0.01, 0.9999), ("fp16", 0.01, 0.5, 0.999), ("int8", 0.1, 4, 0.9)],
)
def test_engines_say_what_torch_says(
    gpu, model, file, images, tmp_path, precision, scores, pixels, alike
):
    pytest.importorskip("tensorrt_rtx", reason="tensorrt-rtx-cu13 is not installed")
    exported, path = read_exported(file), tmp_path / "nano.engine"
    inputs = draw_inputs([SIZE], [MOST], exported.metadata.preprocessing)
    shapes = choose_shapes(exported, None, None, (MOST, *SIZE))
    changed = at_precision(exported.model, precision, inputs)
    write_engine(path, changed, exported.metadata, precision, shapes)
    detector = OnnxDetector(path, device=gpu)
    network = ExportedNetwork(model).to(gpu)
    batch = torch.from_numpy(inputs[0]).to(gpu)
    with torch.no_grad():
        both = [[one.cpu().numpy() for one in f(batch)] for f in (detector.session.run, network)]
    found = deviation(both[:1], both[1:])
    assert found.scores[1] < scores
    assert found.pixels[1] < pixels
    assert found.likeness[1] > alike
    assert all(len(one) for one in run(detector, images, MOST))
