import sys
from types import SimpleNamespace

import pytest
from tensorboard.backend.event_processing.event_accumulator import EventAccumulator

from yolox.engine.run_log import RunLog, summarise
from yolox.engine.trainer import Progress
from yolox.exp import Exp
from yolox.structures import InputError


def _progress(batch, loss=1.0, **other):
    values = {"rate": 0.1, "seconds": 0.5, "waited": 0.1, "images": 4, "skipped": 0, **other}
    return Progress(batch, 40, {"total": loss}, **values)


def _exp(interval=2):
    exp = Exp()
    exp.print_interval = interval
    return exp


def _curve(folder, name):
    reader = EventAccumulator(str(folder / "tensorboard"))
    reader.Reload()
    return {event.step: event.value for event in reader.Scalars(name)}


def test_summary_by_hand():
    values = summarise([_progress(1, 2.0), _progress(2, 4.0, seconds=1.5, waited=0.3, images=8)])
    memory = values.pop("memory_gib")
    assert 0.01 < memory < 1000
    assert values == pytest.approx(
        {
            "loss/total": 3.0,
            "learning_rate": 0.1,
            "images_a_second": 6.0,
            "share_of_waiting_for_data": 0.2,
            "skipped_batches": 0,
        }
    )


def test_tensorboard_and_text_have_the_means_of_each_interval(tmp_path, capsys):
    log = RunLog(tmp_path, _exp(), echo=True)
    for batch in range(1, 5):
        log.on_batch(_progress(batch, float(batch)))
    log.on_scores(4, {"ap": 0.25})
    log.close()
    assert _curve(tmp_path, "loss/total") == {2: 1.5, 4: 3.5}
    assert _curve(tmp_path, "val/ap") == {4: 0.25}
    lines = (tmp_path / "train.log").read_text().splitlines()
    assert lines[0].startswith("batch 2 of 40: loss/total 1.5, learning_rate 0.1")
    assert lines[-1] == "batch 4: val/ap 0.25"
    assert capsys.readouterr().out.splitlines() == lines


def test_curves_of_a_resumed_run_do_not_double_back(tmp_path):
    first = RunLog(tmp_path, _exp(1))
    for batch in range(1, 6):  # killed after 5, but the state on disk is of 3
        first.on_batch(_progress(batch, 1.0))
    first.close()
    second = RunLog(tmp_path, _exp(1), start=3)
    for batch in range(4, 7):
        second.on_batch(_progress(batch, 2.0))
    second.close()
    assert _curve(tmp_path, "loss/total") == {1: 1, 2: 1, 3: 1, 4: 2, 5: 2, 6: 2}


def test_nothing_is_written_before_the_first_batch(tmp_path):
    RunLog(tmp_path, _exp()).close()
    assert list(tmp_path.iterdir()) == []


def test_a_service_that_is_not_installed(tmp_path, monkeypatch):
    monkeypatch.setitem(sys.modules, "wandb", None)
    with pytest.raises(InputError, match="--logger wandb: it is not installed; pip install wandb"):
        RunLog(tmp_path, _exp(), services=["wandb"])


class _FakeService:
    """Stands for both libraries; what it is called with is what their documentation shows."""

    __spec__ = SimpleNamespace(name="fake")

    def __init__(self):
        self.calls = []
        self.id = self.info = None

    def __getattr__(self, name):
        def call(*args, **options):
            self.calls.append((name, args, options))
            return SimpleNamespace(
                id="abc", info=SimpleNamespace(run_id="abc"), log=self.log, finish=self.finish
            )

        return call


@pytest.mark.parametrize("name", ["wandb", "mlflow"])
def test_services_get_the_numbers_and_a_resumed_run_goes_on(tmp_path, monkeypatch, name):
    for start in (0, 2):
        fake = _FakeService()
        monkeypatch.setitem(sys.modules, name, fake)
        log = RunLog(tmp_path, _exp(1), services=[name], start=start)
        log.on_batch(_progress(start + 1, 5.0))
        log.on_scores(start + 1, {"tpr@0.1": 0.5})
        log.close()
        begun = fake.calls[0][2]
        known = begun["id"] if name == "wandb" else begun["run_id"]
        assert known == ("abc" if start else None)
        logged = [call for call in fake.calls if call[0] in ("log", "log_metrics")]
        assert logged[0][1][0]["loss/total"] == 5.0
        assert logged[0][2] == {"step": start + 1}
        assert fake.calls[-1][0] in ("finish", "end_run")
