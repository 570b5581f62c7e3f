import pytest

from yolox.formats.tracker_parameters import TrackerParameters, read_parameters
from yolox.structures import InputError


def test_a_tracker_and_its_parameters(tmp_path):
    path = tmp_path / "parameters.json"
    path.write_text('{"tracker": "byte", "parameters": {"track_buffer": 14, "legacy": false}}')
    expected = TrackerParameters("byte", {"track_buffer": 14, "legacy": False})
    assert read_parameters(path) == expected


@pytest.mark.parametrize(
    ("text", "message"),
    [
        ("track_buffer = 14", r"parameters\.json: is no JSON .*; write \{\"tracker\": \"byte\""),
        ("[1]", "names no tracker with its parameters; write"),
        ('{"tracker": "byte"}', "names no tracker with its parameters"),
        ('{"tracker": "byte", "parameters": {"legacy": "no"}}', "legacy is 'no'; give a number"),
    ],
)
def test_another_form(tmp_path, text, message):
    path = tmp_path / "parameters.json"
    path.write_text(text)
    with pytest.raises(InputError, match=message):
        read_parameters(path)


def test_a_file_that_is_not_there(tmp_path):
    with pytest.raises(InputError, match=r"parameters\.json: no such file$"):
        read_parameters(tmp_path / "parameters.json")
