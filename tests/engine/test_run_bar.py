import io
import sys

from yolox.engine.run_bar import RunBar
from yolox.engine.trainer import Progress


class Terminal(io.StringIO):
    def isatty(self):
        return True


def _show(bar):
    losses = {"total": 1.2345, "box": 1.0}
    for batch in (3, 4):
        bar.on_batch(Progress(batch, 4, losses, 0.01, 0.5, 0.125, 8, 0))
    bar.on_scores(4, {"ap": 0.25, "rank_1": 0.5})
    bar.close()


def test_a_terminal_shows_a_bar_and_the_scores_above_it(monkeypatch):
    told, bar = Terminal(), Terminal()
    monkeypatch.setattr(sys, "stderr", bar)
    monkeypatch.setattr(sys, "stdout", told)
    _show(RunBar(4, start=2))
    assert told.getvalue() == "ap 0.2500, rank_1 0.5000\n"
    last = bar.getvalue().split("\r")[-1]
    assert "4/4" in last
    for shown in ("loss=1.23", "img/s=16.0", "data=25%", "GiB="):
        assert shown in last


def test_a_file_shows_nothing(capsys):
    _show(RunBar(4))
    assert capsys.readouterr() == ("", "")


def test_another_process_than_the_first_shows_nothing(monkeypatch):
    terminal = Terminal()
    monkeypatch.setattr(sys, "stderr", terminal)
    monkeypatch.setattr(sys, "stdout", terminal)
    _show(RunBar(4, quiet=True))
    assert terminal.getvalue() == ""
