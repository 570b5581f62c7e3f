"""One side of `detector.py`: is asked to do jobs, and answers with times (`worker.py`).

  python benchmarks/detector_worker.py ours|CHECKOUT WEIGHTS_DIR DEVICE THREADS

Both packages are called `yolox`, so each has a process of its own and nothing of either is imported
above. Ours draws the weights and leaves them in WEIGHTS_DIR, where the public one reads them.
"""

from __future__ import annotations

import contextlib
import importlib
import sys
import time
import types
import warnings
from abc import ABC, abstractmethod
from pathlib import Path
from typing import Any, NamedTuple

import torch
from torch import Tensor, nn
from worker import Ready, serve

# Depth, width and whether convolutions are depthwise, of the sizes that YOLOX has.
SIZES = {
    "nano": (0.33, 0.25, True),
    "tiny": (0.33, 0.375, False),
    "s": (0.33, 0.50, False),
    "m": (0.67, 0.75, False),
    "l": (1.0, 1.0, False),
    "x": (1.33, 1.25, False),
}
CLASSES = 1
SEED = 0
LOSSES = ("box", "objectness", "class", "l1", "total")
# A turn of inference lasts about this long.
TURN_SECONDS = 0.4


class Job(NamedTuple):
    """What one turn does.

    Attributes:
        task: `train`: one step; `infer`: passes for a while; `check`: losses, and output to a file.
        size: A name of `SIZES`.
        pixels: Side of the square images.
        batch: Number of images.
        objects: Number of objects in each of them.
        precision: `fp32`, or `bf16` by autocast.
        variant: `plain`, `fused` (batch norm folded away), `compiled`, `channels last`, or two of
            them with a comma.
    """

    task: str
    size: str
    pixels: int
    batch: int
    objects: int = 0
    precision: str = "fp32"
    variant: str = "plain"


class Side(ABC):
    """A package's network with its losses; a turn runs one job."""

    def __init__(self, weights: Path, device: str) -> None:
        self.weights = weights
        self.device = torch.device(device)
        self.models: dict[tuple[str, str, bool], nn.Module] = {}

    @abstractmethod
    def build(self, size: str) -> nn.Module:
        """Make a network with the weights that both sides share."""

    @abstractmethod
    def prepare(self, model: nn.Module, variant: str) -> nn.Module:
        """Change a network in evaluation mode to what `variant` says."""

    @abstractmethod
    def losses(self, model: nn.Module, images: Tensor, labels: Any, job: Job) -> list[Any]:
        """Go forward; give the losses by name, and seconds on the clock before and after them."""

    @abstractmethod
    def predict(self, model: nn.Module, images: Tensor, *, decode: bool = True) -> list[Tensor]:
        """Give boxes, decoded or raw, and probabilities; in one tensor or in parts."""

    def lay_out(self, images: Tensor) -> Tensor:
        """Put images into the memory order that suits, which is part of what is timed."""
        return images

    def label(self, labels: Tensor) -> Any:
        """Turn `(B, G, 5)` class, centre, width, height into what the losses take."""
        return labels

    def run(self, job: Job) -> dict[str, Any]:
        """Do a job."""
        return {"train": self.train, "infer": self.infer, "check": self.check}[job.task](job)

    def train(self, job: Job) -> dict[str, float]:
        """Time one step: forward, losses, backward."""
        model = self.model(job)
        images, labels = make_batch(job, self.device)
        model.zero_grad(set_to_none=True)
        truth = self.label(labels)
        cpu, start = time.process_time(), self.clock()
        losses, before, after = self.losses(model, self.lay_out(images), truth, job)
        graph = self.clock()
        losses["total"].backward()
        end = self.clock()
        return {
            "wall": end - start,
            "cpu": time.process_time() - cpu,
            # What comes after the losses is forward too, though nothing is to be expected there.
            "forward": before - start + graph - after,
            "loss": after - before,
            "backward": end - graph,
        }

    @torch.inference_mode()
    def infer(self, job: Job) -> dict[str, float]:
        """Time passes of one image after another, after one that warms up."""
        model = self.model(job)
        images, _ = make_batch(job, self.device)
        with self.autocast(job):
            self.predict(model, self.lay_out(images))
            passes, cpu, start = 0, time.process_time(), self.clock()
            while (end := self.clock()) - start < TURN_SECONDS:
                self.predict(model, self.lay_out(images))
                passes += 1
        return {"wall": (end - start) / passes, "cpu": (time.process_time() - cpu) / passes}

    def check(self, job: Job) -> dict[str, Any]:
        """Compute the losses, L1 among them, and leave the raw output of evaluation in a file.

        Both sides in the same memory order, for another one rounds otherwise.
        """
        images, labels = make_batch(job, self.device)
        model = self.build(job.size).to(self.device).train()
        self.set_l1(model, True)
        losses, _, _ = self.losses(model, images, self.label(labels), job)
        self.set_l1(model, False)
        file = self.weights / f"{type(self).__name__}.pt"
        with torch.inference_mode():
            output = self.predict(self.build(job.size).to(self.device).eval(), images, decode=False)
            torch.save(torch.cat(output, dim=-1), file)
        return {"file": str(file), **{name: float(losses[name]) for name in LOSSES}}

    @abstractmethod
    def set_l1(self, model: nn.Module, wanted: bool) -> None:
        """Switch the L1 loss."""

    def model(self, job: Job) -> nn.Module:
        """Build the job's network once."""
        key = (job.size, job.variant, job.task == "train")
        if key not in self.models:
            model = self.build(job.size).to(self.device)
            model = model.train() if job.task == "train" else model.eval()
            self.models[key] = self.prepare(model, job.variant)
        return self.models[key]

    def autocast(self, job: Job) -> Any:
        """Give the context that sets the precision."""
        if job.precision == "fp32":
            return contextlib.nullcontext()
        return torch.autocast(self.device.type, torch.bfloat16)

    def clock(self) -> float:
        """Give the time once the device has done what it was asked for."""
        if self.device.type == "cuda":
            torch.cuda.synchronize()
        return time.perf_counter()


class Ours(Side):
    """This repository: channels last, losses by `Criterion` with YOLOX's rule."""

    def __init__(self, weights: Path, device: str) -> None:
        super().__init__(weights, device)
        from yolox.losses.criterion import Criterion

        self.criterion = Criterion(rule="yolox")

    def build(self, size: str) -> nn.Module:
        """Draw the weights, or read those that were drawn before."""
        from yolox.models.build import SIZES as BUILDERS

        torch.manual_seed(SEED)
        model = BUILDERS[size](CLASSES)
        file = self.weights / f"{size}.pth"
        if not file.exists():
            settle_norms(model)
            torch.save(model.state_dict(), file)
        model.load_state_dict(torch.load(file))
        return model

    def prepare(self, model: nn.Module, variant: str) -> nn.Module:
        """Put channels last and, if it is not for training, fuse."""
        from yolox.models.blocks import fuse

        if not model.training:
            fuse(model)
        model = model.to(memory_format=torch.channels_last)
        if variant == "compiled":
            model.compile()
        return model

    def lay_out(self, images: Tensor) -> Tensor:
        """See `Side.lay_out`."""
        return images.contiguous(memory_format=torch.channels_last)

    def label(self, labels: Tensor) -> Any:
        """Make `Targets`."""
        from yolox.structures.targets import Targets

        batch, objects, _ = labels.shape
        rows = labels.flatten(0, 1)
        images = torch.arange(batch, device=labels.device).repeat_interleave(objects)
        class_ids = rows[:, 0].long()
        return Targets(images, rows[:, 1:].contiguous(), class_ids, torch.full_like(class_ids, -1))

    def losses(self, model: nn.Module, images: Tensor, labels: Any, job: Job) -> list[Any]:
        """See `Side.losses`."""
        with self.autocast(job):
            output = model(images)
            before = self.clock()
            losses = self.criterion(output, labels, images.shape[-2:])
        return [losses, before, self.clock()]

    def predict(self, model: nn.Module, images: Tensor, *, decode: bool = True) -> list[Tensor]:
        """See `Side.predict`."""
        predictions = model(images).predictions
        boxes = predictions.boxes() if decode else predictions.offsets
        objectness = predictions.objectness.sigmoid()[..., None]
        return [boxes, objectness, predictions.classes.sigmoid()]

    def set_l1(self, model: nn.Module, wanted: bool) -> None:
        """See `Side.set_l1`."""
        self.criterion.with_l1 = wanted


class Public(Side):
    """A checkout of the public YOLOX, as its own trainer and its own tools run it."""

    def __init__(self, checkout: Path, weights: Path, device: str) -> None:
        super().__init__(weights, device)
        self.models_module, self.fuse_model = import_public(checkout)
        self.during_losses = (0.0, 0.0)

    def build(self, size: str) -> nn.Module:
        """Read the weights that our side drew."""
        depth, width, depthwise = SIZES[size]
        public = self.models_module
        model: nn.Module = public.YOLOX(
            public.YOLOPAFPN(depth, width, depthwise=depthwise),
            public.YOLOXHead(CLASSES, width, depthwise=depthwise),
        )
        for module in model.modules():
            if isinstance(module, nn.BatchNorm2d):  # what its experiments set after building
                module.eps, module.momentum = 1e-3, 0.03
        model.load_state_dict(torch.load(self.weights / f"{size}.pth"))
        self._time_losses(model.head)
        return model

    def prepare(self, model: nn.Module, variant: str) -> nn.Module:
        """Fuse if asked, as its tools do with `--fuse`; its tools never put channels last."""
        if "fused" in variant:
            model = self.fuse_model(model)
        return model.to(memory_format=torch.channels_last) if "channels last" in variant else model

    def losses(self, model: nn.Module, images: Tensor, labels: Any, job: Job) -> list[Any]:
        """See `Side.losses`; decoding the boxes counts as forward, for its head does it before."""
        with self.autocast(job):
            outputs = model(images, labels)
        names = {"box": "iou_loss", "objectness": "conf_loss", "class": "cls_loss", "l1": "l1_loss"}
        losses = {own: outputs[name] for own, name in names.items()}
        losses["box"] = losses["box"] / 5  # it gives this one weighted
        losses["total"] = outputs["total_loss"]
        return [losses, *self.during_losses]

    def predict(self, model: nn.Module, images: Tensor, *, decode: bool = True) -> list[Tensor]:
        """See `Side.predict`."""
        model.head.decode_in_inference = decode
        return [model(images)]

    def set_l1(self, model: nn.Module, wanted: bool) -> None:
        """See `Side.set_l1`."""
        model.head.use_l1 = wanted

    def _time_losses(self, head: Any) -> None:
        compute = head.get_losses

        def timed(*inputs: Any, **options: Any) -> Any:
            before = self.clock()
            losses = compute(*inputs, **options)
            self.during_losses = (before, self.clock())
            return losses

        head.get_losses = timed


def import_public(checkout: Path) -> tuple[Any, Any]:
    """Import the network of a checkout, and what it needs, but nothing else of that package.

    Returns:
        Its module `yolox.models`, and its function that folds batch norms.
    """
    sys.path.insert(0, str(checkout))
    package = importlib.import_module("yolox")
    if Path(str(package.__file__)).parent != checkout / "yolox":
        raise ImportError(f"{checkout} holds no package yolox; give a checkout of YOLOX")
    # Its utils load everything from COCO to logging services; the network needs four functions.
    utils = types.ModuleType("yolox.utils")
    utils.__path__ = [str(checkout / "yolox" / "utils")]
    sys.modules["yolox.utils"] = utils
    try:
        importlib.import_module("loguru")
    except ImportError:
        sys.modules["loguru"] = types.SimpleNamespace(logger=None)  # type: ignore[assignment]
    for part, names in {"boxes": ("bboxes_iou", "cxcywh2xyxy"), "compat": ("meshgrid",)}.items():
        module = importlib.import_module(f"yolox.utils.{part}")
        for name in names:
            setattr(utils, name, getattr(module, name))
    utils.visualize_assign = None  # type: ignore[attr-defined]
    models = importlib.import_module("yolox.models")
    return models, importlib.import_module("yolox.utils.model_utils").fuse_model


def make_batch(job: Job, device: torch.device) -> tuple[Tensor, Tensor]:
    """Draw images `(B, 3, H, W)` of 0–255 and people-shaped `(B, G, 5)` labels from a seed."""
    random = torch.Generator().manual_seed(SEED + job.objects)
    # Blobs, not noise, which a deep network averages away.
    blobs = torch.rand(job.batch, 3, 13, 13, generator=random) * 255
    images = nn.functional.interpolate(blobs, (job.pixels, job.pixels), mode="bilinear")
    draw = torch.rand(job.batch, job.objects, 4, generator=random)
    width = 0.02 * job.pixels * 10 ** draw[..., 2]  # from 2 to 20 % of the image
    height = width * (1.5 + 1.5 * draw[..., 3])
    class_ids = torch.zeros_like(width)
    centres = draw[..., :2] * job.pixels
    labels = torch.cat([class_ids[..., None], centres, width[..., None], height[..., None]], -1)
    return images.to(device), labels.to(device)


@torch.no_grad()
def settle_norms(model: nn.Module) -> None:
    """Set the statistics of all batch norms from one batch, so that no activation dies out."""
    norms = [module for module in model.modules() if isinstance(module, nn.BatchNorm2d)]
    momenta = [norm.momentum for norm in norms]
    for norm in norms:
        norm.momentum = None
    images, _ = make_batch(Job("train", "", 256, 4), torch.device("cpu"))
    model.train()(images)
    for norm, momentum in zip(norms, momenta, strict=True):
        norm.momentum = momentum


def load() -> Ready:
    """Make the side that the command line names."""
    which, weights, device = sys.argv[1], Path(sys.argv[2]), sys.argv[3]
    warnings.filterwarnings("ignore")
    torch.set_num_threads(int(sys.argv[4]))
    side = Ours(weights, device) if which == "ours" else Public(Path(which), weights, device)
    return Ready({"torch": torch.__version__}, lambda job: side.run(Job(*job)))


if __name__ == "__main__":
    serve(load)
