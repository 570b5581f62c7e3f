"""Tracker parameters from data: for every sequence tuned on the others, and once on all.

A tuned score says what to expect of new sequences only if it is of sequences that the tuning has
not seen. So each sequence is tracked with parameters found on all others (leave one out), and these
results together make the score; the set tuned on all sequences is for use, its score is flattering.
"""

from __future__ import annotations

import json
import warnings
from collections.abc import Iterator, Mapping
from concurrent.futures import FIRST_COMPLETED, Future, ProcessPoolExecutor, wait
from functools import cache
from pathlib import Path
from typing import Any, NamedTuple

from yolox.engine.processes import working
from yolox.engine.tracking import FromBoxes, Job, put_out, read_inputs, track_inputs
from yolox.formats.atomic import write_whole
from yolox.metrics.scores import Scores
from yolox.metrics.tracking import COMBINED, Benchmark, ScoredSequence, evaluate, load_truth
from yolox.structures import InputError
from yolox.tracker import Parameter, Tracker, available_trackers, find_tracker

# Trials done by a process before it says so; each costs a look into the record of all.
CHUNK = 10

# The name of the study of all sequences.
ALL = "all"

# A sequence is read once a process, whatever is tried on it.
_read_inputs, _load_truth = cache(read_inputs), cache(load_truth)


class Plan(NamedTuple):
    """What is tuned, on what, by what measure.

    Attributes:
        jobs: The sequences, of the half that is tuned on.
        scored: The same of the half that is scored.
        held: Parameters that are given and not tuned; the jobs have them, too.
        truth: MOTChallenge tree.
        objective: A column of protocol `trackeval`, such as `HOTA`.
        trials: Of each study.
        prior: What is taken from the objective for a mean squared distance of 1 from the defaults,
            each parameter in units of its range.
        benchmark: Rules to score by; by each sequence's name if None.
        record: The file that trials are kept in.
        seed: Of the sampler.
    """

    jobs: tuple[Job, ...]
    scored: tuple[Job, ...]
    held: dict[str, Any]
    truth: Path
    objective: str
    trials: int
    prior: float
    benchmark: Benchmark | None
    record: Path
    seed: int

    def studies(self) -> dict[str, tuple[Job, ...]]:
        """Name the studies, and the sequences that each may see."""
        folds = {
            f"without {held_out.name}": tuple(job for job in self.jobs if job is not held_out)
            for held_out in self.jobs
        }
        return (folds if len(self.jobs) > 1 else {}) | {ALL: self.jobs}


class Best(NamedTuple):
    """The best trial of a study."""

    parameters: dict[str, Any]
    objective: float
    trial: int


def search_space(plan: Plan) -> dict[str, Parameter]:
    """List the parameters that are tuned: those with a range that are not held.

    Raises:
        InputError: There is none.
    """
    job = plan.jobs[0]
    ranged = _with_ranges(find_tracker(job.tracker, job.backend))
    if not ranged:
        tunable = [name for name, tracker in available_trackers().items() if _with_ranges(tracker)]
        raise InputError(
            f"tracker {job.tracker} declares no range to tune in; take one of {', '.join(tunable)}"
        )
    space = {name: ranged[name] for name in ranged if name not in plan.held}
    if not space:
        raise InputError(f"tracker {job.tracker} has no parameter left to tune; hold fewer of them")
    return space


def _with_ranges(tracker: type[Tracker]) -> dict[str, Parameter]:
    return {name: one for name, one in tracker.parameters().items() if one.search is not None}


def tune(plan: Plan, workers: int) -> Iterator[tuple[str, int]]:
    """Run the trials that are not done yet, several studies side by side.

    Yields:
        A study's name and how many of its trials have just been done.

    Raises:
        InputError: An input is malformed, or the record is of another tuning.
    """
    _check_record(plan)
    left = {name: plan.trials - len(_finished(plan, name)) for name in plan.studies()}
    cure = "use fewer workers. The same command goes on with the trials that are done"
    with working(ProcessPoolExecutor(workers), cure) as pool:
        running: dict[Future[int], str] = {}

        def submit(name: str) -> None:
            if left[name] > 0:
                running[pool.submit(_run_chunk, plan, name, min(CHUNK, left[name]))] = name

        for name in left:
            submit(name)
        while running:
            for future in wait(running, return_when=FIRST_COMPLETED).done:
                name, done = running.pop(future), future.result()
                left[name] -= done
                yield name, done
                submit(name)


def finished_trials(plan: Plan) -> int:
    """Count the trials of all studies that are done."""
    return sum(min(len(_finished(plan, name)), plan.trials) for name in plan.studies())


def best_of(plan: Plan, study: str) -> Best:
    """Give the best trial of a study; the first of several."""
    trials = _finished(plan, study)[: plan.trials]
    best = max(trials, key=lambda trial: (trial.value, -trial.number))
    return Best(dict(best.params), float(best.value), best.number)


def held_out_scores(plan: Plan) -> Scores:
    """Score each sequence as tracked with the parameters found on all others."""
    tracked = {
        job.name: _track(job, best_of(plan, f"without {job.name}").parameters, plan)
        for job in plan.scored
    }
    return evaluate(tracked, "trackeval", plan.benchmark)


def scores_of(plan: Plan, parameters: Mapping[str, Any]) -> Scores:
    """Score all sequences as tracked with one set of parameters."""
    tracked = {job.name: _track(job, parameters, plan) for job in plan.scored}
    return evaluate(tracked, "trackeval", plan.benchmark)


def write_parameters(path: Path, plan: Plan) -> None:
    """Write the set found on all sequences, as `--params` takes it, and where it comes from."""
    job, best = plan.jobs[0], best_of(plan, ALL)
    folds = {name: best_of(plan, name).parameters for name in plan.studies() if name != ALL}
    document = {
        "tracker": job.tracker,
        "parameters": plan.held | best.parameters,
        "tuned_on": [each.name for each in plan.jobs],
        "half": job.source.half,
        "objective": {plan.objective: best.objective},
        "trials": plan.trials,
        "folds": folds,
    }
    with write_whole(path) as file:
        json.dump(document, file, indent=2, allow_nan=False)


def distance(space: Mapping[str, Parameter], parameters: Mapping[str, Any]) -> float:
    """Compute the mean squared distance from the defaults, each in units of its range.

    Parameters without a default do not count.
    """
    squares = []
    for name, parameter in space.items():
        if parameter.default is None or parameter.search is None:
            continue
        low, high = parameter.search
        squares.append(((float(parameters[name]) - float(parameter.default)) / (high - low)) ** 2)
    return sum(squares) / len(squares) if squares else 0.0


def _run_chunk(plan: Plan, name: str, count: int) -> int:
    """Run some trials of a study, in a process of its own."""
    jobs, space = plan.studies()[name], search_space(plan)
    study = _study(plan, name, seed=plan.seed + len(_finished(plan, name)))
    if not study.get_trials(deepcopy=False):
        study.enqueue_trial(
            {key: each.default for key, each in space.items() if each.default is not None}
        )

    def objective(trial: Any) -> float:
        chosen = {key: _suggest(trial, key, parameter) for key, parameter in space.items()}
        scores = evaluate(
            {job.name: _track(job, chosen, plan) for job in jobs}, "trackeval", plan.benchmark
        )
        return float(scores[COMBINED][plan.objective]) - plan.prior * distance(space, chosen)

    study.optimize(objective, n_trials=count)
    return count


def _suggest(trial: Any, name: str, parameter: Parameter) -> Any:
    assert parameter.search is not None
    if parameter.kind is bool:
        return trial.suggest_categorical(name, [False, True])
    suggest = trial.suggest_int if parameter.kind is int else trial.suggest_float
    return suggest(name, *map(parameter.kind, parameter.search))


def _track(job: Job, parameters: Mapping[str, Any], plan: Plan) -> ScoredSequence:
    inputs = _read_inputs(job.source)
    truth, length = _load_truth(plan.truth / job.name, job.source.half, job.frame_step)
    job = job._replace(parameters=job.parameters | dict(parameters))
    return ScoredSequence(
        truth, put_out(job, track_inputs(job, inputs)).every(job.frame_step), length
    )


def _check_record(plan: Plan) -> None:
    """Note in a fresh record what it is of; refuse one of something else.

    Raises:
        InputError: The record is of another tuning.
    """
    job = plan.jobs[0]
    about = {
        "tracker": job.tracker,
        "held": plan.held,
        "sequences": [each.name for each in plan.jobs],
        "frame rates": [each.parameters.get("frame_rate") for each in plan.jobs],
        "detections": _folder(job.source.detections),
        "embeddings": _folder(job.source.embeddings),
        "camera motion": _folder(job.source.camera_motion),
        "truth": str(plan.truth.resolve()),
        "half": job.source.half,
        "frame_step": job.frame_step,
        "benchmark": plan.benchmark,
        "objective": plan.objective,
        "prior": plan.prior,
        "seed": plan.seed,
    }
    study = _study(plan, ALL, seed=0)
    known = study.user_attrs.get("about")
    if known is None:
        study.set_user_attr("about", about)
        return
    changed = [name for name in about if known.get(name) != about[name]]
    if changed:
        name = changed[0]
        raise InputError(
            f"{plan.record}: is the record of a tuning with {name} {known.get(name)!r}, not "
            f"{about[name]!r}; give another --output"
        )


def _folder(file: Path | FromBoxes | None) -> str | None:
    return str(file.parent.resolve()) if isinstance(file, Path) else file


def _finished(plan: Plan, name: str) -> list[Any]:
    import optuna

    study = _study(plan, name, seed=0)
    return list(study.get_trials(deepcopy=False, states=(optuna.trial.TrialState.COMPLETE,)))


def _study(plan: Plan, name: str, seed: int) -> Any:
    # Imported here: it takes longer to load than the tracker runs, and is no dependency of it.
    try:
        import optuna
        from optuna.storages.journal import JournalFileBackend
    except ImportError:
        raise InputError(
            "tuning needs Optuna; pip install 'bytetrack-reid[tune]' or pip install optuna"
        ) from None

    optuna.logging.set_verbosity(optuna.logging.WARNING)
    plan.record.parent.mkdir(parents=True, exist_ok=True)
    storage = optuna.storages.JournalStorage(JournalFileBackend(str(plan.record)))
    with warnings.catch_warnings():
        warnings.simplefilter("ignore", optuna.exceptions.ExperimentalWarning)
        sampler = optuna.samplers.TPESampler(seed=seed, multivariate=True)
    return optuna.create_study(
        study_name=name, storage=storage, sampler=sampler, direction="maximize", load_if_exists=True
    )
