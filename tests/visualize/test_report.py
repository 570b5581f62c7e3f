"""The page as text; tests/tools/test_report.py opens it in a browser."""

import json
import re
from html.parser import HTMLParser

import numpy as np
import pytest
from made_up import small_correspondence

from yolox.formats.mot import SequenceInfo
from yolox.structures import Moment
from yolox.visualize.colours import colour_of
from yolox.visualize.report import DrawnMoment, Picture, Report, SequenceReport, make_page

HOSTILE = "</script><script>alert('&amp;')</script><img src=x onerror=\"alert(1)\">"
SCORES = {
    "HOTA": 61.234, "DetA": 60.0, "AssA": 62.0, "MOTA": -12.5, "IDF1": 100.0,
    "IDSW": 1, "FN": 3, "FP": 2,
}  # fmt: skip


def _report(name, video=None, background=None):
    errors = [np.array([0, 1, 2, 0, 1, 1]), np.zeros(6, int), np.zeros(6, int)]
    one = SequenceReport(
        SequenceInfo(name, 6, 160, 100, 25.0), 7, small_correspondence(), errors, background, video
    )
    pictures = [Picture(frame, b"jpeg", 960, 600) for frame in (2, 3)]
    scores = {name: SCORES, "COMBINED": SCORES}
    curves = {"HOTA": [61.2], "DetA": [60.0], "AssA": [62.0]}
    return Report(
        title=name,
        note=name,
        scores={"trackeval": scores, "motmetrics": scores},
        curves={name: curves, "COMBINED": curves},
        thresholds=[0.5],
        moments=[DrawnMoment(Moment(name, 2, 4, 3, 5, 1, 0), pictures)],
        sequences=[one],
    )


class _Elements(HTMLParser):
    """Counts elements, and keeps texts and attributes."""

    def __init__(self, page):
        super().__init__()
        self.tags, self.texts, self.attributes = [], [], []
        self.feed(page)

    def handle_starttag(self, tag, attrs):
        self.tags.append(tag)
        self.attributes += [(tag, *attribute) for attribute in attrs]

    def handle_data(self, data):
        self.texts.append(data.strip())


def _data(page):
    return json.loads(
        re.search(r'<script type="application/json" id="data">(.*?)</script>', page)[1]
    )


def test_names_are_text_and_never_markup():
    """Every place that shows a name has it whole, and no element more than with a tame name."""
    hostile = make_page(_report(HOSTILE, video=HOSTILE))
    page, tame = _Elements(hostile), _Elements(make_page(_report("walk", video="walk.mp4")))
    assert page.tags == tame.tags
    assert page.texts.count(HOSTILE) == tame.texts.count("walk") > 5
    assert ("video", "src", HOSTILE) in page.attributes
    assert not [name for _, name, _ in page.attributes if name.startswith("on")]
    assert list(_data(hostile)["curves"]) == [HOSTILE, "COMBINED"]


def test_a_placeholder_in_a_name_stays():
    assert "<h1>$data</h1>" in make_page(_report("$data"))


def test_nothing_is_asked_of_a_network():
    page = make_page(_report("walk", video="../walk.mp4", background=b"jpeg"))
    for _, name, value in _Elements(page).attributes:
        if name in ("src", "href", "action", "srcset", "data"):
            assert value.startswith(("data:", "#", "../walk.mp4")), value
    assert not re.search(r"url\(|@import|fetch\(|XMLHttp|import\(", page)
    assert "default-src 'none'" in page


def test_numbers_of_the_timeline():
    data = _data(make_page(_report("walk")))
    (one,) = data["sequences"]
    assert data["thresholds"] == [0.5]
    assert (one["length"], one["rate"], one["width"], one["height"]) == (6, 25, 160, 100)
    assert one["errors"] == [[0, 1, 2, 0, 1, 1], [0] * 6, [0] * 6]
    first, second = one["people"]
    assert first["spans"] == [[1, 2, 11], [3, 3, -1], [4, 6, 12]]
    assert first["switches"] == [[4, 11, 12]]
    assert first["feet"] == [20, 90] + [0, 0] * 5
    assert second["id"] == 2
    colours = {row["id"]: row["colour"] for row in one["tracks"]}
    assert set(colours) == {11, 12, 30}
    assert colours[30] == "#{:02x}{:02x}{:02x}".format(*(round(255 * c) for c in colour_of(30)))


def test_what_is_shown_as_text():
    page = make_page(_report("walk"))
    for text in (
        "<dt>HOTA</dt><dd>61.23</dd>",
        "<dt>id switches</dt><dd>1</dd>",
        "frames 2 to 4",
        "5 misses",
        "1 false box<",
        "6 frames, the sequence&#x27;s 7 to 12, 25 a second",
    ):
        assert text in page
    assert "0 switches" not in page
    # A bar behind a number stays within its cell.
    assert set(re.findall(r"--share:([-\d.]+)%", page)) == {"61.2", "60.0", "62.0", "0.0", "100.0"}


@pytest.mark.parametrize("filmed", [False, True])
def test_player_and_background_are_there_if_given(filmed):
    given = {"video": "walk.mp4", "background": b"jpeg"} if filmed else {}
    tags = _Elements(make_page(_report("walk", **given))).tags
    assert tags.count("video") == tags.count("image") == filmed
    assert tags.count("table") == 2


def test_a_result_without_errors():
    page = make_page(_report("walk")._replace(moments=[]))
    assert "None: there is no error." in page
