"""A network says on a GPU what it says on a CPU."""

import copy

import numpy as np
import pytest
import torch

from yolox.data.loader import normalise
from yolox.data.synthetic import make_scene
from yolox.data.synthetic.rendering import render
from yolox.engine.checkpoint import load_model, read_checkpoint
from yolox.exp import load_exp

pytestmark = pytest.mark.gpu
SIZE = (256, 448)


@pytest.fixture(scope="module")
def model(root):
    exp = load_exp(root / "exps/example/synthetic/yolox_nano_reid_long.py")
    model = exp.get_model()
    load_model(model, read_checkpoint(root / "pretrained/yolox_nano_reid_synthetic.pth"))
    return model.eval()


@pytest.fixture(scope="module")
def pixels():
    """Two images as a loader gives them: 8 bits, channels last."""
    scene = make_scene(8, 2, seed=5, width=SIZE[1], height=SIZE[0])
    return torch.from_numpy(np.stack(list(render(scene)))).permute(0, 3, 1, 2)


@torch.inference_mode()
def outputs(model, pixels, device, dtype=torch.float32):
    """Give everything that a network says, by name, in single precision on the CPU."""
    moved = copy.deepcopy(model).to(device, dtype, memory_format=torch.channels_last)
    images = normalise(pixels.to(device), model.preprocessing).to(dtype)
    predictions, maps = moved(images)
    named = {**predictions._asdict(), **{f"map {k}": level for k, level in enumerate(maps)}}
    return {name: values.float().cpu() for name, values in named.items()}


def test_pixels_are_normalised_alike(gpu, model, pixels):
    theirs = normalise(pixels.to(gpu), model.preprocessing)
    assert theirs.is_contiguous(memory_format=torch.channels_last)
    torch.testing.assert_close(
        theirs.cpu(), normalise(pixels, model.preprocessing), rtol=1e-6, atol=1e-6
    )


def test_forward_is_that_of_the_cpu(gpu, model, pixels):
    expected, given = outputs(model, pixels, "cpu"), outputs(model, pixels, gpu)
    assert torch.equal(given["locations"], expected["locations"])
    for name, values in expected.items():
        torch.testing.assert_close(given[name], values, rtol=1e-3, atol=1e-3, msg=name)


@pytest.mark.parametrize(("dtype", "share"), [(torch.float16, 0.01), (torch.bfloat16, 0.05)])
def test_half_precision_is_near(gpu, model, pixels, dtype, share):
    """On average within one, and five, hundredths of the spread of what is said."""
    expected, given = outputs(model, pixels, "cpu"), outputs(model, pixels, gpu, dtype)
    for name in expected.keys() - {"locations"}:
        apart = (given[name] - expected[name]).abs().mean() / expected[name].std()
        assert apart < share, (name, float(apart))
