"""The report page as a user makes it, and as a browser shows it."""

import re
import shutil
import subprocess
import sys
import time

import pytest

LENGTH = 24
FIRST = LENGTH // 2 + 1  # frames of the first half
SMALL = f"--frames {LENGTH} --width 320 --height 180 --people 6"
HOSTILE = "<img src=x onerror=document.body.remove()>"


@pytest.fixture(scope="module")
def call(root, tmp_path_factory):
    """Run a tool as a user does, in a folder of its own."""
    folder = tmp_path_factory.mktemp("report")

    def run(*words):
        command = [sys.executable, str(root / words[0]), *map(str, words[1:])]
        return subprocess.run(command, capture_output=True, text=True, cwd=folder, check=False)

    run.folder = folder
    return run


@pytest.fixture(scope="module")
def documented(root, call):
    """The commands of docs/report.md, on a smaller scene; gives the page they make."""
    text = (root / "docs" / "report.md").read_text()
    commands = re.search(r"```sh\n(.*?)```", text, re.DOTALL)[1].replace("--frames 150", SMALL)
    assert SMALL in commands
    for line in commands.splitlines():
        done = call(*line.split()[1:])
        assert done.returncode == 0, done.stderr
    assert re.fullmatch(r"2 sequences in runs/byte\.html, \d\.\d MB\n", done.stdout)
    return call.folder / "runs" / "byte.html"


@pytest.fixture(scope="module")
def odd_pages(call, documented):
    """Pages of the second half of a sequence whose name is markup: plain, and with a video."""
    runs = documented.parent
    shutil.copytree(runs / "scene/train/street-900", runs / "odd" / HOSTILE)
    (runs / "half").mkdir()
    rows = [row.split(",", 1) for row in (runs / "byte/street-900.txt").read_text().splitlines()]
    kept = [f"{int(frame) - FIRST},{rest}\n" for frame, rest in rows if int(frame) > FIRST]
    (runs / "half" / f"{HOSTILE}.txt").write_text("".join(kept))
    words = ["--gt", "runs/odd", "--half", "val", "--sequences", "*img*"]
    report = ["tools/report.py", "runs/half", *words, "--benchmark", "MOT17", "--output"]
    for command in (
        ["tools/draw_tracks.py", "--results", "runs/half", *words, "--video", "--output", "runs"],
        [*report, "runs/plain.html"],
        [*report, "runs/filmed.html", "--video", "runs", "--embed-video"],
    ):
        done = call(*command)
        assert done.returncode == 0, done.stderr
    return runs / "plain.html", runs / "filmed.html"


def test_a_half_by_rules_of_a_benchmark(odd_pages):
    plain, filmed = (path.read_text() for path in odd_pages)
    for page in (plain, filmed):
        assert HOSTILE not in page
        assert f"{LENGTH - FIRST} frames, the sequence&#x27;s {FIRST + 1} to {LENGTH}" in page
    assert "<video" not in plain
    assert 'src="data:video/mp4;base64,' in filmed


@pytest.mark.parametrize(
    ("words", "message"),
    [
        (["--output", "o.html"], "required: --gt"),
        (["--output", "o.html", "--gt", "runs/scene/train"], "required: RESULTS"),
        (["runs/byte", "--gt", "runs/scene/train"], "required: --output"),
        (["gone", "--gt", "runs/scene/train", "--output", "o.html"], "gone: no such folder"),
        (["runs/byte", "--gt", "gone", "--output", "o.html"], "there is no ground truth gone"),
        (["runs/byte", "--gt", "runs/scene/train", "--output", "o.html", "--video", "runs"],
         "runs/moving_camera-901.mp4: no such file"),
        (["runs/byte", "--gt", "runs/scene/train", "--output", "o.html", "--images", "runs"],
         "runs/moving_camera-901/img1: no such folder"),
        (["runs/byte", "--gt", "runs/scene/train", "--output", "o.html", "--embed-video"],
         "--embed-video needs the videos; give their folder (--video)"),
        (["runs/byte", "--gt", "runs/scene/train", "--output", "o.html", "--half", "val"],
         "give results of this sequence and the same --half"),
        (["runs/byte", "--gt", "runs/scene/train", "--output", "runs"], "Is a directory"),
    ],
)  # fmt: skip
def test_bad_input_is_one_line_and_exit_code_2(call, documented, words, message):
    done = call("tools/report.py", *words)
    assert done.returncode == 2
    assert message in done.stderr
    assert len(done.stderr.strip().splitlines()) == 1
    assert not (call.folder / "o.html").exists()


def test_help(call):
    done = call("tools/report.py", "--help")
    assert done.returncode == 0
    assert "python tools/report.py" in done.stdout


@pytest.fixture(scope="module")
def browser(tmp_path_factory):
    webdriver = pytest.importorskip("selenium.webdriver", reason="no selenium")
    chromium = shutil.which("chromium") or shutil.which("google-chrome")
    driver = shutil.which("chromedriver")
    if not (chromium and driver):
        pytest.skip("no chromium with its driver; Debian has chromium and chromium-driver")
    options = webdriver.ChromeOptions()
    options.binary_location = chromium
    options.set_capability("goog:loggingPrefs", {"browser": "ALL"})
    for argument in (
        "headless", "no-sandbox", "disable-gpu", "disable-quic", "no-first-run", "disable-sync",
        "disable-background-networking", "disable-component-update", "disable-dev-shm-usage",
        f"user-data-dir={tmp_path_factory.mktemp('browser')}",
    ):  # fmt: skip
        options.add_argument(f"--{argument}")
    service = webdriver.ChromeService(executable_path=driver)
    with webdriver.Chrome(options=options, service=service) as window:
        yield window


@pytest.fixture
def page(browser, documented):
    """The documented page, open on a desk; fails if the browser has found a fault in it."""
    _resize(browser, 1280)
    _prefer(browser, "light")
    browser.get(documented.as_uri())
    _wait(browser, "return [...document.querySelectorAll('video')].every(v => v.readyState > 1)")
    yield browser
    assert browser.get_log("browser") == []


def _prefer(browser, scheme):
    """Choose light or dark, and no scrolling that takes time."""
    preferred = {"prefers-color-scheme": scheme, "prefers-reduced-motion": "reduce"}
    features = [{"name": name, "value": value} for name, value in preferred.items()]
    browser.execute_cdp_cmd("Emulation.setEmulatedMedia", {"features": features})


def _resize(browser, width):
    size = {"width": width, "height": 900, "deviceScaleFactor": 1, "mobile": width < 600}
    browser.execute_cdp_cmd("Emulation.setDeviceMetricsOverride", size)


def _wait(browser, script, seconds=20):
    end = time.monotonic() + seconds
    while not browser.execute_script(script):
        assert time.monotonic() < end, f"not within {seconds} s: {script}"
        time.sleep(0.05)


def _all(browser, selector):
    return browser.find_elements("css selector", selector)


def _place(browser, selector, share_x, share_y=0.5):
    """Scroll an element into view and give a point of it, in pixels of the window."""
    return browser.execute_script(
        "const e = document.querySelector(arguments[0]);"
        "e.scrollIntoView({block: 'center', behavior: 'instant'});"
        "const b = e.getBoundingClientRect();"
        "return [b.left + b.width * arguments[1], b.top + b.height * arguments[2]];",
        selector, share_x, share_y,
    )  # fmt: skip


def _mouse(browser, kind, x, y):
    event = {"type": kind, "x": x, "y": y, "button": "left", "clickCount": 1}
    if kind == "mouseMoved":
        event = {"type": kind, "x": x, "y": y}
    browser.execute_cdp_cmd("Input.dispatchMouseEvent", event)


def _click(browser, x, y):
    for kind in ("mouseMoved", "mousePressed", "mouseReleased"):
        _mouse(browser, kind, x, y)


def _tip(browser, x, y):
    _mouse(browser, "mouseMoved", x, y)
    tip = "document.getElementById('tip')"
    return browser.execute_script(f"return {tip}.hidden ? '' : {tip}.textContent")


def _frame(browser, number=1):
    (rows,) = _all(browser, f"#sequence-{number} .rows")
    return int(rows.get_attribute("aria-valuenow"))


def _line(browser, number=1):
    """Where the line stands in its chart, as a share of the width."""
    return browser.execute_script(
        f"const l = document.querySelector('#sequence-{number} .line');"
        "return (l.offsetLeft + 1) / l.parentElement.clientWidth"
    )


STREET = "#sequence-1"


@pytest.mark.slow
def test_everything_is_there(page):
    tables = _all(page, "table")
    assert [len(table.find_elements("css selector", "tbody tr")) for table in tables] == [3, 3]
    people = page.execute_script("return data.sequences.map(s => s.people.length)")
    assert min(people) > 1
    for number, count in enumerate(people):
        labels = _all(page, f"#sequence-{number} .spans:nth-of-type(1) .lane")
        assert len(labels) == count
        assert _all(page, f"#sequence-{number} svg.scene .tracks path")
        assert len(_all(page, f"#sequence-{number} svg.curves .curve")) == 3
    assert len(_all(page, ".moment")) >= 2
    broken = "return [...document.images].filter(i => i.src && !i.naturalWidth).length"
    assert page.execute_script(broken) == 0
    # Nothing was loaded but the page's own videos.
    loaded = page.execute_script(
        "return performance.getEntriesByType('resource').map(entry => entry.name)"
    )
    assert all(re.match(r"data:|file:.*/runs/pictures/[^/]*\.mp4$", name) for name in loaded)


@pytest.mark.slow
def test_a_click_seeks_the_player_and_moves_the_line(page):
    x, y = _place(page, f"{STREET} .chart .head", 0.76)
    _click(page, x, y)
    frame = _frame(page)
    assert frame == int(0.76 * LENGTH) + 1
    _wait(page, f"return !document.querySelector('{STREET} video').seeking")
    rate, now = page.execute_script(
        f"return [data.sequences[1].rate, document.querySelector('{STREET} video').currentTime]"
    )
    assert now == pytest.approx((frame - 0.5) / rate, abs=0.001)
    assert _line(page) == pytest.approx((frame - 0.5) / LENGTH, abs=0.01)
    assert f"frame {frame} of {LENGTH}" in _all(page, f"{STREET} output")[0].text
    assert _frame(page, 0) == 1


@pytest.mark.slow
def test_the_line_goes_where_the_player_is_put(page):
    page.execute_script(
        f"document.querySelector('{STREET} video').currentTime = 9.5 / data.sequences[1].rate"
    )
    _wait(page, f"return document.querySelector('{STREET} .rows').ariaValueNow == 10")


@pytest.mark.slow
def test_feet_are_where_the_result_has_them(page, documented):
    rows = (documented.parent / "byte" / "street-900.txt").read_text().splitlines()
    for row in rows:
        frame, track, left, top, width, height = map(float, row.split(",")[:6])
        place = page.execute_script(
            "const s = sequences.get('sequence-1');"
            "const at = s.at(s.tracks.find(t => t.id === arguments[0]), arguments[1]);"
            "return [at.x, at.y]",
            track, frame,
        )  # fmt: skip
        assert place == pytest.approx([left + width / 2, top + height], abs=0.51)


@pytest.mark.slow
def test_the_line_goes_with_the_player(page):
    before = _line(page)
    _all(page, f"{STREET} [data-do=play]")[0].click()
    _wait(page, f"return document.querySelector('{STREET} video').ended")
    _wait(page, f"return document.querySelector('{STREET} .rows').ariaValueNow == {LENGTH}")
    assert _line(page) > before + 0.8
    assert _all(page, f"{STREET} [data-do=play]")[0].text == "Play"


@pytest.mark.slow
def test_keys(page):
    (rows,) = _all(page, f"{STREET} .rows")
    keys = pytest.importorskip("selenium.webdriver").Keys
    rows.send_keys(keys.HOME, keys.ARROW_RIGHT, keys.ARROW_RIGHT)
    assert _frame(page) == 3
    rows.send_keys(keys.SHIFT + keys.ARROW_RIGHT)
    assert _frame(page) == 13
    rows.send_keys(keys.NULL, keys.END, keys.ARROW_LEFT)
    assert _frame(page) == LENGTH - 1
    events = page.execute_script("return sequences.get('sequence-1').events")
    rows.send_keys(keys.HOME, "n")
    assert _frame(page) == ([frame for frame in events if frame > 1] or [1])[0]
    rows.send_keys(keys.END, "p")
    assert _frame(page) == ([LENGTH] + [frame for frame in events if frame < LENGTH])[-1]


@pytest.mark.slow
def test_texts_under_the_mouse(page):
    x, y = _place(page, f"{STREET} .spans", 0.5, 0.01)
    person = page.execute_script("return data.sequences[1].people[0].id")
    assert _tip(page, x, y).startswith(f"frame {LENGTH // 2 + 1}\nperson {person}\n")
    assert re.fullmatch(r"frame \d+\n.* misse?s?.*switch(es)?",
                        _tip(page, *_place(page, f"{STREET} .chart .head", 0.3)))  # fmt: skip
    curves = f"{STREET} svg.curves"
    assert re.match(r"overlap 0\.\d+\nHOTA [\d.]+\nDetA", _tip(page, *_place(page, curves, 0.5)))
    foot = page.execute_script(
        "const s = data.sequences[1]; return s.tracks[0].feet.slice(0, 2)"
        ".map((v, i) => v / [s.width, s.height][i])"
    )
    assert re.match(r"track \d+\nframe \d+: ", _tip(page, *_place(page, f"{STREET} .scene", *foot)))
    assert _tip(page, 2, 2) == ""


@pytest.mark.slow
def test_moments_change_their_picture_and_lead_to_the_timeline(page):
    (moment, *_) = _all(page, ".moment")
    buttons = moment.find_elements("css selector", ".bar button")
    page.execute_script("arguments[0].scrollIntoView({behavior: 'instant'})", moment)
    buttons[-1].click()
    (shown,) = moment.find_elements("css selector", "img:not([hidden])")
    assert shown.get_attribute("data-frame") == buttons[-1].text
    assert [button.get_attribute("aria-pressed") for button in buttons].count("true") == 1
    shown.click()
    (dialog,) = _all(page, "dialog[open]")
    dialog.find_element("css selector", "button").click()
    assert not _all(page, "dialog[open]")
    (link,) = moment.find_elements("css selector", ".bar a")
    link.click()
    number = int(link.get_attribute("href").rsplit("-", 1)[1])
    assert _frame(page, number) == int(link.get_attribute("data-frame"))


@pytest.mark.slow
def test_the_scene_shows_tracks_or_people(page):
    people, tracks = (_all(page, f"{STREET} .scene .{kind}")[0] for kind in ("people", "tracks"))
    assert (tracks.is_displayed(), people.is_displayed()) == (True, False)
    page.execute_script(f"document.querySelector('{STREET} [data-show=people]').click()")
    assert (tracks.is_displayed(), people.is_displayed()) == (False, True)


@pytest.mark.slow
def test_light_and_dark(page):
    colours = {}
    for scheme in ("light", "dark"):
        _prefer(page, scheme)
        colours[scheme] = page.execute_script(
            "return ['backgroundColor', 'color'].map(k => getComputedStyle(document.body)[k]"
            ".match(/\\d+/g).slice(0, 3).reduce((sum, v) => sum + Number(v), 0))"
        )
    (ground, ink), (dark_ground, dark_ink) = colours["light"], colours["dark"]
    assert ground > 600 > 200 > ink
    assert dark_ground < 100 < 600 < dark_ink


@pytest.mark.slow
@pytest.mark.parametrize("width", [360, 800, 1280])
def test_nothing_scrolls_sideways_but_what_should(page, width):
    _resize(page, width)
    assert page.execute_script("return document.documentElement.scrollWidth") <= width
    assert page.execute_script("return innerWidth") == width


@pytest.mark.slow
def test_a_page_without_images_and_one_with_its_video_inside(browser, odd_pages):
    plain, filmed = odd_pages
    _resize(browser, 1280)
    _prefer(browser, "light")
    browser.get(plain.as_uri())
    assert [heading.text for heading in _all(browser, ".sequence h2")] == [HOSTILE]
    _all(browser, "#sequence-0 [data-do=play]")[0].click()
    _wait(browser, "return document.querySelector('.rows').ariaValueNow > 2")
    _wait(browser, "return document.querySelector('[data-do=play]').textContent == 'Play'")
    browser.get(filmed.as_uri())
    _wait(browser, "return document.querySelector('video').readyState > 1")
    _click(browser, *_place(browser, "#sequence-0 .chart .head", 0.99))
    _wait(browser, "return document.querySelector('video').currentTime > 0.3")
    assert browser.get_log("browser") == []
