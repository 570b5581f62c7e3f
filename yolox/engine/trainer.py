"""The training loop: batches to weights, with averaging, evaluation, and exact resumption.

Everything random is a function of the seed and a batch's number, so the state of a run is its
weights, its optimiser and the number of batches done.
"""

from __future__ import annotations

import math
import time
from collections.abc import Callable, Iterator
from contextlib import nullcontext
from pathlib import Path
from typing import Any, Literal, NamedTuple

import torch
from torch import Tensor, nn

from yolox.data.loader import Batch, LoadingError, normalise
from yolox.engine.checkpoint import load_model, load_state, read_checkpoint, save_checkpoint
from yolox.engine.distributed import World, check_shares
from yolox.engine.ema import WeightAverage
from yolox.engine.evaluation import evaluate_model, open_validation
from yolox.engine.guards import check_free, hold, memory_explained
from yolox.engine.optimizer import make_optimizer, parameter_groups
from yolox.engine.run_checks import (
    DECIDE_BEST,
    STATE,
    check_same_run,
    check_settings,
    find_state,
)
from yolox.engine.run_state import State, describe_origin, write_state
from yolox.engine.schedule import learning_rate
from yolox.engine.sync_norm import synchronise_norms
from yolox.engine.training_data import load_batches, open_training_set
from yolox.exp.base import Exp, settings
from yolox.losses.criterion import Criterion
from yolox.models.yolox import YOLOX
from yolox.structures import InputError
from yolox.structures.preprocessing import PREPROCESSINGS
from yolox.structures.targets import Targets

Precision = Literal["fp32", "bf16", "fp16"]
BEST = "best.pth"
# A network that gives nothing but bad losses is broken.
MOST_SKIPPED = 10
ALONE = World(0, 1, torch.device("cpu"))


class Progress(NamedTuple):
    """What is told of a batch.

    Attributes:
        batch: Batches done.
        total: Batches of the run.
        losses: By name.
        rate: Learning rate.
        seconds: That the batch took.
        waited: Seconds of them in which data was waited for.
        images: In the batch.
        skipped: Batches of the run so far whose loss was no number.
    """

    batch: int
    total: int
    losses: dict[str, float]
    rate: float
    seconds: float
    waited: float
    images: int
    skipped: int


class Stopped(Exception):  # noqa: N818 - nothing went wrong
    """The run was asked to stop, and can be resumed."""


class Trainer:
    """One run.

    Args:
        exp: Its settings.
        output: Its folder.
        batch_size: Pictures a batch, over all processes.
        world: The processes of the run and the device of this one.
        precision: Of the forward pass.
        weights: A checkpoint to begin with; what does not fit is left out.
        resume: Go on from the folder's state.
        on_batch: Told of every batch.
        on_scores: Told the batch and the scores of every evaluation.

    Raises:
        InputError: Something is missing or does not fit, before any work.
    """

    def __init__(
        self,
        exp: Exp,
        output: Path,
        *,
        batch_size: int,
        world: World = ALONE,
        precision: Precision = "fp32",
        weights: Path | None = None,
        resume: bool = False,
        on_batch: Callable[[Progress], None] = lambda progress: None,
        on_scores: Callable[[int, dict[str, float]], None] = lambda batch, scores: None,
    ) -> None:
        exp.check()
        self.exp, self.output, self.batch_size = exp, output, batch_size
        self.world, self.device, self.precision = world, world.device, precision
        check_shares(batch_size, world.size)
        check_settings(exp)
        self.on_batch, self.on_scores = on_batch, on_scores
        self.stop_requested = False
        self._bad_in_a_row = 0
        self._to_apply = False  # gradients that no step has used yet
        if world.writes:
            check_free(output)  # before the data are read, which takes long
        state = find_state(output, resume=resume)
        if exp.freeze_detector and weights is None and state is None:
            raise InputError("freeze_detector keeps a detector that nobody trained; give one (-c)")

        self.dataset = open_training_set(exp)
        annotations = self.dataset.annotations
        if world.writes:
            self._validation = open_validation(exp)
        self.batches_per_epoch = len(self.dataset) // (batch_size * exp.accumulate)
        self.batches_per_epoch *= exp.accumulate
        if not self.batches_per_epoch:
            raise InputError(
                f"{exp.train}: {len(self.dataset)} images are not a batch of {batch_size} times "
                f"accumulate {exp.accumulate}; make the batch smaller"
            )
        torch.manual_seed(exp.seed)
        model = exp.get_model()
        self.left_out: list[str] = []
        if weights is not None and state is None:
            convention = PREPROCESSINGS[exp.preprocessing]
            checkpoint = read_checkpoint(weights)
            left_out = load_model(model, checkpoint, preprocessing=convention, partial=True)
            self.left_out = [mismatch.name for mismatch in left_out]
        self.model = model.to(self.device).to(memory_format=torch.channels_last)
        if exp.sync_bn:
            synchronise_norms(self.model, self.device)
        self.criterion = exp.get_criterion(annotations.num_identities).to(self.device)
        if exp.freeze_detector:
            _freeze_detector(self.model)
        groups = parameter_groups(self.model, self.criterion, weight_decay=exp.weight_decay)
        self.optimizer = make_optimizer(exp.optimizer, groups, momentum=exp.momentum)
        self.average = WeightAverage(self.model) if exp.ema else None
        self.scaler = torch.amp.GradScaler(self.device.type, enabled=precision == "fp16")
        self.batch = 0
        self.skipped = 0
        self.best = float("-inf")
        self._epoch_open = False  # an epoch is done, and not evaluated yet
        if state is not None:
            self._restore(state)
        self._losses = world.wrap(_Losses(self.model, self.criterion))

    @property
    def total(self) -> int:
        """Batches of the whole run."""
        return self.exp.max_epoch * self.batches_per_epoch

    @property
    def plain_from(self) -> int:
        """The batch from which mosaic and mixup are off and the L1 loss is on."""
        return (self.exp.max_epoch - self.exp.no_aug_epochs) * self.batches_per_epoch

    @property
    def trained(self) -> nn.Module:
        """The weights to use: averaged, where they are."""
        return self.model if self.average is None else self.average.model

    def describe(self) -> str:
        """Say in a line what is trained on what."""
        heights = [height for height, _ in self.exp.get_sizes()]
        return (
            f"{len(self.dataset)} images, {self.dataset.annotations.num_identities} identities, "
            f"heights of {heights[0]} to {heights[-1]}; {self.total} batches of {self.batch_size} "
            f"on {self.world.size} × {self.device.type}, {self.precision}; to {self.output}"
        )

    def run(self) -> None:
        """Train to the end, evaluating and saving on the way.

        Raises:
            Stopped: `stop_requested` was set; the state is saved.
            InputError: Another run writes to the folder, the loss is not finite, or a batch does
                not fit into memory.
        """
        with hold(self.output) if self.world.writes else nullcontext():
            self._run()

    def _run(self) -> None:
        _train_mode(self.model, frozen=self.exp.freeze_detector)
        self.criterion.train()
        if self._epoch_open:
            self._close_epoch()
        ended = time.perf_counter()
        for batch in self._batches():
            arrived = time.perf_counter()
            with memory_explained(batch):
                losses, rate = self._train(batch)
            now = time.perf_counter()
            self.on_batch(
                Progress(
                    self.batch,
                    self.total,
                    losses,
                    rate,
                    now - ended,
                    arrived - ended,
                    len(batch.images) * self.world.size,
                    self.skipped,
                )
            )
            at_end = self.batch % self.batches_per_epoch == 0
            if at_end:
                self.criterion.end_epoch()
                self._epoch_open = True
                self._close_epoch()
            if self.batch % self.exp.accumulate == 0 and self.world.any(self.stop_requested):
                if self.batch == self.total:
                    return
                if not at_end:
                    self.save()
                raise self._stopped()
            ended = time.perf_counter()

    def save(self) -> None:
        """Write the state of the run."""
        if not self.world.writes:
            return
        write_state(self.output / STATE, self._state())

    def _batches(self) -> Iterator[Batch]:
        loader = load_batches(
            self.exp,
            self.dataset,
            self.world,
            batch_size=self.batch_size,
            start=self.batch,
            stop=self.total,
            mosaic_until=self.plain_from,
        )
        try:
            yield from loader
        except LoadingError:
            # Ended by the same signal that asked this process to stop.
            if not self.stop_requested or self.batch % self.exp.accumulate:
                raise
            self.save()
            raise self._stopped() from None

    def _stopped(self) -> Stopped:
        return Stopped(f"stopped after batch {self.batch} of {self.total}; go on with --resume")

    def _train(self, batch: Batch) -> tuple[dict[str, float], float]:
        """Learn from one batch; gives the losses and the learning rate."""
        exp = self.exp
        rate = learning_rate(
            self.batch,
            peak=exp.basic_lr_per_img * self.batch_size * exp.accumulate,
            warmup=exp.warmup_epochs * self.batches_per_epoch,
            total=self.total,
            floor_steps=self.total - self.plain_from,
            floor_ratio=exp.min_lr_ratio,
        )
        for group in self.optimizer.param_groups:
            group["lr"] = rate
        self.criterion.with_l1 = exp.l1_always or self.batch >= self.plain_from
        moved = batch.to(self.device)
        buffers = [b.clone() for b in self._losses.buffers()] if exp.skip_bad_loss else []
        # Gradients are shared once a step; but if its last batch were skipped, they never would be.
        last = (self.batch + 1) % exp.accumulate == 0
        with self.world.sharing(self._losses, now=last or exp.skip_bad_loss):
            losses = self._forward(moved)
            named = {name: float(loss.detach()) for name, loss in losses.items()}
            if self.world.any(not math.isfinite(named["total"])):
                self._skip_or_give_up(batch, named, buffers)
            else:
                self._bad_in_a_row = 0
                scaled: Any = self.scaler.scale(losses["total"] / exp.accumulate)
                scaled.backward()
                self._to_apply = True
        self.batch += 1
        if self.batch % exp.accumulate == 0 and self._to_apply:
            self._step()
            self._to_apply = False
        return named, rate

    def _forward(self, batch: Batch) -> dict[str, Tensor]:
        assert self.model.preprocessing is not None
        images = normalise(batch.images, self.model.preprocessing)
        types = {"bf16": torch.bfloat16, "fp16": torch.float16}
        precision: Any = (
            torch.autocast(self.device.type, types[self.precision])
            if self.precision in types
            else nullcontext()
        )
        with precision:
            losses: dict[str, Tensor] = self._losses(images, batch.targets)
        return losses

    def _step(self) -> None:
        if self.exp.clip_grad:
            self.scaler.unscale_(self.optimizer)
            parameters = [p for group in self.optimizer.param_groups for p in group["params"]]
            nn.utils.clip_grad_norm_(parameters, self.exp.clip_grad)
        self.scaler.step(self.optimizer)
        self.scaler.update()
        self.optimizer.zero_grad(set_to_none=True)
        if self.average is not None:
            self.average.update()

    def _close_epoch(self) -> None:
        if self.world.writes:
            epoch = self.batch // self.batches_per_epoch
            last = epoch == self.exp.max_epoch
            if last or epoch % self.exp.eval_interval == 0 or self.batch > self.plain_from:
                self.save()  # evaluation takes long, and may end badly
                self._note_scores()
            self._save_weights(self.output / f"epoch_{epoch:03d}.pth")
            self._remove_old_epochs()
        self._epoch_open = False
        self.save()
        self.world.wait()

    def _note_scores(self) -> None:
        scores = self.evaluate()
        self.on_scores(self.batch, scores)
        if self.exp.best not in scores:
            raise InputError(
                f"best is {self.exp.best}, which the evaluation does not give; "
                f"give one of {', '.join(scores)}"
            )
        if scores[self.exp.best] > self.best:
            self.best = scores[self.exp.best]
            self._save_weights(self.output / BEST)

    def _remove_old_epochs(self) -> None:
        written = {
            int(path.stem.removeprefix("epoch_")): path
            for path in self.output.glob("epoch_*.pth")
            if path.stem.removeprefix("epoch_").isdecimal()
        }
        for epoch in sorted(written)[: -self.exp.keep]:
            written[epoch].unlink()

    def evaluate(self) -> dict[str, float]:
        """Score the averaged weights on the validation set."""
        exp = self.exp
        model: Any = self.trained
        view, truth = self._validation
        result = evaluate_model(
            model.eval(),
            view,
            truth,
            device=self.device,
            batch_size=self.batch_size // self.world.size,
            workers=exp.workers,
            score_thresh=exp.test_conf,
            nms_thresh=exp.nmsthre,
            tracking=exp.eval_tracking,
        )
        # For the weights that were scored may be those in training.
        _train_mode(self.model, frozen=exp.freeze_detector)
        return result.scores()

    def _save_weights(self, path: Path) -> None:
        model: Any = self.trained
        model.preprocessing = self.model.preprocessing
        names = list(self.dataset.annotations.class_names)
        save_checkpoint(
            path,
            model,
            criterion=self.criterion,
            class_names=names,
            made_by={"exp": self._settings(), "batch": self.batch, **describe_origin()},
        )

    def _settings(self) -> dict[str, Any]:
        return {key: getattr(self.exp, key) for key in settings()}

    def _state(self) -> State:
        state: State = {
            "batch": self.batch,
            "best": self.best,
            "skipped": self.skipped,
            "bad_in_a_row": self._bad_in_a_row,
            "epoch_open": self._epoch_open,
            "batch_size": self.batch_size,
            "precision": self.precision,
            "batches_per_epoch": self.batches_per_epoch,
            "num_identities": self.dataset.annotations.num_identities,
            "model": self.model.state_dict(),
            "criterion": self.criterion.state_dict(),
            "optimizer": self.optimizer.state_dict(),
            "scaler": self.scaler.state_dict(),
            "rng": torch.get_rng_state(),
            "exp": self._settings(),
            "origin": describe_origin(),
        }
        if self.average is not None:
            state["average"] = self.average.model.state_dict()
            state["average_updates"] = self.average.updates
        return state

    def _restore(self, state: State) -> None:
        present = self._state()
        check_same_run(self.output / STATE, state, present)
        load_state(self.model, state["model"])
        load_state(self.criterion, state["criterion"])
        self.optimizer.load_state_dict(state["optimizer"])
        self.scaler.load_state_dict(state["scaler"])
        torch.set_rng_state(state["rng"])
        self.batch, self.skipped = state["batch"], state["skipped"]
        self._bad_in_a_row, self._epoch_open = state["bad_in_a_row"], state["epoch_open"]
        if all(state["exp"][key] == present["exp"][key] for key in DECIDE_BEST):
            self.best = state["best"]
        if self.average is not None and "average" in state:
            load_state(self.average.model, state["average"])
            self.average.updates = state["average_updates"]

    def _skip_or_give_up(
        self, batch: Batch, losses: dict[str, float], buffers: list[Tensor]
    ) -> None:
        """Go on as if the batch had not been, if that is wanted, or save it and say why."""
        self._bad_in_a_row += 1
        if self.exp.skip_bad_loss and self._bad_in_a_row < MOST_SKIPPED:
            self.skipped += 1
            for buffer, before in zip(self._losses.buffers(), buffers, strict=True):
                buffer.copy_(before)  # else the norms would remember it
            return
        if math.isfinite(losses["total"]):
            raise InputError(f"the loss of batch {self.batch} is not finite in another process")
        path = self.output / f"bad_batch_{self.batch}_{self.world.rank}.pth"
        files = [self.dataset.annotations.files[index] for index in batch.indices.tolist()]
        content = {"images": batch.images, "targets": tuple(batch.targets), "files": files}
        write_state(path, {**content, "batch": self.batch, "losses": losses})
        shown = ", ".join(f"{name} {loss:.4g}" for name, loss in losses.items())
        raise InputError(
            f"the loss of batch {self.batch} is not finite ({shown}); it is in {path}; lower "
            "basic_lr_per_img, set clip_grad, or for single bad batches skip_bad_loss True"
        )


class _Losses(nn.Module):
    """Network and criterion as one module, as data-parallel training wants it."""

    def __init__(self, model: YOLOX, criterion: Criterion) -> None:
        super().__init__()
        self.model = model
        self.criterion = criterion

    def forward(self, images: Tensor, targets: Targets) -> dict[str, Tensor]:
        size = (images.shape[2], images.shape[3])
        losses: dict[str, Tensor] = self.criterion(
            self.model(images), targets, size, self.model.reid_head
        )
        return losses


def _freeze_detector(model: Any) -> None:
    if model.reid_head is None:
        raise InputError("freeze_detector leaves nothing to train; set reid to a head")
    for part in (model.backbone, model.head):
        part.requires_grad_(False)


def _train_mode(model: Any, *, frozen: bool) -> None:
    """Put the model into training mode; a frozen detector's norms stay as they are."""
    model.train()
    if frozen:
        model.backbone.eval()
        model.head.eval()
