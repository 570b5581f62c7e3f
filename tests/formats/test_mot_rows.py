"""What is wrong in a row, and what is only written another way, through the readers of results."""

import pytest

from yolox.formats.mot import read_tracks
from yolox.structures import InputError


def _file(folder, content, name="a.txt"):
    path = folder / name
    path.write_bytes(content if isinstance(content, bytes) else content.encode())
    return path


ROW = "1,1,10,20,30,40,0.5,-1,-1,-1"


@pytest.mark.parametrize(
    ("content", "message"),
    [
        (f"{ROW}\n2,1,10,20,30\n", r"a.txt:2: has 5 columns, the first row has 10"),
        ("1,1,10,20,30\n", r"a.txt:1: has 5 columns, comma-separated; give 6, 7, 8, 9 or 10"),
        ("1 1 10 20 30 40 1\n", r"a.txt:1: has 1 columns, comma-separated"),
        (f"{ROW}\n\n2,1,10,abc,30,40,0.5,-1,-1,-1\n", r"a.txt:3: column 4 is 'abc'; give a number"),
        (f"{ROW}\n2,1,10,,30,40,0.5,-1,-1,-1\n", r"a.txt:2: column 4 is ''; give a number"),
        (f"{ROW}\n2,1,nan,20,30,40,0.5,-1,-1,-1\n", r"a.txt:2: column 3 is nan; give a finite"),
        (f"{ROW}\n2,1,10,20,inf,40,0.5,-1,-1,-1\n", r"a.txt:2: column 5 is inf; give a finite"),
        (f"{ROW}\n0,1,10,20,30,40,0.5,-1,-1,-1\n", r"a.txt:2: column 1 is 0; frames count from 1"),
        (f"{ROW}\n1.5,1,10,20,30,40,0.5,-1,-1,-1\n", r"a.txt:2: column 1 is 1.5; give a whole"),
        (f"{ROW}\n2,1.5,10,20,30,40,0.5,-1,-1,-1\n", r"a.txt:2: column 2 is 1.5; give a whole"),
        (f"{ROW}\n2,-1,10,20,30,40,0.5,-1,-1,-1\n", r"a.txt:2: column 2 is -1; ids"),
        (f"3{ROW[1:]}\n{ROW}\n{ROW}\n", r"a.txt:3: column 2 is 1; the id stands twice"),
        (f"{ROW}\n2,1,10,20,-30,40,0.5,-1,-1,-1\n", r"a.txt:2: column 5 is -30; width and height"),
        (f"{ROW}\n2,1,1e9,20,30,40,0.5,-1,-1,-1\n", r"a.txt:2: column 3 is 1e\+09; boxes are"),
        (f"{ROW}\n,,,,,,,,,,\n{ROW}x\n", r"a.txt:2: column 1 is ''; give a number"),
        (f"{ROW}\n# note\n", r"a.txt:2: has 1 columns"),
        ("1,1,10,20,30,40,,\n", r"a.txt:1: column 7 is ''; give a number"),
        (f"{ROW}\n2,1_0,10,20,30,40,0.5,-1,-1,-1\n", r"a.txt:2: column 2 is '1_0'"),
        (f"{ROW}\f\n2,x,10,20,30,40,0.5,-1,-1,-1\n", r"a.txt:2: column 2 is 'x'"),
        ("1e8,1,10,20,30,40,0.5\n", r"a.txt:1: column 1 is 1e\+08; frames go up to 10000000"),
        ("1,1e19,10,20,30,40,0.5\n", r"a.txt:1: column 2 is 1e\+19; give a smaller number"),
        ("1,7,10,20,30,40\n2,1,1,1,1,1\n1,7,1,1,1,1\n", r"a.txt:3: column 2 is 7; the id stands"),
        ("1,1,5000002,20,30,40\n", r"a.txt:1: column 3 is 5e\+06; boxes are"),
        (b"\xff\xfe1\x00", r"a.txt: byte 0 is not text; save it as UTF-8"),
    ],
)
def test_malformed_results_name_file_line_and_cure(tmp_path, content, message):
    with pytest.raises(InputError, match=message):
        read_tracks(_file(tmp_path, content))


@pytest.mark.parametrize(
    "content",
    [
        "1,1,10,20,30,40,0.5,-1,-1,-1\n2,1,11,20,30,40,0.5,-1,-1,-1\n",
        "1,1,10,20,30,40,0.5,-1,-1,-1\r\n2,1,11,20,30,40,0.5,-1,-1,-1\r\n",  # CRLF
        "1,1,10,20,30,40,0.5,-1,-1,-1,\n2,1,11,20,30,40,0.5,-1,-1,-1,\n",  # trailing commas
        b"\xef\xbb\xbf1,1,10,20,30,40,0.5,-1,-1,-1\n2,1,11,20,30,40,0.5,-1,-1,-1\n",  # BOM
        "\n1, 1, 10, 20, 30, 40, 0.5, -1, -1, -1\n\n2,1,11,20,30,40,0.5,-1,-1,-1",  # blanks
        "2,1,11,20,30,40,0.5,-1,-1,-1\n1,1,10,20,30,40,0.5,-1,-1,-1\n",  # not sorted
        "1,1,10,20,30,40,0.5\n2,1,11,20,30,40,0.5\n",  # seven columns
    ],
)
def test_harmless_variants_read_the_same(tmp_path, content):
    table = read_tracks(_file(tmp_path, content))
    assert table.frames.tolist() == [1, 2]
    assert table.boxes.tolist() == [[10, 20, 40, 60], [11, 20, 41, 60]]
    assert table.scores.tolist() == [0.5, 0.5]
