import cv2
import numpy as np
import onnx
import pytest
import torch
from engine.straight import run

from yolox.data.preprocess import preprocess
from yolox.data.synthetic import make_scene
from yolox.data.synthetic.rendering import render
from yolox.engine.checkpoint import load_model, read_checkpoint
from yolox.engine.detector import NetworkDetector
from yolox.engine.onnx_detector import OnnxDetector
from yolox.engine.onnx_weights import read_onnx
from yolox.exp import load_exp
from yolox.export import onnx_file
from yolox.export.network import ExportedNetwork
from yolox.export.onnx_file import OnnxOptions, export_onnx
from yolox.export.suppression import append_suppression
from yolox.models.build import yolox_nano
from yolox.postprocess import suppress
from yolox.structures import InputError
from yolox.structures.preprocessing import CURRENT, LEGACY

SIZE = (256, 448)
KINDS = {
    "plain": OnnxOptions(),
    "raw": OnnxOptions(batch=2, decoded=False, reid=False, opset=20),
    "suppressed": OnnxOptions(batch=None, dynamic_size=True, suppressed=True, opset=21),
}


def shipped(root):
    exp = load_exp(root / "exps/example/synthetic/yolox_nano_reid_long.py")
    model = exp.get_model()
    load_model(model, read_checkpoint(root / "pretrained/yolox_nano_reid_synthetic.pth"))
    return model.eval()


@pytest.fixture(scope="module")
def model(root):
    return shipped(root)


@pytest.fixture(scope="module")
def images():
    return list(render(make_scene(8, 3, seed=5, width=448, height=252)))


@pytest.fixture(scope="module")
def exported(model, tmp_path_factory):
    """Give the file of a kind, exported once."""
    folder = tmp_path_factory.mktemp("exported")

    def of(kind):
        path = folder / f"{kind}.onnx"
        if not path.exists():
            difference = export_onnx(
                path, model, SIZE, KINDS[kind], class_names=["person"], weights_sha256="ab12"
            )
            assert 0 < difference < 1e-3
        return path

    return of


def assert_same(found, expected, *, embeddings=True):
    assert len(found) == len(expected)
    for one, other in zip(found, expected, strict=True):
        assert len(one) == len(other) > 0
        mine, theirs = np.argsort(one.scores), np.argsort(other.scores)
        np.testing.assert_allclose(one.scores[mine], other.scores[theirs], atol=1e-3)
        np.testing.assert_allclose(one.boxes[mine], other.boxes[theirs], atol=5e-3)
        assert np.array_equal(one.class_ids[mine], other.class_ids[theirs])
        assert (one.embeddings is None) == (not embeddings)
        if embeddings:
            np.testing.assert_allclose(one.embeddings[mine], other.embeddings[theirs], atol=1e-3)


@pytest.mark.parametrize("kind", KINDS)
def test_a_file_says_what_its_network_says(exported, model, images, kind):
    detector = OnnxDetector(exported(kind))
    assert (detector.preprocessing, detector.size, detector.classes) == (LEGACY, SIZE, 1)
    assert (list(detector.class_names), detector.boxes) == (
        ["person"],
        {"plain": "decoded"}.get(kind, kind),
    )
    assert detector.metadata.weights_sha256 == "ab12"
    expected = run(NetworkDetector(shipped_copy(model), SIZE, fused=False), images)
    for batch_size in (1, 3):
        assert_same(run(detector, images, batch_size), expected, embeddings=kind != "raw")


def shipped_copy(model):
    copy = type(model)(model.backbone, model.head, model.reid_head)
    copy.preprocessing = model.preprocessing
    return copy


def test_an_open_size_runs_at_others(exported, model, images):
    detector = OnnxDetector(exported("suppressed"), size=(192, 320), score_thresh=0.3)
    expected = NetworkDetector(shipped_copy(model), (192, 320), fused=False, score_thresh=0.3)
    assert_same(run(detector, images, 2), run(expected, images))


def test_the_file_is_of_the_wanted_kind(exported):
    plain, raw, suppressed = (onnx.load(str(exported(kind))) for kind in KINDS)
    assert [one.opset_import[0].version for one in (plain, raw, suppressed)] == [18, 20, 21]
    # OpenCV 4.6 knows it in an older form only.
    assert "Squeeze" not in {node.op_type for node in raw.graph.node}
    shapes = [
        [
            [axis.dim_value or axis.dim_param for axis in value.type.tensor_type.shape.dim]
            for value in (*file.graph.input, *file.graph.output)
        ]
        for file in (plain, raw, suppressed)
    ]
    assert shapes[0] == [[1, 3, 256, 448], [1, 2352, 6], [1, 2352, 64]]
    assert shapes[1] == [[2, 3, 256, 448], [2, 2352, 6]]
    assert shapes[2] == [["batch", 3, "height", "width"], ["K", 7], ["K", "D"]]


def test_opencv_reads_the_file(exported, model, images):
    network = cv2.dnn.readNetFromONNX(str(exported("raw")))
    pixels, _ = preprocess(images[0], SIZE, LEGACY)
    batch = np.stack([pixels, pixels])
    network.setInput(batch)
    said = network.forward()
    with torch.no_grad():
        (meant,) = ExportedNetwork(model, decoded=False, reid=False)(torch.from_numpy(batch))
    np.testing.assert_allclose(said, meant.numpy(), atol=1e-3)


@pytest.mark.parametrize(
    ("kind", "options", "message"),
    [
        ("plain", {"preprocessing": CURRENT}, "expects legacy input, not current; leave --prepro"),
        ("plain", {"size": (96, 160)}, "was exported for 256 × 448, not 96 × 160"),
        ("plain", {"class_names": ["a", "b"]}, "has 1 classes, 2 names are given"),
        ("suppressed", {"score_thresh": 0.05}, "left out what scores below 0.1, 0.05 is wanted"),
        ("suppressed", {"nms_thresh": 0.5}, "suppresses overlaps above 0.7, not 0.5; leave --nms"),
    ],
)
def test_what_does_not_go_with_a_file(exported, kind, options, message):
    with pytest.raises(InputError, match=message):
        OnnxDetector(exported(kind), **options)


def test_metadata_and_outputs_must_agree(exported, tmp_path):
    content = onnx.load(str(exported("raw")))
    next(one for one in content.metadata_props if one.key == "embedding_dim").value = "64"
    onnx.save(content, str(tmp_path / "a.onnx"))
    with pytest.raises(InputError, match=r"5 \+ classes\) and \(2, 2352, 64\) for 256 × 448"):
        OnnxDetector(tmp_path / "a.onnx")


def test_weights_are_not_read_from_such_a_file(exported):
    with pytest.raises(InputError, match="was exported by this project and is a whole detector"):
        read_onnx(exported("plain"), yolox_nano())


@pytest.mark.parametrize(
    ("options", "message"),
    [
        (OnnxOptions(opset=17), "opset is 17; give 18 to 23"),
        (OnnxOptions(batch=0), "batch is 0; give at least 1"),
        (OnnxOptions(decoded=False, suppressed=True), "leave --no-decode or --nms out"),
        (OnnxOptions(score_thresh=7), "score_thresh is 7; give a number from 0 to 1"),
        (OnnxOptions(nms_thresh=-1), "nms_thresh is -1; give a number from 0 to 1"),
    ],
)
def test_options_that_do_not_go(model, tmp_path, options, message):
    with pytest.raises(InputError, match=message):
        export_onnx(tmp_path / "a.onnx", model, SIZE, options)


def test_networks_that_do_not_go(model, tmp_path):
    with pytest.raises(InputError, match=r"input is \[100, 160\]; give multiples of 32"):
        export_onnx(tmp_path / "a.onnx", model, (100, 160))
    with pytest.raises(InputError, match=r"model\.preprocessing is not set"):
        export_onnx(tmp_path / "a.onnx", yolox_nano(), SIZE)


def test_a_file_that_differs_is_not_kept(exported, model, monkeypatch, tmp_path):
    # As if the exporter had lost a weight.
    wrong = onnx.load(str(exported("plain")))
    bias = next(one for one in wrong.graph.initializer if one.name.endswith("reg_preds.0.bias"))
    values = onnx.numpy_helper.to_array(bias) + 0.01
    bias.CopyFrom(onnx.numpy_helper.from_array(values, bias.name))
    other = onnx.load(str(exported("raw")))
    monkeypatch.setattr(onnx_file, "_trace", lambda *_: wrong)
    path = tmp_path / "a.onnx"
    path.write_text("older")
    with pytest.raises(InputError, match=r"a\.onnx: differs from torch by .*, not 0.001 at most"):
        export_onnx(path, model, SIZE)
    assert path.read_text() == "older"
    assert list(tmp_path.iterdir()) == [path]
    monkeypatch.setattr(onnx_file, "_trace", lambda *_: other)
    with pytest.raises(InputError, match=r"puts out .* where torch puts out "):
        export_onnx(path, model, SIZE, OnnxOptions(batch=2, reid=True, decoded=False))


def rows_at_random(seed, *, batch=2, count=60, classes=3):
    """Crowded boxes, and scores of all sizes."""
    random = np.random.default_rng(seed)
    centres, sizes = random.uniform(20, 60, (2, batch, count, 2)).astype(np.float32)
    chances = random.uniform(0, 1, (batch, count, 1 + classes)).astype(np.float32)
    return np.concatenate([centres, sizes, chances], axis=2)


@pytest.mark.parametrize("vectors", [False, True])
@pytest.mark.parametrize(("score_thresh", "nms_thresh"), [(0.2, 0.5), (0.6, 0.2), (0.01, 0.9)])
def test_suppression_in_the_graph_is_ours(score_thresh, nms_thresh, vectors):
    rows = rows_at_random(7)
    embeddings = np.arange(2 * 60 * 4, dtype=np.float32).reshape(2, 60, 4)
    names = {"output": rows, "embeddings": embeddings} if vectors else {"output": rows}
    nodes = [onnx.helper.make_node("Identity", [f"in_{name}"], [name]) for name in names]
    float32 = onnx.TensorProto.FLOAT
    graph = onnx.helper.make_graph(
        nodes,
        "as_it_is",
        [onnx.helper.make_tensor_value_info(f"in_{n}", float32, x.shape) for n, x in names.items()],
        [onnx.helper.make_tensor_value_info(n, float32, x.shape) for n, x in names.items()],
    )
    opset = onnx.helper.make_opsetid("", 18)
    plain = onnx.helper.make_model(graph, opset_imports=[opset], ir_version=10)
    file = append_suppression(plain, score_thresh=score_thresh, nms_thresh=nms_thresh)
    onnx.checker.check_model(file)
    session = onnx_file.onnxruntime.InferenceSession(file.SerializeToString())
    said = session.run(None, {f"in_{name}": x for name, x in names.items()})
    assert len(said) == 1 + vectors
    for image in range(2):
        table = torch.from_numpy(rows[image])
        centres, sizes = table[:, :2], table[:, 2:4]
        corners = torch.cat([centres - sizes / 2, centres + sizes / 2], dim=1)
        classes, class_ids = table[:, 5:].max(dim=1)
        scores = table[:, 4] * classes
        kept = suppress(
            corners, scores, class_ids, score_thresh=score_thresh, nms_thresh=nms_thresh
        )
        own = said[0][:, 0] == image
        mine = said[0][own][np.argsort(-said[0][own][:, 5])]
        expected = torch.cat([corners, scores[:, None], class_ids[:, None]], dim=1)[kept].numpy()
        assert 0 < len(mine) < 60
        np.testing.assert_array_equal(mine[:, 1:], expected)
        if vectors:
            of_mine = said[1][own][np.argsort(-said[0][own][:, 5])]
            np.testing.assert_array_equal(of_mine, embeddings[image][kept.numpy()])
