"""A report in a real browser: Debian's Chromium, headless. Set REPORT_SCREENSHOTS to a folder to keep the pictures that it takes."""

from __future__ import annotations

import base64
import json
import os
import shutil
import time
from pathlib import Path

import numpy as np
import pytest

from elise_pynn.comparison import gather_runs, write_comparison
from elise_pynn.report import gather, write_report
from reports import continuous_sequence, evil_sequence, small_run

CHROMIUM, DRIVER = shutil.which("chromium"), shutil.which("chromedriver")
pytestmark = pytest.mark.skipif(not (CHROMIUM and DRIVER), reason="no Chromium here: apt-get install -y chromium chromium-driver")

#: pairs of ink and paper, and the contrast that they need at least (WCAG 2.2, AA)
CONTRASTS = [
    ("ink", "paper"), ("ink", "card"), ("soft", "paper"), ("soft", "card"), ("soft", "plot"), ("accent", "paper"), ("cursor", "card"),
    ("good", "good-back"), ("fair", "fair-back"), ("poor", "poor-back"), ("ink", "mark"), ("soft", "mark"),
]  # fmt: skip


class Browser:
    """Chromium with one page open."""

    def __init__(self):
        from selenium import webdriver
        from selenium.webdriver.chrome.service import Service

        options = webdriver.ChromeOptions()
        options.binary_location = CHROMIUM
        flags = ["--headless=new", "--disable-gpu", "--mute-audio", "--autoplay-policy=no-user-gesture-required"]
        for flag in [*flags, "--no-sandbox"] if os.geteuid() == 0 else flags:
            options.add_argument(flag)
        options.set_capability("goog:loggingPrefs", {"browser": "ALL", "performance": "ALL"})
        self.driver = webdriver.Chrome(options=options, service=Service(DRIVER))

    def js(self, code, *arguments):
        return self.driver.execute_script(code, *arguments)

    def open(self, path, width=1200, dark=False):
        self.driver.get_log("browser"), self.driver.get_log("performance")
        feature = {"name": "prefers-color-scheme", "value": "dark" if dark else "light"}
        self.driver.execute_cdp_cmd("Emulation.setEmulatedMedia", {"features": [feature]})
        size = {"width": width, "height": 900, "deviceScaleFactor": 1, "mobile": width < 500}
        self.driver.execute_cdp_cmd("Emulation.setDeviceMetricsOverride", size)
        self.driver.get(Path(path).as_uri())
        self.js("document.querySelectorAll('.viewer')[0].scrollIntoView()")
        self.settle()

    def settle(self):
        self.driver.execute_async_script("requestAnimationFrame(() => requestAnimationFrame(arguments[0]))")

    def view(self, code, i=0):
        """A value of the i-th viewer of the page."""
        return self.js(f"const v = document.querySelectorAll('.viewer')[{i}].viewer; return {code};")

    def keys(self, *keys, shift=False):
        from selenium.webdriver.common.action_chains import ActionChains

        self.js("document.querySelector('.stage canvas').focus()")
        chain = ActionChains(self.driver)
        if shift:
            chain.key_down("\ue008")
        chain.send_keys(*keys)
        if shift:
            chain.key_up("\ue008")
        chain.perform()

    def mouse(self, x, y, until=None):
        """Move the mouse to a place on the canvas; with `until`, drag from there to another x."""
        from selenium.webdriver.common.action_chains import ActionChains

        canvas = self.driver.find_element("css selector", ".stage canvas")
        self.js("arguments[0].scrollIntoView({block: 'start'})", canvas)
        box = self.js("const b = arguments[0].getBoundingClientRect(); return [b.left, b.top]", canvas)
        chain = ActionChains(self.driver, duration=20)
        at = [round(box[0] + x), round(box[1] + y)]
        chain.w3c_actions.pointer_action.move_to_location(*at)
        if until is not None:
            chain.w3c_actions.pointer_action.pointer_down()
            chain.w3c_actions.pointer_action.move_to_location(round(box[0] + until), at[1])
            chain.w3c_actions.pointer_action.pointer_up()
        chain.perform()
        return at[0] - box[0]

    def complaints(self):
        """What the console says, and requests for anything but the file itself and data in it."""
        said = [entry["message"] for entry in self.driver.get_log("browser") if entry["level"] in ("SEVERE", "WARNING")]
        for entry in self.driver.get_log("performance"):
            message = json.loads(entry["message"])["message"]
            if message["method"] == "Network.requestWillBeSent":
                url = message["params"]["request"]["url"]
                said += [] if url.startswith(("file:", "data:")) else [url]
        return said

    def whole_page(self):
        width, height = self.js("return [innerWidth, document.documentElement.scrollHeight]")
        clip = {"x": 0, "y": 0, "width": width, "height": height, "scale": 1}
        return base64.b64decode(
            self.driver.execute_cdp_cmd("Page.captureScreenshot", {"captureBeyondViewport": True, "clip": clip})["data"]
        )


@pytest.fixture(scope="module")
def browser():
    made = Browser()
    yield made
    made.driver.quit()


@pytest.fixture(scope="module")
def folder(tmp_path_factory):
    return small_run(tmp_path_factory.mktemp("browser") / "run", cycles=101)


@pytest.fixture
def page(browser, folder):
    """The report, open; it must leave no complaint behind."""
    browser.open(write_report(folder))
    yield browser
    assert browser.complaints() == []


def readout(browser):
    """What the readout says: time in ms, channel, taught and played rate."""
    words = browser.js("return [...document.querySelectorAll('.readout span')].map(s => [s.querySelector('b').textContent, s.textContent])")
    channel, said = words[1]
    taught, played = said[len(channel) :].replace("per ms", "").split(",")
    return float(words[0][1].split()[1]), channel, float(taught.split()[1]), float(played.split()[1])


def check_against(browser, data, cycle=0):
    """The readout says what the data say, and returns time and channel."""
    at, channel, taught, played = readout(browser)
    sample, row = round(at / data.interval) - 1, data.channels.index(channel)
    assert taught == pytest.approx(data.target[row, sample], abs=0.0075)
    assert played == pytest.approx(data.cycles[cycle].rates[row, sample], abs=0.0075)
    return at, channel


def test_mouse_moves_the_cursor(page, folder):
    data = gather(folder)
    left, inside, panels = (page.view(f"v.{name}") for name in ("left", "inside", "panels"))
    seen = set()
    for part, row, panel in ((0.2, 12, 0), (0.43, 6, 1), (0.9, 0, 2)):
        y = panels[panel]["top"] + panels[panel]["height"] * (1 - (row + 0.5) / 13)
        x = page.mouse(left + part * inside, y)
        at, channel = check_against(page, data)
        assert at == pytest.approx((x - left) / inside * 250.0, abs=1.0) and channel == data.channels[row]
        tip = page.js("const t = document.querySelector('.tip'); return t.hidden ? '' : t.textContent")
        assert tip.startswith(f"{channel}, {at:.0f} ms: taught ")
        seen.add((at, channel, tip))
    assert len(seen) == 3
    y = panels[3]["top"] + panels[3]["height"] * (1 - 4.5 / 12)
    page.mouse(left + 0.5 * inside, y)
    count = int((data.cycles[0].spike_neurons == 13 + 4).sum())
    assert f"latent 5, {readout(page)[0]:.0f} ms: {count} spike" in page.js("return document.querySelector('.tip').textContent")


def test_keys_move_the_cursor(page, folder):
    from selenium.webdriver.common.keys import Keys

    data = gather(folder)
    page.keys(Keys.HOME)
    assert check_against(page, data) == (1.0, "E5")
    page.keys(*5 * [Keys.ARROW_RIGHT])
    assert check_against(page, data)[0] == 6.0
    page.keys(Keys.ARROW_RIGHT, Keys.ARROW_RIGHT, shift=True)
    page.keys(Keys.ARROW_LEFT)
    assert check_against(page, data)[0] == 25.0
    page.keys(Keys.ARROW_DOWN, Keys.ARROW_DOWN, Keys.ARROW_UP)
    assert check_against(page, data)[1] == "D#5"
    page.keys(Keys.PAGE_DOWN)
    check_against(page, data, cycle=1)
    assert page.js("return document.querySelector('select.cycle').selectedOptions[0].text") == data.cycles[1].label
    page.keys(Keys.END)
    assert check_against(page, data, cycle=1)[0] == 250.0
    told = page.js(
        "const c = document.querySelector('.stage canvas'); return [c.ariaValueNow, c.getAttribute('aria-valuetext'), c.ariaValueMax]"
    )
    assert float(told[0]) == float(told[2]) == 250.0 and told[1].startswith("250 ms, D#5 taught")


def test_zoom_by_buttons_keys_wheel_and_drag(page, folder):
    from selenium.webdriver.common.keys import Keys

    def span():
        low, high = page.view("[v.from, v.to]")
        assert 0 <= low < high <= 250
        return high - low

    page.keys(Keys.HOME)
    page.driver.find_element("css selector", "[data-do=in]").click()
    assert span() == 125
    page.keys("+")
    assert span() == 63
    page.keys(Keys.END)
    assert page.view("v.to") == 250 and span() == 63, "the view follows the cursor"
    page.keys("-")
    assert span() == 126
    page.driver.find_element("css selector", "[data-do=all]").click()
    assert span() == 250
    left, inside, top = page.view("v.left"), page.view("v.inside"), page.view("v.panels[1].top")
    page.mouse(left + 0.2 * inside, top + 20, until=left + 0.6 * inside)
    assert span() == pytest.approx(100, abs=2) and page.view("v.from") == pytest.approx(50, abs=2)
    x = page.mouse(left + 0.5 * inside, top + 30)
    assert check_against(page, gather(folder))[0] == pytest.approx(page.view("v.from") + (x - left) / inside * span(), abs=1.0)
    page.keys("0")
    box = page.js("const b = document.querySelector('.stage canvas').getBoundingClientRect(); return [b.left, b.top]")
    event = {"type": "mouseWheel", "x": box[0] + left + 0.5 * inside, "y": box[1] + 30, "deltaX": 0, "deltaY": -60}
    page.driver.execute_cdp_cmd("Input.dispatchMouseEvent", {**event, "modifiers": 2})
    page.settle()
    assert span() == pytest.approx(250 * np.exp(-0.4), abs=2), "with Ctrl the wheel zooms"
    before, scrolled = span(), page.js("return scrollY")
    page.driver.execute_cdp_cmd("Input.dispatchMouseEvent", {**event, "deltaY": 200})
    time.sleep(0.4)
    assert span() == before and page.js("return scrollY") > scrolled, "without, it scrolls the page"


@pytest.mark.parametrize("dark", [False, True])
def test_picture_shows_the_rates(browser, folder, dark):
    """Each channel of a sample has the colour of its rate, and each spike its ink."""
    browser.open(write_report(folder), dark=dark)
    data = gather(folder)
    browser.js("document.querySelectorAll('.viewer')[0].viewer.move(0)")
    pixel = """
      const v = document.querySelectorAll('.viewer')[0].viewer, ratio = devicePixelRatio, p = v.panels[arguments[0]];
      const x = v.x(arguments[1] + 0.5) * ratio, row = p.height / p.rows;
      const copy = document.createElement('canvas'), c = copy.getContext('2d', {willReadFrequently: true});
      [copy.width, copy.height] = [v.canvas.width, v.canvas.height];
      c.drawImage(v.canvas, 0, 0);
      return Array.from({length: p.rows}, (_, i) => [...c.getImageData(x, (p.top + p.height - (i + 0.5) * row) * ratio, 1, 1).data]);"""
    for panel, rates in ((0, data.target), (1, data.cycles[0].rates)):
        shown = np.array([browser.js(pixel, panel, sample) for sample in range(5, 250, 40)])[..., :3].sum(axis=-1).ravel()
        r = np.corrcoef(shown, rates[:, 5:250:40].T.ravel())[0, 1]
        assert (r if dark else -r) > 0.9
    played = data.cycles[0]
    times = played.spike_times[(played.spike_neurons == 5) & (played.spike_times > 5)]
    for shift, red in ((0.0, True), (-1.5, False)):
        ink = browser.js(pixel, 2, times[0] - 0.5 + shift)[5][:3]
        assert (ink[0] > ink[1] + 40 and ink[0] > ink[2] + 40) == red, f"a red tick at {times[0]} ms and none before"
    assert browser.complaints() == []


@pytest.mark.parametrize("number", [0, 1])
def test_sound_plays_and_the_cursor_follows(page, number):
    page.js("document.querySelectorAll('.viewer')[0].viewer.move(0)")
    done = page.driver.execute_async_script(
        """
        const [number, done] = arguments, audio = document.querySelectorAll("audio")[number];
        const view = document.querySelectorAll('.viewer')[0].viewer;
        audio.play().then(() => setTimeout(() => {
          requestAnimationFrame(() => done([audio.currentTime, audio.duration, view.at, audio.paused, audio.error]));
        }, 700), (error) => done(String(error)));""",
        number,
    )
    now, duration, at, paused, error = done
    assert error is None and not paused and duration == pytest.approx(3 * 25 * 0.15, abs=0.1) and 0.2 < now < 2
    assert at / 250 == pytest.approx(3 * now / duration, abs=0.06)
    # in the third cycle: that one is shown for the replay; the sequence as it was taught has but one
    page.js("document.querySelectorAll('audio')[arguments[0]].currentTime = 9.0", number)
    time.sleep(0.5)
    assert page.view("v.cycle") == (0, 2)[number]
    page.js("document.querySelectorAll('audio')[arguments[0]].pause()", number)


def _contrast(one, other):
    def luminance(colour):
        c = np.array([int(colour[i : i + 2], 16) for i in (1, 3, 5)]) / 255
        return np.where(c <= 0.04045, c / 12.92, ((c + 0.055) / 1.055) ** 2.4) @ [0.2126, 0.7152, 0.0722]

    high, low = sorted((luminance(one), luminance(other)), reverse=True)
    return (high + 0.05) / (low + 0.05)


@pytest.mark.parametrize("dark", [False, True])
@pytest.mark.parametrize("width", [360, 1200])
@pytest.mark.parametrize("kind", ["report", "compare"])
def test_wide_and_narrow_light_and_dark(browser, folder, tmp_path, kind, width, dark):
    if kind == "report":
        path = write_report(folder)
    else:
        path = write_comparison(gather_runs([folder, small_run(tmp_path / "other", seed=2, latent=20)]), tmp_path / "c.html")
    browser.open(path, width, dark)
    assert browser.js("return document.documentElement.scrollWidth") <= width, "the page scrolls sideways"
    wider = browser.js("return [...document.querySelectorAll('section *')].filter(e => !e.closest('.scroll, svg, pre, .xtick')"
                       " && e.getBoundingClientRect().right > innerWidth + 1).map(e => e.outerHTML.slice(0, 80))")  # fmt: skip
    assert wider == []
    value = "return getComputedStyle(document.documentElement).getPropertyValue('--' + arguments[0]).trim()"
    for ink, paper in CONTRASTS:
        assert _contrast(browser.js(value, ink), browser.js(value, paper)) >= 4.5, (ink, paper, dark)
    background = browser.js("return getComputedStyle(document.body).backgroundColor")
    assert (int(background[4:].split(",")[0]) < 60) == dark
    picture = browser.whole_page()
    kept = Path(os.environ.get("REPORT_SCREENSHOTS", tmp_path))
    (kept / f"{kind}-{width}-{'dark' if dark else 'light'}.png").write_bytes(picture)
    assert len(picture) > 50_000
    assert browser.complaints() == []


def test_cursors_of_a_comparison_go_together(browser, folder, tmp_path):
    from selenium.webdriver.common.keys import Keys

    runs = [folder, small_run(tmp_path / "fine", timestep=0.5, cycles=1)]
    browser.open(write_comparison(gather_runs(runs), tmp_path / "c.html"))
    browser.keys(Keys.HOME, *9 * [Keys.ARROW_RIGHT], Keys.ARROW_DOWN)
    times = [browser.view("v.time(v.at)", i) for i in (0, 1)]
    assert times == [10.0, 10.0] and [browser.view("v.channel", i) for i in (0, 1)] == [11, 11]
    assert browser.complaints() == []


@pytest.mark.parametrize("sequence", [evil_sequence, continuous_sequence])
def test_odd_sequences(browser, tmp_path, sequence):
    """Names that are code stay names; continuous channels and few of them are drawn."""
    made = sequence()
    browser.open(write_report(small_run(tmp_path / "run", made)))
    assert browser.driver.title == f"{made.name} – ELiSe report"
    assert browser.js("return document.querySelector('h1').textContent") == made.name
    assert browser.view("v.data.channels") == list(made.channels)
    browser.mouse(browser.view("v.left") + 60, browser.view("v.panels[0].top") + 5)
    assert browser.js("return document.querySelector('.tip').textContent").startswith(made.channels[-1])
    assert browser.complaints() == []


def test_rate_form_is_drawn_without_raster(browser, tmp_path):
    browser.open(write_report(small_run(tmp_path / "run", preset="paper")), 360)
    assert browser.view("v.panels.map(p => p.kind)") == ["taught", "played"]
    assert browser.complaints() == []


def test_everything_has_a_name(page):
    """Buttons, pictures and players can be told by a screen reader; ids are unique; headings go down one by one."""
    nameless = page.js(
        "return [...document.querySelectorAll('button, canvas, audio, select, [role=img], [role=region]')].filter(e =>"
        " !(e.textContent.trim() || e.ariaLabel || e.getAttribute('aria-labelledby'))).map(e => e.outerHTML.slice(0, 99))"
    )
    assert nameless == []
    ids = page.js("return [...document.querySelectorAll('[id]')].map(e => e.id)")
    assert len(set(ids)) == len(ids)
    levels = page.js("return [...document.querySelectorAll('h1, h2, h3')].map(e => Number(e.tagName[1]))")
    assert levels[0] == 1 and levels.count(1) == 1 and max(np.diff(levels)) <= 1
    assert page.js("return [...document.querySelectorAll('nav a')].every(a => document.querySelector(a.hash))")
