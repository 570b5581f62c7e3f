import json
import os
import shutil
import signal
from pathlib import Path

import pytest

from yolox.data.synthetic import make_scene
from yolox.engine.tracking import plan_jobs
from yolox.engine.tuning import (
    ALL,
    Plan,
    best_of,
    distance,
    finished_trials,
    held_out_scores,
    scores_of,
    search_space,
    tune,
    write_parameters,
)
from yolox.formats.mot import (
    SequenceInfo,
    write_detections,
    write_ground_truth,
    write_sequence_info,
)
from yolox.metrics.tracking import COMBINED
from yolox.structures import InputError
from yolox.tracker import available_trackers
from yolox.tracker.base import Parameter, Range
from yolox.tracker.sort import Sort


@pytest.fixture(scope="module")
def scenes(tmp_path_factory):
    folder = tmp_path_factory.mktemp("scenes")
    for seed, name in enumerate(("a", "b", "c")):
        scene = make_scene(5, 40, width=640, height=480, seed=seed)
        write_detections(folder / "detections" / f"{name}.txt", scene.detections)
        write_ground_truth(folder / "gt" / name / "gt" / "gt.txt", scene.truth)
        info = SequenceInfo(name, 40, 640, 480, 30.0)
        write_sequence_info(folder / "gt" / name / "seqinfo.ini", info)
    return folder


def _plan(scenes, tmp_path, *, trials=12, prior=0.0, parameters=None, seed=0, **options):
    jobs = tuple(
        plan_jobs(
            scenes / "detections",
            Path("unused"),
            tracker="sort",
            parameters=parameters,
            truth=scenes / "gt",
            **options,
        )
    )
    return Plan(
        jobs,
        jobs,
        parameters or {},
        scenes / "gt",
        "IDF1",
        trials,
        prior,
        None,
        tmp_path / "trials.log",
        seed,
    )


def _run(plan, workers=1):
    return sum(done for _, done in tune(plan, workers))


def test_nobody_is_scored_by_what_was_tuned_on_it(scenes, tmp_path):
    plan = _plan(scenes, tmp_path)
    assert {name: [job.name for job in jobs] for name, jobs in plan.studies().items()} == {
        "without a": ["b", "c"],
        "without b": ["a", "c"],
        "without c": ["a", "b"],
        ALL: ["a", "b", "c"],
    }
    assert _run(plan, workers=2) == 48
    assert finished_trials(plan) == 48
    held_out = held_out_scores(plan)
    for name in "abc":
        own = scores_of(plan, best_of(plan, f"without {name}").parameters)
        assert held_out[name] == own[name]


def test_the_best_is_at_least_as_good_as_the_defaults(scenes, tmp_path):
    plan = _plan(scenes, tmp_path, trials=6)
    _run(plan)
    best = best_of(plan, ALL)
    defaults = {name: each.default for name, each in search_space(plan).items()}
    assert best.objective == pytest.approx(scores_of(plan, best.parameters)[COMBINED]["IDF1"])
    assert best.objective >= scores_of(plan, defaults)[COMBINED]["IDF1"]


def test_a_heavy_prior_keeps_the_defaults(scenes, tmp_path):
    plan = _plan(scenes, tmp_path, trials=8, prior=1e6)
    _run(plan)
    found = best_of(plan, ALL).parameters
    assert found == {name: each.default for name, each in search_space(plan).items()}


def test_the_prior_is_part_of_the_objective(scenes, tmp_path):
    # A negative one drives away from the defaults, which are tried first and would win a tie.
    plan = _plan(scenes, tmp_path, trials=4, prior=-1000.0)
    _run(plan)
    best = best_of(plan, ALL)
    apart = distance(search_space(plan), best.parameters)
    score = scores_of(plan, best.parameters)[COMBINED]["IDF1"]
    assert best.objective == pytest.approx(score + 1000 * apart)
    assert apart > 0
    # Where fewer trials are asked for, later ones do not count.
    assert (best.trial > 0, best_of(plan._replace(trials=1), ALL).trial) == (True, 0)


def test_a_stopped_tuning_goes_on(scenes, tmp_path):
    assert _run(_plan(scenes, tmp_path, trials=3)) == 12
    longer = _plan(scenes, tmp_path, trials=5)
    assert finished_trials(longer) == 12
    assert _run(longer) == 8
    assert _run(longer) == 0


def test_the_same_seed_finds_the_same(scenes, tmp_path):
    found = []
    for workers in (1, 3):
        plan = _plan(scenes, tmp_path / str(workers), trials=11, seed=4)
        _run(plan, workers)
        found.append([best_of(plan, study) for study in plan.studies()])
    assert found[0] == found[1]


def test_the_record_of_another_tuning(scenes, tmp_path):
    plan = _plan(scenes, tmp_path, trials=1)
    _run(plan)
    elsewhere = tmp_path / "elsewhere"
    shutil.copytree(scenes / "gt", elsewhere)
    others = {
        "prior": plan._replace(prior=2.0),
        "truth": plan._replace(truth=elsewhere),
        "benchmark": plan._replace(benchmark="MOT20"),
        "camera motion": _plan(scenes, tmp_path, camera_motion="boxes"),
        "embeddings": _plan(scenes, tmp_path, embeddings=tmp_path),
        "frame_step": _plan(scenes, tmp_path, frame_step=2),
        "seed": _plan(scenes, tmp_path, seed=1),
    }
    for name, other in others.items():
        message = rf"trials\.log: is the record of a tuning with {name} .*; give another --output"
        with pytest.raises(InputError, match=message):
            _run(other)


def test_the_frame_rates_belong_to_the_record(scenes, tmp_path):
    plan = _plan(scenes, tmp_path, trials=1)
    _run(plan)
    jobs = tuple(
        job._replace(parameters=job.parameters | {"frame_rate": 25.0}) for job in plan.jobs
    )
    with pytest.raises(InputError, match="is the record of a tuning with frame rates"):
        _run(plan._replace(jobs=jobs))


def test_a_process_that_is_killed(scenes, tmp_path, monkeypatch):
    monkeypatch.setattr("yolox.engine.tuning._run_chunk", _die)
    message = "a process was ended from outside, perhaps for want of memory; use fewer workers"
    with pytest.raises(InputError, match=message):
        _run(_plan(scenes, tmp_path), workers=2)


def _die(*_):
    os.kill(os.getpid(), signal.SIGKILL)


def test_held_parameters_are_not_tuned(scenes, tmp_path):
    plan = _plan(scenes, tmp_path, trials=2, parameters={"max_age": 7})
    assert "max_age" not in search_space(plan)
    _run(plan)
    write_parameters(tmp_path / "parameters.json", plan)
    written = json.loads((tmp_path / "parameters.json").read_text())
    assert written["tracker"] == "sort"
    assert written["parameters"]["max_age"] == 7
    assert set(written["folds"]) == {"without a", "without b", "without c"}
    held = {name: each.default for name, each in Sort.parameters().items()}
    with pytest.raises(InputError, match="tracker sort has no parameter left to tune"):
        search_space(_plan(scenes, tmp_path, parameters=held))


def test_every_tracker_declares_what_can_be_tuned():
    for tracker in available_trackers().values():
        ranged = [one for one in tracker.parameters().values() if one.search]
        assert len(ranged) >= 4, tracker.name
        for parameter in ranged:
            low, high = parameter.search
            assert parameter.default is None or low <= parameter.default <= high


def test_distance_by_hand():
    space = {
        "a": Parameter(float, 0.5, "", Range(0, 1)),
        "b": Parameter(int, 10, "", Range(0, 20)),
        "c": Parameter(float, None, "", Range(0, 1)),
    }
    assert distance(space, {"a": 0.7, "b": 4, "c": 0.9}) == pytest.approx((0.04 + 0.09) / 2)
