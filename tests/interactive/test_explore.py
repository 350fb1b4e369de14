"""``explore`` in its three modes, its cache, and its errors."""

from __future__ import annotations

import base64
import io
import json
import os
import re
import subprocess
import sys
import threading
import time
import warnings
from functools import partial

import joblib
import pytest
from matplotlib import pyplot
from matplotlib.figure import Figure
from PIL import Image

import lecturelib
from lecturelib.interactive import BudgetWarning, cache, explore, frames, page
from lecturelib.interactive.cache import FrameCache
from lecturelib.interactive.live import VIEW_MIME
from tests.interactive.families import Family, Look, many_points


def line(slope=1, colour="blue", steep=False):
    figure = Figure(figsize=(3, 2))
    ax = figure.subplots()
    ax.plot([0, 1], [0, slope * (1 + steep)], color=colour)
    ax.set(xlim=(0, 1), ylim=(0, 9), title=f"slope {slope}")
    return figure


def html_of(thing) -> str:
    return thing._repr_mimebundle_()["text/html"]


def data_of(html: str) -> dict:
    found = re.search(r'<script type="application/json">(.*?)</script>', html)
    assert found is not None
    return json.loads(found[1])


def test_shortcut():
    assert lecturelib.explore is explore


@pytest.mark.parametrize("mode", ["live", "static", "off"])
def test_text_is_the_same_in_every_mode(monkeypatch, mode):
    monkeypatch.setenv("LECTURELIB_EXPLORE", mode)
    shown = explore(line, alt="A line.", slope=[1, 2], colour=["red", "blue"], steep=True)
    bundle = shown._repr_mimebundle_()
    expected = "explore(line, slope: 1 | 2; colour: red | blue; steep: off | on)"
    assert repr(shown) == bundle["text/plain"] == expected
    assert pyplot.get_fignums() == []


def test_unknown_mode(monkeypatch):
    monkeypatch.setenv("LECTURELIB_EXPLORE", "fast")
    with pytest.raises(ValueError, match="LECTURELIB_EXPLORE is 'fast'; it must be live, static"):
        explore(line, alt="A line.", slope=[1])


def test_static_page(static):
    shown = explore(
        line,
        alt='A "line".',
        describe=lambda slope, colour, steep: f"A {colour} line.",
        slope=[1, 2, 3],
        colour=["red", "blue"],
        steep=False,
    )
    html = html_of(shown)
    data = data_of(html)
    assert data["sizes"] == [3, 2, 2]
    # Starts: the default of slope is its first value, blue is the second colour.
    assert data["start"] == 0 * 4 + 1 * 2 + 0
    assert data["captions"][0] == ["A red line.", "A blue line."]
    assert (
        html.count("<input type=range")
        == html.count("<select")
        == html.count("<input type=checkbox")
        == 1
    )
    assert 'aria-label="A &quot;line&quot;."' in html
    assert '<p class="lx-caption" role="status"' in html
    assert ">A blue line.</p>" in html
    assert "http" not in re.sub(r"data:[^\"]*", "", html)
    picture = Image.open(io.BytesIO(base64.b64decode(shown._repr_mimebundle_()["image/png"])))
    assert picture.size == (432, 288)


def test_static_html_is_reproducible_and_ids_differ_on_one_page(static):
    first, second = (html_of(explore(line, alt="Same.", slope=[1, 2])) for _ in range(2))
    uids = [re.search(r'id="(lx[^"]+)"', html)[1] for html in (first, second)]
    assert uids[0] != uids[1]
    assert first.replace(uids[0], "lx") == second.replace(uids[1], "lx")


def test_json_cannot_end_its_script(static):
    html = html_of(
        explore(
            line, alt="A line.", describe=lambda slope: "</script><b>" + str(slope), slope=[1, 2]
        )
    )
    assert data_of(html)["captions"][0] == ["</script><b>1", "</script><b>2"]


def test_several_figures(static):
    def pair(n=1):
        return [line(n), line(2 * n)]

    html = html_of(explore(pair, alt=["One.", "Two."], n=[1, 2]))
    assert len(data_of(html)["views"]) == html.count("<svg") == 2
    assert 'aria-label="One."' in html
    assert 'aria-label="Two."' in html
    with pytest.raises(ValueError, match="3 alt texts for the 2 figures of"):
        explore(pair, alt=["One.", "Two.", "Three."], n=[1, 2])


def test_lone_string_is_passed_without_a_control(static):
    html = html_of(explore(line, alt="A line.", slope=[1, 2], colour="red"))
    assert html.count("<label>") == 1
    assert ">slope = 1</p>" in html


def test_off_draws_the_default_frame_only(off):
    calls = []

    def figure(n=2):
        calls.append(n)
        return line(n)

    html = html_of(explore(figure, alt="A line.", n=[1, 2, 3]))
    assert calls == [2]
    assert "<svg" in html
    assert "n = 2" in html
    assert "<script" not in html


def test_pyplot_figures_are_closed(static):
    def figure(n=1):
        new, ax = pyplot.subplots()
        ax.plot([0, n])
        return new

    kept = pyplot.figure()
    explore(figure, alt="A line.", n=[1, 2])
    assert pyplot.get_fignums() == [kept.number]
    pyplot.close(kept)


# --- errors --------------------------------------------------------------------------------------


def test_alt_is_demanded(off):
    with pytest.raises(TypeError, match="alt"):
        explore(line, slope=[1, 2])
    for alt in ("", "  ", [], ["a", ""]):
        with pytest.raises(ValueError, match="say in a sentence what line shows"):
            explore(line, alt=alt, slope=[1, 2])


@pytest.mark.parametrize(("given", "name"), [(None, "NoneType"), ([1], "int"), ("x", "str")])
@pytest.mark.parametrize("mode", ["live", "static", "off"])
def test_function_that_returns_no_figure(monkeypatch, mode, given, name):
    monkeypatch.setenv("LECTURELIB_EXPLORE", mode)
    with pytest.raises(TypeError, match=f"must return a matplotlib Figure.* returned {name} for"):
        explore(lambda n: given, alt="Nothing.", n=[1, 2])


def test_function_that_returns_an_empty_list(off):
    with pytest.raises(TypeError, match="returned no figure"):
        explore(lambda n: [], alt="Nothing.", n=[1, 2])


def test_number_of_figures_must_not_change(static):
    with pytest.raises(ValueError, match="equally many figures"):
        explore(lambda n: [line(1)] * n, alt="Lines.", n=[1, 2])


def test_describe_must_give_text(off):
    with pytest.raises(TypeError, match="describe must return a string; it returned int"):
        explore(line, alt="A line.", describe=lambda slope: 3, slope=[1])


# --- weight --------------------------------------------------------------------------------------


def test_figure_too_heavy_as_vectors_becomes_pixels(static):
    with warnings.catch_warnings():
        warnings.simplefilter("error")
        html = html_of(explore(many_points, alt="Points.", n=[1, 2, 3]))
    (view,) = data_of(html)["views"]
    ((path, name, values, _),) = view["slots"]
    assert (path, name) == ([], "src")
    assert all(v.startswith("data:image/webp;base64,") for v in values)
    expected = Image.open(io.BytesIO(frames.draw(many_points, {"n": 2}, "png")[0]))
    found = Image.open(io.BytesIO(base64.b64decode(values[1].partition(",")[2])))
    assert page.differing_pixels(found, expected) <= 0.01


def test_figure_over_budget_is_warned_of(static, monkeypatch):
    monkeypatch.setattr(page, "FIGURE_BUDGET", 1_000)
    with pytest.warns(
        BudgetWarning, match=r"explore\(line, .*kB gzipped; the budget of a figure is 1"
    ):
        explore(line, alt="A line.", slope=[1, 2])


# --- cache and processes -------------------------------------------------------------------------


def test_frames_are_drawn_once(tmp_path):
    log = tmp_path / "log"

    def figure(n):
        with log.open("a") as file:
            file.write(f"{n} ")
        return line(n)

    many = [{"n": n} for n in (1, 2, 3)]
    first = frames.frames(figure, many)
    assert log.read_text() == "1 2 3 "
    assert frames.frames(figure, [*many, {"n": 4}])[:3] == first
    assert log.read_text() == "1 2 3 4 "


def test_key_changes_with_what_the_picture_depends_on():
    def figure(colour):
        return lambda slope=1: line(slope, colour)

    def key(function, kind="svg", settings=()):
        return FrameCache.of(function, kind, dict(settings)).key

    assert key(figure("red")) == key(figure("red"))
    keys = {
        key(figure("red")),
        key(figure("blue")),
        key(figure("red"), "png"),
        key(figure("red"), "svg", {"font.size": 3}),
        key(line),
        key(partial(line, colour="red")),
    }
    assert len(keys) == 6


def test_key_is_the_same_in_another_process(tmp_path):
    """Also for a notebook's function that refers to tensors."""
    (tmp_path / "run.py").write_text(
        "import torch\n"
        "from lecturelib.interactive.cache import FrameCache\n"
        "data = {'x': torch.arange(3.0), 'h': torch.ones(2, dtype=torch.bfloat16)}\n"
        "def figure(n): return data['x'][n], data['h']\n"
        "first = FrameCache.of(figure, 'svg', {}).key\n"
        "data['x'][1] = 5\n"
        "print(first, first != FrameCache.of(figure, 'svg', {}).key)\n"
    )
    command = [sys.executable, str(tmp_path / "run.py")]
    runs = [subprocess.run(command, capture_output=True, text=True).stdout for _ in range(2)]
    assert runs[0] == runs[1]
    assert runs[0].endswith(" True\n")


def test_function_with_a_lock_is_drawn_without_cache_or_processes(monkeypatch):
    lock = threading.Lock()

    def figure(n):
        with lock:
            return line(n)

    monkeypatch.setattr(frames, "_WORKER_START", -1.0)
    monkeypatch.setattr(joblib, "cpu_count", lambda: 2)
    assert FrameCache.of(figure, "svg", {}).key is None
    found = frames.frames(figure, [{"n": 1}, {"n": 2}, {"n": 3}])
    assert found == [frames.draw(figure, {"n": n}) for n in (1, 2, 3)]


def test_damaged_or_unwritable_cache_is_no_error(tmp_path, monkeypatch):
    store = FrameCache.of(line, "svg", {})
    store.put({"slope": 1}, [b"x"])
    assert store.get({"slope": 1}) == [b"x"]
    assert store.get({"slope": 2}) is None
    for path in (tmp_path / "cache" / "frames").glob("*/*"):
        path.write_bytes(b"damaged")
    assert store.get({"slope": 1}) is None
    (tmp_path / "file").write_text("")
    monkeypatch.setenv("LECTURELIB_CACHE", str(tmp_path / "file"))
    store.put({"slope": 1}, [b"x"])
    assert store.get({"slope": 1}) is None


def test_old_frames_are_removed(tmp_path):
    store = FrameCache.of(line, "svg", {})
    store.put({"slope": 1}, [b"x"])
    store.put({"slope": 2}, [b"x"])
    first, second = sorted((tmp_path / "cache" / "frames").glob("*/*"))
    os.utime(first, (0, 0))
    cache._remove_old.cache_clear()
    store.put({"slope": 3}, [b"x"])
    assert not first.exists()
    assert second.exists()


def test_default_directory(monkeypatch):
    monkeypatch.delenv("LECTURELIB_CACHE")
    assert cache.cache_directory().parts[-2:] == (".cache", "lecturelib")


def test_processes_draw_what_one_process_draws(monkeypatch):
    family = Family([Look(lines=1, title=f"n = {n}", legend=True) for n in range(3)])
    many = [{"n": n} for n in range(3)]
    expected = [frames.draw(family, values) for values in many]
    monkeypatch.setattr(frames, "_WORKER_START", -1.0)
    monkeypatch.setattr(joblib, "cpu_count", lambda: 2)
    assert frames.frames(family, many) == expected


@pytest.mark.parametrize(("processors", "slow"), [(1, {0, 1}), (2, {0})])
def test_processes_are_not_started_for_nothing(monkeypatch, processors, slow):
    """On one processor, and where the first frame alone is slow, as it loads the fonts."""

    def figure(n):
        time.sleep(0.3 if n in slow else 0.0)
        return line(n)

    def refused(*_):
        raise AssertionError("processes were started")

    monkeypatch.setattr(joblib, "cpu_count", lambda: processors)
    monkeypatch.setattr(frames, "_in_processes", refused)
    monkeypatch.setattr(frames, "draw", lambda function, values, kind: [function(**values)])
    assert len(frames.frames(figure, [{"n": n} for n in range(30)])) == 30


def test_settings_of_the_notebook_reach_the_picture():
    with pyplot.rc_context({"lines.linewidth": 7.0}):
        assert frames.changed_settings()["lines.linewidth"] == 7.0
        drawn = frames._in_worker(line, {"slope": 1}, "svg", frames.changed_settings())
        assert drawn == frames.draw(line, {"slope": 1})
    assert drawn != frames.draw(line, {"slope": 1})


# --- live ----------------------------------------------------------------------------------------


@pytest.fixture
def displayed(monkeypatch):
    """What the cell displays, in order."""
    shown = []
    monkeypatch.setattr("IPython.display.display", lambda thing, **options: shown.append(thing))
    return shown


def panel_of(bundle):
    from ipywidgets.widgets.widget import _instances

    return _instances[bundle[VIEW_MIME]["model_id"]]


def test_live_controls(displayed):
    shown = explore(line, alt="A line.", slope=[1, 2, 3], colour=["red", "blue"], steep=True)
    live = panel_of(shown._repr_mimebundle_())
    kinds = {w.description: type(w).__name__ for w in live.children if hasattr(w, "description")}
    assert kinds == {"slope": "SelectionSlider", "colour": "Dropdown", "steep": "Checkbox"}
    assert live.kwargs_widgets[0].value == 1
    slider = live.children[0]
    slider.value = 3
    assert "slope = 3, colour = blue, steep = on" in displayed[-1].data


@pytest.mark.parametrize("show", ["_repr_mimebundle_", "_ipython_display_"])
def test_live_draws_the_first_frame_with_ipywidgets_7_and_8(displayed, monkeypatch, show):
    """From 8 on a new panel draws itself; 7 leaves that to its own display method."""
    import ipywidgets

    figure = explore(line, alt="A line.", slope=[1, 2])
    seven = type("Seven", (ipywidgets.interactive,), {"__init__": _without_drawing})
    for panel in (seven, ipywidgets.interactive):
        monkeypatch.setattr(ipywidgets, "interactive", panel)
        displayed.clear()
        getattr(figure, show)()
        frames_drawn = [thing.data for thing in displayed if not isinstance(thing, dict)]
        assert len(frames_drawn) == 1
        assert "slope = 1" in frames_drawn[0]


def _without_drawing(self, function, **widgets):
    import ipywidgets

    update, ipywidgets.interactive.update = ipywidgets.interactive.update, lambda *_: None
    try:
        super(type(self), self).__init__(function, **widgets)
    finally:
        ipywidgets.interactive.update = update


def test_live_display_shows_a_view_and_the_text(displayed):
    shown = explore(line, alt="A line.", slope=[1, 2])
    shown._ipython_display_()
    (bundle,) = (thing for thing in displayed if isinstance(thing, dict))
    assert bundle["text/plain"] == repr(shown)
    assert panel_of(bundle).kwargs_widgets[0].value == 1


@pytest.mark.parametrize("mode", ["static", "off"])
def test_other_modes_leave_the_display_to_ipython(monkeypatch, mode):
    from IPython.core.interactiveshell import InteractiveShell

    monkeypatch.setenv("LECTURELIB_EXPLORE", mode)
    shown = explore(line, alt="A line.", slope=[1, 2])
    data, _ = InteractiveShell.instance().display_formatter.format(shown)
    assert data["text/plain"] == repr(shown)
    assert "<svg" in data["text/html"]
