"""deploy/TensorRT/cpp, built against doubles of TensorRT and CUDA (doubles/tensorrt).

The doubles' numbers are known, and they end a program that leaves memory behind, copies past its
end, frees in the wrong order, or does not wait for the GPU.
"""

import json

import numpy as np
import pytest
from cpp_programs import (
    LEAKS_ALLOWED,
    SANITIZED,
    WALK,
    commands,
    copy_sources,
    fault,
    run,
    run_line,
    write_walk,
)

from yolox.formats.network_metadata import NetworkMetadata
from yolox.structures.preprocessing import CURRENT

pytestmark = pytest.mark.slow


@pytest.fixture(scope="module")
def place(root, tmp_path_factory):
    folder = tmp_path_factory.mktemp("tensorrt")
    copy_sources(root, folder, "TensorRT")
    doubles = root / "tests" / "deploy" / "doubles" / "tensorrt"
    run(folder, "cmake", "-S", doubles, "-B", "doubles", **SANITIZED)
    run(folder, "cmake", "--build", "doubles", "--parallel", "2")
    run(folder, "cmake", "--install", "doubles", "--prefix", "tensorrt")
    for line in commands((root / "deploy/TensorRT/cpp/README.md").read_text(), 0):
        run_line(folder, line.replace("/usr/local/cuda", "tensorrt"), **SANITIZED)
    return folder


@pytest.fixture
def program(place):
    return place / "deploy/TensorRT/cpp/build/run_tensorrt"


def places(height, width):
    return sum((height // stride) * (width // stride) for stride in (8, 16, 32))


def write_engine(path, lines, *, size=(64, 96), embedding_dim=8, names=("person",)):
    path.write_text("\n".join(["engine", *lines]))
    metadata = NetworkMetadata(CURRENT, list(names), size, "decoded", embedding_dim, "")
    path.with_name(path.name + ".json").write_text(json.dumps(metadata.to_texts()))
    return path


IMAGES = "tensor images float 1 3 64 96"
OUTPUT = "tensor output float 1 126 6"
EMBEDDINGS = "tensor embeddings float 1 126 8"
STATIC = [IMAGES, OUTPUT, EMBEDDINGS]
DYNAMIC = [
    "tensor images float -1 3 -1 -1",
    "tensor output float -1 -1 6",
    "tensor embeddings float -1 -1 8",
    "sizes 32 64 128 256",
]


@pytest.fixture
def words(tmp_path):
    def words(path, height=64, width=96):
        rng = np.random.default_rng(height)
        rng.random((3, height, width), np.float32).tofile(tmp_path / "input")
        return path, tmp_path / "input", str(height), str(width), tmp_path / "out"

    return words


@pytest.mark.parametrize(
    ("lines", "size"), [(STATIC, (64, 96)), (DYNAMIC, (64, 96)), (DYNAMIC, (128, 256))]
)
def test_rows_and_embeddings(place, program, tmp_path, words, lines, size):
    engine = write_engine(tmp_path / "a.engine", lines)
    count = places(*size)
    said = run(place, program, *words(engine, *size), "3")
    assert f"{count} rows of 6 numbers, embeddings of 8\n" in said
    rows = np.fromfile(tmp_path / "out", np.float32).reshape(count, 6)
    image = np.fromfile(tmp_path / "input", np.float32).reshape(3, *size)
    box = [image[0, 0, 0], image[1, 0, 0], image[2, 0, 0], image[2, -1, -1]]
    assert np.array_equal(rows[0], np.array([*box, 0.9, 1], np.float32))
    assert not rows[1:].any()
    embeddings = np.fromfile(tmp_path / "out.embeddings", np.float32).reshape(count, 8)
    assert embeddings[0].tolist() == [3, 4, 0, 0, 0, 0, 0, 0]
    assert embeddings[7].tolist() == [4, 0, 0, 0, 0, 0, 0, 3]
    assert embeddings.sum() == 7 * count


def test_sizes_after_each_other(root, place):
    write_engine(place / "dynamic.engine", DYNAMIC)
    build = place / "deploy/TensorRT/cpp/build"
    words = ["c++", "-std=c++17", *SANITIZED["CXXFLAGS"].split(), "-o", "sizes"]
    words += [f"-I{root / 'deploy' / part}" for part in ("cpp/include", "cpp/tests")]
    words += [f"-I{root / 'deploy/TensorRT/cpp'}", root / "tests/deploy/tensorrt_sizes.cpp"]
    # Each needs what follows.
    words += [build / "libtensorrt_network.a", *build.rglob("libbytetrack.a")]
    words += [place / "tensorrt/lib" / name for name in ("libnvinfer.a", "libcudart.a")]
    run(place, *words)
    assert run(place, "./sizes").endswith("2 tests, 0 failed\n")


def test_an_engine_without_embeddings(place, program, tmp_path, words):
    engine = write_engine(tmp_path / "a.engine", [IMAGES, OUTPUT], embedding_dim=0)
    assert "126 rows of 6 numbers, embeddings of 0\n" in run(place, program, *words(engine))
    assert not (tmp_path / "out.embeddings").exists()


ANEW = "build it anew with tools/trt.py, on this machine"


@pytest.mark.parametrize(
    ("lines", "changes", "message"),
    [
        ([IMAGES, OUTPUT], {}, "has the tensors images, output, not those that"),
        (STATIC, {"embedding_dim": 0}, "has the tensors embeddings, images, output, not those"),
        (
            [IMAGES, "tensor detections float 9 7"],
            {"embedding_dim": 0},
            "has the tensors detections, images, not those that",
        ),
        ([IMAGES, OUTPUT.replace("float", "half"), EMBEDDINGS], {}, "output is not float32; "),
        ([IMAGES.replace("1 3", "8 3"), OUTPUT, EMBEDDINGS], {}, "takes 8 × 3 × 64 × 96, not one"),
        ([IMAGES.replace("1 3", "1 4"), OUTPUT, EMBEDDINGS], {}, "takes 1 × 4 × 64 × 96, not one"),
        ([IMAGES + " 1", OUTPUT, EMBEDDINGS], {}, "takes 1 × 3 × 64 × 96 × 1, not one image of"),
        (STATIC, {"size": (64, 64)}, "takes 1 × 3 × 64 × 96, not one image of 64 × 64; export it"),
        ([IMAGES, OUTPUT + " 1", EMBEDDINGS], {}, "puts out 1 × 126 × 6 × 1 as output; build it"),
        ([IMAGES, OUTPUT, EMBEDDINGS.replace("126", "9")], {}, "has 9 embeddings for 126 rows; "),
        (STATIC, {"names": "abc"}, "puts out 126 × 6 and embeddings of 8 numbers; by its"),
        (STATIC, {"embedding_dim": 4}, "puts out 126 × 6 and embeddings of 8 numbers; by its"),
        ([*STATIC, "fail context"], {}, "cannot be run: TensorRT says: nothing more; free memory"),
        ([*STATIC, "fail run"], {}, f"cannot be run: TensorRT says: it does not run; {ANEW}"),
    ],
)
def test_faults_of_an_engine(place, program, tmp_path, words, lines, changes, message):
    engine = write_engine(tmp_path / "a.engine", lines, **changes)
    assert fault(place, program, *words(engine)).startswith(f"{engine}: {message}")


def test_an_engine_of_another_version(place, program, tmp_path, words):
    engine = write_engine(tmp_path / "a.engine", STATIC)
    engine.write_text("something else")
    assert fault(place, program, *words(engine)) == (
        f"{engine}: is no engine for this version of TensorRT and this GPU: TensorRT says: the "
        f"version tag is wrong; {ANEW}"
    )


RANGE = "1 × 3 × 32 × 64 to 1 × 3 × 128 × 256"


@pytest.mark.parametrize(
    ("lines", "size", "message"),
    [
        (STATIC, (64, 64), "was exported for 64 × 96, not 64 × 64; leave --tsize out"),
        (DYNAMIC, (32, 32), f"was built for {RANGE}, not for 1 × 3 × 32 × 32; give another --ts"),
        (DYNAMIC, (160, 64), f"was built for {RANGE}, not for 1 × 3 × 160 × 64; give another --"),
        (DYNAMIC, (64, 90), "input is 64 × 90; give multiples of 32"),
    ],
)
def test_faults_of_the_size(place, program, tmp_path, words, lines, size, message):
    engine = write_engine(tmp_path / "a.engine", lines)
    said = fault(place, program, *words(engine, *size))
    assert said.removeprefix(f"{engine}: ").startswith(message)


@pytest.mark.parametrize(
    ("call", "message"),
    [
        (
            "cudaStreamCreateWithFlags",
            "no CUDA-capable device is detected; an NVIDIA GPU is needed, and a driver for this "
            "version of CUDA",
        ),
        ("cudaMalloc", "out of memory; free memory, or take a smaller input"),
        ("cudaMallocHost", "out of memory; free memory, or take a smaller input"),
    ],
)
def test_the_gpu_refuses(place, program, tmp_path, words, call, message):
    engine = write_engine(tmp_path / "a.engine", STATIC)
    said = fault(place, program, *words(engine), CUDA_FAILS=call)
    assert said == f"the GPU says: {message}"


def test_a_file_is_missing(place, program, tmp_path, words):
    engine = write_engine(tmp_path / "a.engine", STATIC)
    engine.unlink()
    message = f"{engine}: cannot be read; build it with tools/trt.py"
    assert fault(place, program, *words(engine)) == message
    engine.with_name("a.engine.json").unlink()
    assert fault(place, program, *words(engine)).startswith(f"{engine}.json: cannot be read; ")


def test_a_video(root, place):
    if not (place / "deploy/TensorRT/cpp/build/track_tensorrt").exists():
        pytest.skip("it is not built without OpenCV")
    tracks = write_walk(place)
    write_engine(place / "nano.engine", DYNAMIC)
    # The other two are tested with their tools.
    line = commands((root / "deploy/TensorRT/cpp/README.md").read_text(), 1)[2]
    run_line(place, line, **LEAKS_ALLOWED)
    assert (place / "runs/tensorrt/walk.mp4").stat().st_size > 1000
    assert (place / "runs/tensorrt/walk.txt").read_text().count("\n") == 8
    height, width = WALK
    (place / "nano.engine").write_text("\n".join(["engine", *DYNAMIC[:3]]))
    line = line.replace("walk.mp4", "walk") + f" --tsize {height} {width} --no-video"
    run_line(place, line, **LEAKS_ALLOWED)
    assert (place / "runs/tensorrt/walk.txt").read_text() == tracks["byte"]
    run_line(place, f"{line} --tracker covertrack", **LEAKS_ALLOWED)
    assert (place / "runs/tensorrt/walk.txt").read_text() == tracks["covertrack"]
    said = run(place, "deploy/TensorRT/cpp/build/track_tensorrt", "--help", **LEAKS_ALLOWED)
    assert "an engine of tools/trt.py" in said


def test_nothing_is_built_without_tensorrt(place):
    words = ["-DTENSORRT_ROOT=tensorrt", "-DCUDA_ROOT=tensorrt", "-DTENSORRT_LIBRARY_NAME=another"]
    said = run(place, "cmake", "-S", "deploy/TensorRT/cpp", "-B", "none", *words)
    assert "nothing to build: TENSORRT_LIBRARY was not found; give -DTENSORRT_ROOT=" in said
    run(place, "cmake", "--build", "none")


def test_the_video_program_needs_opencv(place):
    words = [
        "-DTENSORRT_ROOT=tensorrt",
        "-DCUDA_ROOT=tensorrt",
        "-DCMAKE_DISABLE_FIND_PACKAGE_OpenCV=1",
    ]
    said = run(place, "cmake", "-S", "deploy/TensorRT/cpp", "-B", "no_video", *words)
    assert "OpenCV was not found: track_tensorrt is not built" in said
