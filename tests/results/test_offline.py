import pytest

from yolox.results.offline import NOTE, check_output, describe, read_steps, write_steps
from yolox.structures import InputError

STEPS = [{"method": "linear", "gap_below": 20}, {"method": "gaussian", "tau": 10.0}]


def test_steps_are_remembered(tmp_path):
    assert read_steps(tmp_path) == []
    write_steps(tmp_path / "new", STEPS)
    assert read_steps(tmp_path / "new") == STEPS


def test_steps_in_words():
    assert describe([]) == "online"
    assert describe(STEPS) == "offline (linear, gap_below 20; then gaussian, tau 10.0)"


@pytest.mark.parametrize("text", ["{}", "[3]", '[{"tau": 1}]', '[{"method": 1}]'])
def test_another_file_is_refused(tmp_path, text):
    (tmp_path / NOTE).write_text(text)
    with pytest.raises(InputError, match=r"offline\.json: is no list of steps.*make the results"):
        read_steps(tmp_path)


def test_other_results_are_neither_replaced_nor_mixed(tmp_path):
    results, output = tmp_path / "byte", tmp_path / "byte_linear"
    results.mkdir()
    (results / "a.txt").touch()
    check_output(output, results)
    for same in (results, results / ".." / "byte"):
        with pytest.raises(InputError, match="holds the results, which would be replaced"):
            check_output(same, results)
    with pytest.raises(InputError, match=r"a\.txt: is a file; give a folder"):
        check_output(results / "a.txt", results)
    with pytest.raises(InputError, match="lies in the ground truth folder"):
        check_output(tmp_path / "gt" / "out", results, tmp_path / "gt")
    output.mkdir()
    check_output(output, results)
    (output / "b.txt").touch()
    with pytest.raises(InputError, match=r"holds results without offline\.json"):
        check_output(output, results)
    write_steps(output, STEPS)
    with pytest.raises(InputError, match=r"b\.txt: is of another run, and offline\.json tells of"):
        check_output(output, results)
    (results / "b.txt").touch()
    check_output(output, results)
