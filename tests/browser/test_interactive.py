"""Interactive figures as a reader meets them: moved by keyboard and pointer in a real browser."""

from __future__ import annotations

import base64
import io
import itertools
import re
import threading
from functools import partial
from http.server import SimpleHTTPRequestHandler, ThreadingHTTPServer

import pytest
from hypothesis import HealthCheck, given, seed, settings
from hypothesis import strategies as st
from matplotlib.figure import Figure
from PIL import Image

from lecturelib import exercises
from lecturelib.interactive import explore, widget
from lecturelib.interactive.frames import draw
from lecturelib.interactive.page import differing_pixels
from lecturelib.interactive.widgets import PROGRAMS
from tests.browser.conftest import Visit, run_axe
from tests.interactive.families import Family, Look, families, many_points

HEAD = (
    '<!doctype html><html lang="en"><meta charset="utf-8"><title>Test</title>'
    '<link rel="icon" href="data:,">'
    '<meta name="viewport" content="width=device-width, initial-scale=1">'
    "<body><main><h1>Test</h1>"
)


class QuietHandler(SimpleHTTPRequestHandler):
    def log_message(self, *args):
        pass


@pytest.fixture(scope="session")
def folder(tmp_path_factory):
    return tmp_path_factory.mktemp("pages")


@pytest.fixture(scope="session")
def address(folder):
    """A file server for pages that the tests write."""
    handler = partial(QuietHandler, directory=str(folder))
    with ThreadingHTTPServer(("127.0.0.1", 0), handler) as server:
        threading.Thread(target=server.serve_forever, daemon=True).start()
        yield f"http://127.0.0.1:{server.server_port}/"
        server.shutdown()


@pytest.fixture(autouse=True)
def static(monkeypatch, tmp_path):
    monkeypatch.setenv("LECTURELIB_EXPLORE", "static")
    monkeypatch.setenv("LECTURELIB_CACHE", str(tmp_path))


@pytest.fixture
def show(folder, address, contexts):
    """Serve things as one page and open it."""
    visits, numbers = [], itertools.count(len(list(folder.iterdir())))

    def go(*things, head=HEAD, scheme="light", width=1280, javascript=True, theme=""):
        parts = [t if isinstance(t, str) else t._repr_mimebundle_()["text/html"] for t in things]
        html = head.replace("<html", f"<html data-theme={theme}") if theme else head
        name = f"{next(numbers)}.html"  # a name of its own, or the browser's cache would answer
        (folder / name).write_text(html + "".join(parts), encoding="utf-8")
        visit = Visit(contexts(scheme, width, javascript).new_page(), address)
        visits.append(visit)
        visit.page.goto(address + name)
        return visit

    yield go
    for visit in visits:
        visit.page.close()


def same(one: Image.Image, other: Image.Image) -> bool:
    """Equal but for the last bits, which differ when a browser draws a thing a second time."""
    return one.size == other.size and differing_pixels(one, other, 8) <= 0.001


def picture(locator) -> Image.Image:
    return Image.open(io.BytesIO(locator.screenshot(animations="disabled")))


def line(slope=1, colour="blue", steep=False):
    figure = Figure(figsize=(4, 3))
    ax = figure.subplots()
    ax.plot([0, 1], [0, slope * (1 + steep)], color=colour)
    ax.set(xlim=(0, 1), ylim=(0, 9), title=f"slope {slope}")
    return figure


def example():
    return explore(
        line,
        alt="A line through the origin.",
        describe=lambda slope, colour, steep: f"A {colour} line of slope {slope * (1 + steep)}.",
        slope=[1, 2, 3, 4],
        colour=["blue", "red"],
        steep=False,
    )


# --- what is shown is what matplotlib draws ------------------------------------------------------

PLAIN = "<style>body,.lx,h1{margin:0;font-size:0}.lx-views,img{display:block!important}</style>"


def own_rendering(look: Look) -> str:
    """Matplotlib's file, untouched, as a picture."""
    (svg,) = draw(Family([look]), {"n": 0})
    return f'<img src="data:image/svg+xml;base64,{base64.b64encode(svg).decode()}">'


@seed(1)  # one set of families for all runs: a browser is too slow for chance to find much more
@settings(
    max_examples=12,
    deadline=None,
    database=None,
    suppress_health_check=[HealthCheck.function_scoped_fixture, HealthCheck.too_slow],
)
@given(families, st.data())
def test_frames_equal_matplotlibs_own_rendering(show, looks, data):
    family = Family(looks)
    visit = show(PLAIN, explore(family, alt="Random.", n=list(range(len(looks)))))
    slider = visit.page.locator("input[type=range]")
    view = visit.page.locator("[data-view]")
    order = data.draw(st.permutations(range(len(looks))))
    shown = {}
    for k in [*order, order[0]]:
        slider.fill(str(k))
        shown[k] = picture(view)
    originals = show(PLAIN, *(own_rendering(look) for look in looks)).page.locator("img")
    for k, found in shown.items():
        expected = picture(originals.nth(k))
        assert found.size == expected.size
        assert differing_pixels(found, expected) <= 0.01
    assert visit.errors == []


def test_the_comparison_sees_a_changed_frame(show):
    """The measure of the test above is not blind to one line."""
    looks = Look(title="n = 8"), Look(title="n = 8", lines=2)
    images = show(PLAIN, *map(own_rendering, looks)).page.locator("img")
    pictures = [picture(images.nth(k)) for k in range(2)]
    assert differing_pixels(*pictures) > 0.01


# --- controls ------------------------------------------------------------------------------------


def test_keyboard_moves_every_control(show):
    visit = show(example())
    page = visit.page
    slider, choice, switch = (page.get_by_role(role) for role in ("slider", "combobox", "checkbox"))
    status, view = page.get_by_role("status"), page.locator("[data-view]")
    assert status.text_content() == "A blue line of slope 1."
    before = picture(view)

    page.keyboard.press("Tab")
    assert slider.evaluate("e => e === document.activeElement")
    page.keyboard.press("ArrowRight")
    page.keyboard.press("End")
    assert slider.get_attribute("aria-valuetext") == "4"
    assert status.text_content() == "A blue line of slope 4."
    assert not same(picture(view), before)

    page.keyboard.press("Tab")
    assert choice.evaluate("e => e === document.activeElement")
    page.keyboard.press("ArrowDown")
    assert status.text_content() == "A red line of slope 4."

    page.keyboard.press("Tab")
    page.keyboard.press("Space")
    assert switch.is_checked()
    assert status.text_content() == "A red line of slope 8."

    page.keyboard.press("Tab")
    assert page.get_by_role("button", name="Reset").evaluate("e => e === document.activeElement")
    page.keyboard.press("Enter")
    assert status.text_content() == "A blue line of slope 1."
    assert slider.get_attribute("aria-valuetext") == "1"
    assert not switch.is_checked()
    assert same(picture(view), before)
    assert visit.errors == visit.foreign == []


def test_pointer_moves_the_slider(show):
    visit = show(example())
    slider = visit.page.get_by_role("slider")
    box = slider.bounding_box()
    visit.page.mouse.move(box["x"] + 8, box["y"] + box["height"] / 2)
    visit.page.mouse.down()
    visit.page.mouse.move(box["x"] + box["width"] - 4, box["y"] + box["height"] / 2, steps=5)
    visit.page.mouse.up()
    assert visit.page.get_by_role("status").text_content() == "A blue line of slope 4."
    visit.page.get_by_role("checkbox").click()
    assert visit.page.get_by_role("status").text_content() == "A blue line of slope 8."


def test_touch_moves_the_slider(show, browser):
    url = show(example()).page.url
    context = browser.new_context(viewport={"width": 390, "height": 800}, has_touch=True)
    page = context.new_page()
    page.goto(url)
    box = page.get_by_role("slider").bounding_box()
    page.touchscreen.tap(box["x"] + box["width"] - 6, box["y"] + box["height"] / 2)
    assert page.get_by_role("status").text_content() == "A blue line of slope 4."
    assert all(
        box["height"] >= 24 and box["width"] >= 24
        for box in (c.bounding_box() for c in page.locator("input, select").all())
    )
    context.close()


def test_two_figures_on_a_page_do_not_meet(show):
    visit = show(example(), example())
    sliders, status = visit.page.get_by_role("slider"), visit.page.get_by_role("status")
    sliders.nth(1).press("End")
    assert status.all_text_contents() == ["A blue line of slope 1.", "A blue line of slope 4."]
    ids = visit.page.evaluate("() => [...document.querySelectorAll('[id]')].map(e => e.id)")
    assert len(set(ids)) == len(ids)
    assert visit.errors == []


def test_style_of_a_figure_stays_in_it(show):
    visit = show("<svg id=other><path d='M0 0 9 9'/></svg>", example())
    join = visit.page.locator("#other path").evaluate("e => getComputedStyle(e).strokeLinejoin")
    assert join == "miter"


# --- readers -------------------------------------------------------------------------------------


def test_without_javascript_the_default_frame_stands(show):
    visit = show(example(), javascript=False)
    assert visit.page.locator("[data-view]").is_visible()
    assert not visit.page.locator("input[type=range]").is_visible()
    assert visit.page.get_by_role("status").text_content() == "A blue line of slope 1."
    still = picture(visit.page.locator("[data-view]"))
    moved = show(example()).page.locator("[data-view]")
    assert same(still, picture(moved))


@pytest.mark.parametrize("theme", ["light", "dark"])
def test_accessible_and_narrow(show, theme):
    head = HEAD + (
        "<style>html{background:#12171d;color:#d9e0e7}</style>" if theme == "dark" else ""
    )
    visit = show(example(), head=head, width=390, theme=theme)
    assert run_axe(visit.page) == []
    assert visit.overflow() <= 0
    assert visit.page.get_by_role("img", name="A line through the origin.").is_visible()
    assert visit.page.locator("[data-view]").bounding_box()["width"] >= 300


def test_a_frame_changes_within_a_60th_of_a_second(show):
    looks = [Look(lines=4, points=12, legend=True, title=f"n = {n}", seed=n) for n in range(8)]
    visit = show(explore(Family(looks), alt="Lines.", n=list(range(8))))
    times = visit.page.evaluate(
        """() => {
          const figure = document.querySelector("lecture-explore"), times = [];
          for (let k = 1; k < 80; k++) {
            const began = performance.now();
            figure.show((k * 3) % 8);
            figure.getBoundingClientRect(); // style and layout, too
            times.push(performance.now() - began);
          }
          return times.sort((a, b) => a - b);
        }"""
    )
    assert times[len(times) // 2] <= 16


def test_raster_frames_use_the_same_player(show):
    visit = show(explore(many_points, alt="Points.", n=[1, 2, 3, 4]))
    image = visit.page.locator("img")
    before = picture(image)
    visit.page.get_by_role("slider").press("End")
    visit.page.wait_for_function("() => document.querySelector('img').complete")
    assert not same(picture(image), before)
    assert re.match("data:image/webp", image.get_attribute("src"))
    assert visit.page.get_by_role("status").text_content() == "n = 4"
    assert visit.errors == visit.foreign == []


# --- widgets -------------------------------------------------------------------------------------


def ready(visit, n=1):
    """Wait until n widgets have drawn themselves."""
    visit.page.wait_for_function(
        "(n) => document.querySelectorAll("
        "'lecture-widget[data-ready] svg:not(.lw-swatch svg) path').length >= n",
        arg=n,
    )
    return visit.page


def drag(page, handle, dx, dy):
    """Drag a handle by so many pixels."""
    box = handle.bounding_box()
    x, y = box["x"] + box["width"] / 2, box["y"] + box["height"] / 2
    page.mouse.move(x, y)
    page.mouse.down()
    page.mouse.move(x + dx, y + dy, steps=4)
    page.mouse.up()


@pytest.mark.parametrize("name", PROGRAMS)
@pytest.mark.parametrize("theme", ["light", "dark"])
def test_widget_is_accessible_and_narrow(show, name, theme):
    head = HEAD + (
        "<style>html{background:#12171d;color:#d9e0e7}</style>" if theme == "dark" else ""
    )
    visit = show(widget(name), head=head, width=390, theme=theme)
    visit.page.wait_for_selector("lecture-widget[data-ready] svg > *", state="attached")
    assert run_axe(visit.page) == []
    assert visit.overflow() <= 0
    assert visit.errors == visit.foreign == []
    assert not visit.page.get_by_text("needs JavaScript").is_visible()


def faults_of_controls(page):
    """Sliders of different widths, and values that are empty or not beside their slider."""
    code = """() => {
        const sliders = [...document.querySelectorAll('.lw-controls input[type=range]')]
            .filter(e => e.checkVisibility());
        const widths = new Set(sliders.map(e => Math.round(e.getBoundingClientRect().width)));
        const astray = sliders.filter(e => {
            const a = e.getBoundingClientRect(), b = e.nextElementSibling.getBoundingClientRect();
            return !e.nextElementSibling.textContent || b.top > a.bottom || b.left < a.right;
        });
        const uneven = widths.size > 1 ? [`widths ${[...widths]}`] : [];
        return [...uneven, ...astray.map(e => e.dataset.name)];
    }"""
    return page.evaluate(code)


@pytest.mark.parametrize("name", PROGRAMS)
def test_every_control_of_a_widget_moves_by_keyboard(show, name):
    visit = show(widget(name))
    visit.page.wait_for_selector("lecture-widget[data-ready] svg > *", state="attached")
    model = "() => document.querySelector('lecture-widget').model"
    everything = f"names => names.map(name => ({model})().get(name))"
    names = list(PROGRAMS[name].values)
    start = visit.page.evaluate(everything, names)
    assert faults_of_controls(visit.page) == []
    for control in visit.page.locator("[data-name]").all():
        if not control.is_visible():
            continue
        trait = control.get_attribute("data-name")
        read = f"({model})().get({trait!r})"
        before = visit.page.evaluate(read)
        control.focus()
        kind = control.get_attribute("type")
        visit.page.keyboard.press("Space" if kind == "checkbox" else "ArrowDown")
        if visit.page.evaluate(read) == before:  # it stood at the end
            visit.page.keyboard.press("ArrowUp")
        assert visit.page.evaluate(read) != before, trait
    for button in visit.page.locator(".lw-controls button").all():
        button.press("Enter")
    visit.page.get_by_role("button", name="Reset").press("Enter")
    assert visit.page.evaluate(everything, names) == start
    assert visit.errors == visit.foreign == []


def test_optimizer_start_is_dragged_and_nudged(show):
    visit = show(widget("optimizer_paths"))
    page = ready(visit)
    handle, status = page.locator(".lw-handle"), page.get_by_role("status")
    start = "document.querySelector('lecture-widget').model.get('start')"
    paths = page.locator("path[data-method]")
    assert paths.count() == 3
    # The default shows the point: momentum halves the steps, and all of them arrive.
    told = re.fullmatch(
        r"Steps until loss < 0.01 for good: SGD (\d+), momentum (\d+), Adam (\d+)\.",
        status.text_content(),
    )
    assert told
    sgd, momentum, adam = map(int, told.groups())
    assert 2 * momentum < sgd < adam < 100
    before = paths.first.get_attribute("d"), status.text_content()
    drag(page, handle, 150, -60)
    x, y = page.evaluate(start)
    assert x > -3.5
    assert y > 1.5
    page.wait_for_function(
        "(d) => document.querySelector('path[data-method]').getAttribute('d') !== d", arg=before[0]
    )
    assert status.text_content() != before[1]
    handle.press("ArrowRight")
    handle.press("Shift+ArrowDown")
    assert page.evaluate(start) == pytest.approx([x + 0.1, y - 0.5])
    for _ in range(60):
        handle.press("Shift+ArrowLeft")
    assert page.evaluate(start)[0] == -4
    page.get_by_label("learning rate").press("End")
    assert "diverges" in status.text_content()
    assert visit.errors == []


def test_activation_zoo_shows_where_it_saturates(show):
    page = ready(show(widget("activation_zoo")))
    status = page.get_by_role("status")
    assert (
        status.text_content() == "At 1 the sigmoid gives 0.731 and passes 19.7 % of the gradient."
    )
    assert page.locator(".lw-dead").count() == 4  # two regions in each of two plots
    assert not page.locator("[data-name=parameter]").is_visible()
    page.get_by_label("activation", exact=True).select_option("leaky relu")
    assert page.get_by_label("slope below 0").is_visible()
    page.wait_for_function("() => document.querySelectorAll('.lw-dead').length === 0")
    drag(page, page.locator(".lw-handle"), -150, 0)
    assert "passes 10 % of the gradient" in status.text_content()


def test_playground_learns(show):
    visit = show(widget("network_playground", data="two blobs", learning_rate=0.5))
    page = ready(visit)
    status = page.get_by_role("status")
    before = picture(page.locator("canvas").first)
    for _ in range(5):
        page.get_by_role("button", name="10 epochs").click()
    assert status.text_content().startswith("Epoch 50: loss ")
    assert int(re.search(r"([\d.]+) % of", status.text_content())[1].partition(".")[0]) >= 90
    assert not same(picture(page.locator("canvas").first), before)
    page.get_by_label("units a layer").press("Home")
    assert status.text_content().startswith("Epoch 0")
    assert page.locator(".lw-units canvas").count() == 2
    # The context asks for reduced motion: training shows its result at once.
    page.get_by_role("button", name="Train").click()
    assert status.text_content().startswith("Epoch 100")
    assert visit.errors == []


def test_playground_runs_and_pauses_where_motion_is_welcome(show, browser):
    url = show(widget("network_playground")).page.url
    context = browser.new_context(reduced_motion="no-preference")
    page = context.new_page()
    page.goto(url)
    page.get_by_role("button", name="Train").click()
    page.wait_for_function(
        "() => +document.querySelector('[role=status]').textContent.match(/Epoch (\\d+)/)[1] > 2"
    )
    page.get_by_role("button", name="Pause").click()
    stopped = page.get_by_role("status").text_content()
    page.wait_for_timeout(200)
    assert page.get_by_role("status").text_content() == stopped
    context.close()


def test_microscope_moves_one_value_and_all_outputs(show):
    visit = show(widget("batch_norm_microscope", values=[-1.0, 0.0, 1.0], batch_size=3))
    page = visit.page
    page.wait_for_selector("[data-output]", state="attached")

    def outputs():
        page.wait_for_timeout(60)  # the next frame
        found = page.locator("[data-output]").all()
        return [float(dot.get_attribute("data-output")) for dot in found]

    before = outputs()
    assert before == pytest.approx([-1.2247, 0, 1.2247], abs=1e-3)
    drag(page, page.locator(".lw-handle").nth(2), 120, 0)
    after = outputs()
    assert all(abs(a - b) > 0.05 for a, b in zip(before, after, strict=True))
    page.get_by_role("button", name="Remember this batch").click()
    assert "running, after 1 batch" in page.locator("table").text_content()
    page.get_by_label("training").uncheck()
    before = outputs()
    page.locator(".lw-handle").nth(0).press("ArrowRight")
    after = outputs()
    assert after[0] > before[0]
    assert after[1:] == before[1:]
    page.get_by_label("batch size").press("End")
    page.wait_for_function("() => document.querySelectorAll('.lw-handle').length === 16")
    assert visit.errors == []


def test_who_averages_works_by_keyboard_and_by_click(show):
    visit = show(widget("who_averages"))
    page = visit.page
    page.wait_for_selector("[data-at]", state="attached")

    def shared():
        page.wait_for_timeout(60)  # the next frame
        return page.locator('[data-shared="true"]').count()

    assert shared() == 12
    page.get_by_label("normalization").select_option("instance norm")
    assert shared() == 3
    page.get_by_label("places").press("Home")
    assert shared() == 1
    assert "alone loses all it says" in page.get_by_role("status").text_content()
    page.locator('[data-at="2,3,0"]').click()
    assert page.get_by_role("status").text_content().startswith("Sample 3, channel 4, place 1:")
    page.get_by_label("normalization").select_option("batch norm")
    assert shared() == 4
    assert visit.errors == []


def test_a_step_on_a_slice_tells_what_was_sure(show):
    visit = show(widget("loss_slice"))
    page = ready(visit)
    status, rate = page.get_by_role("status"), page.get_by_label("rate η")
    page.wait_for_selector("[data-step]", state="attached")
    assert "the loss was sure to fall" in status.text_content()
    rate.press("ArrowRight")  # 0.2 is below 2/K, too
    assert "the loss was sure to fall" in status.text_content()
    rate.press("ArrowRight")
    assert "is not below 2/K = 0.224: nothing is promised. The loss falls" in status.text_content()
    page.get_by_label("smoothness up to").press("Home")
    assert "leaves the shaded part" in status.text_content()
    page.get_by_label("loss", exact=True).select_option("one ReLU")
    for _ in range(2):
        page.locator(".lw-handle").press("Shift+ArrowLeft")
    assert status.text_content() == "The slope is 0: gradient descent stays here."
    page.get_by_role("slider", name="steps").press("End")
    page.wait_for_timeout(60)  # the next frame
    assert page.locator("[data-step]").count() == 20
    assert visit.errors == []


def test_radius_and_strength_of_a_norm_ball_move_together(show):
    visit = show(widget("norm_balls"))
    page = ready(visit)
    status, solution = page.get_by_role("status"), page.locator("[data-solution]")
    radius, strength = page.get_by_label("radius"), page.get_by_label("strength")

    def point():
        page.wait_for_timeout(60)  # the next frame
        return [float(v) for v in solution.get_attribute("data-solution").split()]

    def value(name):
        return page.evaluate(f"document.querySelector('lecture-widget').model.get('{name}')")

    page.wait_for_selector("[data-solution]", state="attached")
    assert point() == [1, 0]
    assert "one weight is exactly 0" in status.text_content()
    before = value("strength")
    for _ in range(5):
        radius.press("ArrowRight")
    assert value("radius") == pytest.approx(1.5)
    assert 0 < value("strength") < before
    assert min(point()) > 0
    strength.press("End")
    assert value("radius") == 0
    assert "both weights are exactly 0" in status.text_content()
    page.get_by_label("norm", exact=True).select_option("L2")
    strength.press("Home")
    assert value("radius") == pytest.approx(3.2**0.5, abs=1e-4)  # the minimum is (1.6, 0.8)
    assert "idle" in status.text_content()
    page.locator(".lw-handle").press("Shift+ArrowRight")
    assert value("minimum") == pytest.approx([2.1, 0.8])
    assert value("strength") > 0
    assert visit.errors == []


def test_widget_without_javascript_says_what_it_is(show):
    visit = show(widget("optimizer_paths"), javascript=False)
    assert visit.page.get_by_text("Paths of SGD, momentum").is_visible()


def test_two_widgets_of_a_kind_are_independent(show):
    visit = show(widget("activation_zoo"), widget("activation_zoo", activation="relu"))
    page = ready(visit, 2)
    page.wait_for_function("() => document.querySelectorAll('[data-ready]').length === 2")
    page.get_by_label("activation", exact=True).first.select_option("tanh")
    texts = page.get_by_role("status").all_text_contents()
    assert "the tanh" in texts[0]
    assert "the relu" in texts[1]
    assert visit.errors == []


# --- the gallery of the built site ---------------------------------------------------------------


def test_gallery_moves_on_the_built_page(open_page):
    visit = open_page("book/gallery.html")
    page = visit.page
    for figure in page.locator("lecture-explore").all():
        before = picture(figure.locator("[data-view]").first)
        slider = figure.locator("input[type=range]").first
        slider.press("End")
        assert not same(picture(figure.locator("[data-view]").first), before)
    assert page.locator("lecture-explore").count() == 3
    assert page.locator("lecture-widget[data-ready]").count() == 7
    assert visit.errors == visit.foreign == []


# --- Colab's dark page ---------------------------------------------------------------------------

COLAB = (
    "<style>html[theme=dark]{background:#383838;color:#d5d5d5}"
    # What an html-manager sets, which knows no theme.
    ":root{--jp-content-font-color1:#212121}</style>"
)


def styles(visit, selector: str, *names: str) -> set[tuple[str, ...]]:
    code = (
        "([selector, names]) => [...document.querySelectorAll(selector)]"
        ".map(e => names.map(name => getComputedStyle(e)[name]))"
    )
    return {tuple(values) for values in visit.page.evaluate(code, [selector, list(names)])}


@pytest.mark.parametrize(
    ("theme", "accent", "scheme", "text"),
    [
        ("dark", "rgb(86, 180, 233)", "dark", "rgb(213, 213, 213)"),
        ("light", "rgb(0, 114, 178)", "normal", "rgb(33, 33, 33)"),
    ],
)
def test_colours_follow_the_theme_that_colab_writes(show, theme, accent, scheme, text):
    head = HEAD.replace("<html", f'<html theme="{theme}"')
    quiz = exercises.quiz("backprop-order")._repr_html_()
    visit = show(COLAB, example(), widget("activation_zoo"), quiz, head=head)
    visit.page.wait_for_selector(".lw svg")
    inputs = ".lx-controls input, .lw-controls input"
    assert styles(visit, inputs, "accentColor", "colorScheme") == {(accent, scheme)}
    assert styles(visit, ".lecturelib-quiz input", "colorScheme") == {(scheme,)}
    assert styles(visit, ".lw", "color") == {(text,)}
