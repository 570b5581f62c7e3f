import numpy as np
import pytest

from yolox.engine.crop_embedder import CropEmbedder
from yolox.formats.images import read_image
from yolox.formats.mot import read_ground_truth
from yolox.structures import InputError
from yolox.structures.preprocessing import Preprocessing

onnx = pytest.importorskip("onnx")

PLAIN = Preprocessing("reid", "bgr", 1.0, (0, 0, 0), (1, 1, 1))


def write_network(path, *, shape=("batch", 3, 4, 2), axes=(2, 3), node="ReduceMean"):
    """A network whose vector is the mean of each channel."""
    helper, floats = onnx.helper, onnx.TensorProto.FLOAT
    nodes = [helper.make_node(node, ["images"], ["out"], axes=list(axes), keepdims=0)]
    graph = helper.make_graph(
        nodes,
        "reid",
        [helper.make_tensor_value_info("images", floats, shape)],
        [helper.make_tensor_value_info("out", floats, None)],
    )
    model = helper.make_model(graph, opset_imports=[helper.make_opsetid("", 13)], ir_version=8)
    onnx.save(model, str(path))
    return path


def _painted():
    image = np.zeros((30, 60, 3), np.uint8)
    image[:, :20], image[:, 20:40], image[:, 40:] = (200, 0, 0), (0, 90, 0), (3, 0, 4)
    return image


BOXES = np.array([[0.0, 0, 20, 30], [20, 0, 40, 30], [40, 0, 60, 30]])


@pytest.mark.parametrize("batch", ["batch", 1, 2, 8])
def test_vectors_are_of_unit_length_and_in_order(tmp_path, batch):
    embedder = CropEmbedder(
        write_network(tmp_path / "n.onnx", shape=(batch, 3, 4, 2)), preprocessing=PLAIN,
        batch_size=2,
    )  # fmt: skip
    assert embedder.size == (4, 2)
    found = embedder.embed(_painted(), BOXES)
    assert found.dtype == np.float32
    np.testing.assert_allclose(found, [[1, 0, 0], [0, 1, 0], [0.6, 0, 0.8]], atol=1e-6)
    assert embedder.embed(_painted(), np.empty((0, 4))).shape == (0, 0)


def test_a_size_that_is_left_open(tmp_path):
    path = write_network(tmp_path / "n.onnx", shape=("b", 3, "h", "w"))
    with pytest.raises(InputError, match=r"n\.onnx: leaves its size open; give it: --size H W"):
        CropEmbedder(path)
    assert CropEmbedder(path, size=(6, 3), preprocessing=PLAIN).embed(_painted(), BOXES).any()
    fixed = write_network(tmp_path / "fixed.onnx")
    with pytest.raises(InputError, match="takes 4 × 2, not 6 × 3; leave --size out"):
        CropEmbedder(fixed, size=(6, 3))


@pytest.mark.parametrize(
    ("network", "message"),
    [
        ({"shape": ("b", 1, 4, 2)}, r"takes \['b', 1, 4, 2\]; a ReID network takes"),
        ({"shape": ("b", 3, 4), "axes": (2,)}, "a ReID network takes"),
        ({"axes": (0, 1, 2)}, r"puts out \(2,\) for 3 crops; a ReID network puts out \(B, D\)"),
        ({"axes": (1,)}, r"puts out \(3, 4, 2\) for 3 crops"),
    ],
)
def test_networks_of_another_kind(tmp_path, network, message):
    with pytest.raises(InputError, match=message):
        CropEmbedder(write_network(tmp_path / "n.onnx", **network)).embed(_painted(), BOXES)


def test_files_that_are_none(tmp_path):
    with pytest.raises(InputError, match=r"n\.onnx: no such file"):
        CropEmbedder(tmp_path / "n.onnx")
    (tmp_path / "n.onnx").write_text("no")
    with pytest.raises(InputError, match=r"n\.onnx: is no ONNX file that can be run \("):
        CropEmbedder(tmp_path / "n.onnx")


def test_a_vector_without_direction(tmp_path):
    embedder = CropEmbedder(write_network(tmp_path / "n.onnx"), preprocessing=PLAIN)
    with pytest.raises(InputError, match="puts out a vector that is zero or not finite"):
        embedder.embed(np.zeros((30, 60, 3), np.uint8), BOXES)


@pytest.mark.data
def test_osnet_tells_people_apart(shared_data):
    """Who is seen well in one real frame is, in the next, most like himself."""
    sequence = shared_data / "frames" / "MOT17-04-FRCNN"
    embedder = CropEmbedder(shared_data / "weights" / "osnet_x0_25_msmt17.onnx")
    assert embedder.size == (256, 128)
    truth = read_ground_truth(sequence / "gt" / "gt.txt")
    truth = truth.take(truth.considered & (truth.class_ids == 1) & (truth.visibility > 0.6))
    looks = []
    for frame in (1, 8):
        rows = truth.rows_of(frame)
        image = read_image(sequence / "img1" / f"{frame:06d}.jpg")
        looks.append((truth.ids[rows], embedder.embed(image, truth.boxes[rows])))
    (ids, first), (later_ids, later) = looks
    assert first.shape[1] == 512
    shared = np.isin(ids, later_ids)
    nearest = later_ids[(first[shared] @ later.T).argmax(axis=1)]
    assert shared.sum() >= 15
    assert (nearest == ids[shared]).mean() >= 0.9
