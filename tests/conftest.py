"""Fixtures that several test folders use."""

import os
import warnings
from pathlib import Path

import pytest
from hypothesis import HealthCheck, settings

settings.register_profile(
    "project", deadline=None, derandomize=True, suppress_health_check=[HealthCheck.too_slow]
)
settings.load_profile("project")

ROOT = Path(__file__).resolve().parent.parent


def pytest_configure(config: pytest.Config) -> None:
    """Hide GPUs from all tests but those of `pytest -m gpu`, so that they say the same anywhere."""
    if config.option.markexpr != "gpu":
        os.environ["CUDA_VISIBLE_DEVICES"] = ""
    # cuBLAS reads it once, and sums that come out alike again need it.
    os.environ.setdefault("CUBLAS_WORKSPACE_CONFIG", ":4096:8")


@pytest.fixture
def gpu():
    """A GPU that convolves and multiplies in whole single precision; processes have their own."""
    torch = pytest.importorskip("torch")
    if not torch.cuda.is_available():
        pytest.skip("no GPU; where there is one, give -m gpu")
    _allow_tf32(torch.backends, convolutions=False)
    yield torch.device("cuda", 0)
    _allow_tf32(torch.backends, convolutions=True)


def _allow_tf32(backends, *, convolutions: bool) -> None:
    with warnings.catch_warnings():
        # Some versions of PyTorch name another way, which others do not have.
        warnings.simplefilter("ignore")
        backends.cudnn.allow_tf32 = convolutions
        backends.cuda.matmul.allow_tf32 = False


@pytest.fixture(scope="session")
def shared_data() -> Path:
    """The folder of real MOT17 files, which are not part of the project."""
    named = os.environ.get("BYTETRACK_SHARED")
    folder = Path(named) if named else ROOT.parent / "shared" / "data"
    if not (folder / "mot17").is_dir():
        pytest.skip(f"no MOT17 files in {folder}; set BYTETRACK_SHARED to the folder that has them")
    return folder


@pytest.fixture(scope="session")
def published_detections(shared_data: Path) -> Path:
    """The same folder, if its detections are the published ones: what is expected rests on them."""
    detections = shared_data / "mot17" / "detections" / "yolox_x_ablation"
    lowest = min(
        float(row.split(",")[6])
        for path in detections.glob("*.txt")
        for row in path.read_text().splitlines()
    )
    if lowest != 0.01:
        pytest.skip(
            f"{detections}: not the published detections: their lowest score is 0.01, not {lowest}"
        )
    return shared_data


@pytest.fixture(scope="session")
def root() -> Path:
    return ROOT
