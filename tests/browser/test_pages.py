"""Every page, as every kind of reader meets it: wide, narrow, light, dark, without JavaScript."""

from __future__ import annotations

import gzip
import posixpath
import re
import shutil
from pathlib import Path
from urllib.parse import unquote, urlparse

import nbformat
import pytest

from book._ext import plain_names
from lecturelib.contents import CHAPTERS
from lecturelib.exercises import list_quizzes
from tests.browser.conftest import lacking, read, run_axe, site_pages
from tests.browser.quizzes import (
    answered_quizzes_fit,
    quiz_is_answered_by_keyboard,
    quizzes_reply_to_the_choice_alone,
)
from tools.course import ROOT, colab_url, edition, notebooks
from tools.serve import SITE

WIDTHS = {"desktop": 1280, "phone": 390}
# The contrast takes axe most of its time: it looks at it on one page of each kind, in both modes.
# `PALE` and `PLAIN_LINKS` look at colours on every page, wide and narrow, in light and dark.
COLOURS = {"runOnly": ["color-contrast", "link-in-text-block"]}
FORM = {"rules": {name: {"enabled": False} for name in COLOURS["runOnly"]}}
COLOURED = (
    "book/index.html",
    "book/parameter_sharing.html",
    "book/solutions/backprop.html",
    "book/errata.html",
    "book/gallery.html",
    "book/glossary.html",
    "book/api/measuring.html",
)
PALE = """() => {
    const parts = colour => (colour.match(/[\\d.]+/g) ?? [0, 0, 0, 0]).map(Number);
    const over = ([r, g, b, a = 1], under) => [r, g, b].map((v, i) => a * v + (1 - a) * under[i]);
    const light = rgb => rgb.map(v => v / 255)
        .map(v => v <= 0.04045 ? v / 12.92 : ((v + 0.055) / 1.055) ** 2.4)
        .reduce((sum, v, i) => sum + v * [0.2126, 0.7152, 0.0722][i], 0);
    const grounds = new Map();
    const ground = box => {
        if (!box) return [255, 255, 255];
        if (!grounds.has(box)) {
            const own = parts(getComputedStyle(box).backgroundColor);
            const solid = own.length < 4 || own[3] === 1;
            grounds.set(box, solid ? own.slice(0, 3) : over(own, ground(box.parentElement)));
        }
        return grounds.get(box);
    };
    const found = [];
    const walker = document.createTreeWalker(document.body, NodeFilter.SHOW_TEXT);
    const seen = new Set();
    while (walker.nextNode()) {
        const box = walker.currentNode.parentElement;
        if (seen.has(box) || !walker.currentNode.textContent.trim()) continue;
        seen.add(box);
        if (box.closest('svg, script, style, noscript, [disabled], [aria-disabled=true]')) continue;
        if (!box.checkVisibility({opacityProperty: true, visibilityProperty: true})) continue;
        const {width, height} = box.getBoundingClientRect();
        if (width < 2 || height < 2) continue;
        const look = getComputedStyle(box), paper = ground(box);
        const ink = over(parts(look.color), paper), size = parseFloat(look.fontSize);
        const [a, b] = [light(ink), light(paper)].sort((x, y) => y - x);
        const large = size >= 24 || (size >= 18.66 && Number(look.fontWeight) >= 700);
        const ratio = (a + 0.05) / (b + 0.05);
        if (ratio < (large ? 3 : 4.5) - 0.01)
            found.push(`${ratio.toFixed(2)}: ${box.outerHTML.slice(0, 120)}`);
    }
    return found;
}"""
# Links inside a text that nothing but their colour tells from it.
PLAIN_LINKS = """() => {
    const own = box => [...box.childNodes].some(
        node => node.nodeType === Node.TEXT_NODE && node.textContent.trim());
    const marked = link => {
        const look = getComputedStyle(link);
        return look.textDecorationLine.includes('underline') || parseFloat(look.borderBottomWidth)
            || look.display !== 'inline';
    };
    return [...document.querySelectorAll('.bd-article :is(p, li, dd, td, figcaption) a[href]')]
        .filter(link => link.checkVisibility() && link.textContent.trim() && !marked(link))
        .filter(link => own(link.closest('p, li, dd, td, figcaption')))
        .map(link => link.outerHTML.slice(0, 120));
}"""
BUDGETS = {"figures": 900_000, "text": 350_000}  # bytes of a first visit, by kind of page
# Formulas that are too wide and can't be scrolled by keyboard, and those that needn't be and can.
FORMULAS = """() => {
    const width = element => element?.getBoundingClientRect().width ?? 0;
    const boxes = [...document.querySelectorAll('div.math > mjx-container, span.math')]
        .filter(box => box.checkVisibility());
    const wide = box => width(box.querySelector('mjx-math')) - width(box);
    const scrolls = box => getComputedStyle(box).overflowX === 'auto' && box.tabIndex === 0;
    const name = box => (box.dataset.tex ?? box.parentElement.dataset.tex);
    return {
        clipped: boxes.filter(box => wide(box) > 2 && !scrolls(box)).map(name),
        needless: boxes.filter(box => wide(box) < 0.5 && box.tabIndex === 0).map(name),
        inline: boxes.filter(box => box.localName === 'span' && box.tabIndex === 0).map(name),
        buttons: document.querySelectorAll('.tex-button[tabindex="0"]').length,
        alone: document.querySelectorAll('.bd-article div.math[data-tex]').length,
        untypeset: [...document.querySelectorAll('.math')]
            .filter(box => !box.querySelector('math')).map(box => box.textContent),
        parted: [...document.querySelectorAll('.held')]
            .filter(box => box.checkVisibility() && box.getClientRects().length > 1)
            .map(box => box.textContent),
    };
}"""
INK_AND_PAPER = """() => {
    let box = document.querySelector('.bd-article, main');
    const ink = getComputedStyle(box).color;
    const clear = element => getComputedStyle(element).backgroundColor === 'rgba(0, 0, 0, 0)';
    while (box && clear(box)) box = box.parentElement;
    return [ink, box ? getComputedStyle(box).backgroundColor : 'rgb(255, 255, 255)'];
}"""
BROKEN_PICTURES = """() => [...document.querySelectorAll('.bd-article img')]
    .filter(image => image.complete && image.naturalWidth === 0).map(image => image.src)"""


# --- one visit a page and device ----------------------------------------------------------------


@pytest.mark.parametrize("device", WIDTHS)
def test_page(open_page, site_page, device, record_property):
    """Opened once: its weight taken, the quizzes answered, looked at in light and dark."""
    visit = open_page(site_page, width=WIDTHS[device])
    if device == "desktop":
        record_property("weight", weight(visit))
        assert visit.foreign == []
        assert weight(visit) < BUDGETS[kind(site_page)]
        # The build cuts down the theme's icon fonts and, with Node, typesets the formulas.
        assert not [url for url in visit.requests if ".woff2" in url]
        if shutil.which("node"):
            assert not [url for url in visit.requests if "tex-chtml" in url]
    chapter = chapter_of(site_page)
    if list_quizzes(chapter):
        if device == "desktop":
            quiz_is_answered_by_keyboard(visit.page, list_quizzes(chapter)[0])
            quizzes_reply_to_the_choice_alone(visit.page, chapter)
        answered_quizzes_fit(visit.page, chapter, WIDTHS[device])
    for scheme in ("dark", "light"):
        visit.page.emulate_media(color_scheme=scheme)
        visit.page.wait_for_function(
            "scheme => document.documentElement.dataset.theme === scheme", arg=scheme
        )
        assert visit.page.evaluate(PALE) == [], scheme
        assert visit.page.evaluate(PLAIN_LINKS) == [], scheme
        assert visit.overflow() <= 0, scheme
        if device == "desktop" and site_page in COLOURED:
            assert visit.axe(**COLOURS) == [], scheme
        if visit.page.locator(".only-dark:visible").count():
            assert run_axe(visit.page, within=".only-dark") == []
    formulas_can_be_read(visit.page, device)
    assert visit.page.evaluate(BROKEN_PICTURES) == []
    visit.drop_bare_marks()
    assert visit.axe(**FORM) == []
    assert visit.errors == []
    assert visit.foreign == []


def kind(page: str) -> str:
    """Whether a page shows figures, as chapters and their gallery do, or is text."""
    return "figures" if chapter_of(page) in {*CHAPTERS, "gallery"} else "text"


def formulas_can_be_read(page, device):
    """None is cut off or a tab stop for nothing; one button of all that copy TeX is a tab stop."""
    found = page.evaluate(FORMULAS)
    assert found["clipped"] == []
    assert found["needless"] == []
    assert found["untypeset"] == []
    assert found["parted"] == []
    assert found["buttons"] == min(1, found["alone"])
    if device == "desktop":
        assert found["inline"] == []


def test_a_text_too_pale_for_its_ground_is_found_in_the_dark(contexts):
    page = contexts("dark", 1280, True).new_page()
    page.set_content("<main style='background: #111'><p style='color: #333'>pale</p></main>")
    (found,) = run_axe(page, **COLOURS)
    assert found.startswith("color-contrast: ")
    page.close()


@pytest.mark.parametrize(
    ("text", "found"),
    [
        ("<p style='color: #333'>pale</p>", 1),
        ("<p style='color: #ddd'>clear</p>", 0),
        ("<p style='color: rgba(255, 255, 255, .3)'>half</p>", 1),
        ("<p style='color: #777; font-size: 30px'>large</p>", 0),
        ("<div style='background: #fffc'><p style='color: #000'>clear</p></div>", 0),
        ("<div style='background: #fff2'><p style='color: #000'>pale</p></div>", 1),
        ("<p style='color: #333; visibility: hidden'>not there</p>", 0),
    ],
)
def test_pale_text_is_found_without_axe_as_with_it(contexts, text, found):
    page = contexts("dark", 390, True).new_page()
    page.set_content(f"<body style='background: #111'><main>{text}</main></body>")
    assert len(page.evaluate(PALE)) == found
    assert len(run_axe(page, **COLOURS)) == found
    page.close()


def test_a_short_name_is_read_by_tap_by_tab_and_on_paper(contexts):
    page = contexts("light", 390, False).new_page()
    css = (ROOT / "book" / "_static" / "course.css").read_text(encoding="utf-8")
    body = plain_names.explained("<p>As NT says, NT.</p>")
    page.set_content(f"<style>{css}</style><main class='bd-article'>{body}</main>")
    said = "name => getComputedStyle(name, '::after').content"

    def shown():
        return [name.evaluate(said) for name in page.locator("abbr").all()]

    title = '" (Normalization Techniques)"'
    assert shown() == ["none", "none"]
    page.keyboard.press("Tab")
    assert shown() == [title, "none"]
    page.locator("abbr").nth(1).click()
    assert shown() == ["none", title]
    page.locator("abbr").nth(1).evaluate("name => name.blur()")
    page.emulate_media(media="print")
    assert shown() == [title, "none"]
    page.close()


def test_page_without_javascript(open_page, site_page):
    """Opened once: without scripts a page is the same when its window is made narrow."""
    visit = open_page(site_page, width=WIDTHS["desktop"], javascript=False)
    pictures_have_alternative_text(visit.page)
    if list_quizzes(chapter_of(site_page)):
        quizzes_reply_to_the_choice_alone(visit.page, chapter_of(site_page))
        students_notebook_can_be_downloaded(visit.page)
    path = ROOT / Path(site_page).with_suffix(".ipynb")
    if path in notebooks():
        notebook_can_be_downloaded_and_opened_in_colab(visit.page, path)
    for width in WIDTHS.values():
        visit.page.set_viewport_size({"width": width, "height": 900})
        assert visit.overflow() <= 0, width
        heading = visit.page.locator("article h1, .bd-article h1").first
        assert heading.is_visible(), width
        # The text is painted, and in a colour that differs clearly from the paper.
        ink, paper = (
            [int(part) for part in re.findall(r"\d+", colour)[:3]]
            for colour in visit.page.evaluate(INK_AND_PAPER)
        )
        assert abs(sum(ink) - sum(paper)) > 3 * 120, width
    visit.page.wait_for_load_state("networkidle")  # a narrow window may ask for other pictures
    assert visit.foreign == []


def chapter_of(page: str) -> str:
    """The slug of a chapter's own page; else a name that no chapter has."""
    return Path(page).stem if Path(page).parent == Path("book") else ""


def pictures_have_alternative_text(page):
    pictures = page.locator(".bd-article img").evaluate_all(
        "images => images.map(image => [image.getAttribute('src'), image.alt])"
    )
    assert [source for source, text in pictures if len(text.split()) < 3] == []


def notebook_can_be_downloaded_and_opened_in_colab(page, path):
    colab = page.locator(".article-header-buttons a", has_text="Colab")
    assert colab.get_attribute("href") == colab_url(edition(path).relative_to(ROOT).as_posix())
    download = page.locator("a.btn-download-source-button").first
    answer = page.request.get(download.evaluate("a => a.href"))
    assert answer.ok
    # What is downloaded is the notebook itself, byte for byte.
    assert answer.body() == path.read_bytes()


def students_notebook_can_be_downloaded(page):
    link = page.locator("main a.download[href$='.ipynb']").first
    text = page.request.get(link.evaluate("a => a.href")).text()
    notebook = nbformat.reads(text, as_version=4)
    assert [cell.id for cell in notebook.cells][:2] == ["title", "colab-badge"]


def test_page_opens_dark_for_who_prefers_it(open_page):
    visit = open_page("book/index.html", scheme="dark")
    background = visit.page.evaluate("() => getComputedStyle(document.body).backgroundColor")
    assert all(int(part) < 60 for part in re.findall(r"\d+", background)[:3])
    assert visit.errors == []


# --- what a reader does -------------------------------------------------------------------------


def test_a_formula_is_copied_as_tex_by_a_button_and_in_a_selection(open_page):
    page = open_page("book/backprop.html").page
    page.context.grant_permissions(["clipboard-read", "clipboard-write"])
    pasted = "() => navigator.clipboard.readText()"
    formulas = page.locator(".bd-article div.math[data-tex]")
    formulas.first.locator(".tex-button").focus()
    page.keyboard.press("ArrowDown")
    page.keyboard.press("Enter")
    page.locator(".tex-button", has_text="copied").wait_for()
    assert page.evaluate(pasted) == formulas.nth(1).get_attribute("data-tex")
    paragraph = page.locator(".bd-article p:has(> span.math)").first
    tex = paragraph.locator("span.math").first.get_attribute("data-tex")
    paragraph.evaluate(
        """box => {
            getSelection().selectAllChildren(box);
            document.execCommand('copy');
        }"""
    )
    assert f"${tex}$" in page.evaluate(pasted)
    assert page.locator(".formulas-copied").count() == 0


def test_a_formula_that_becomes_too_wide_later_scrolls_by_keyboard(open_page):
    page = open_page("book/backprop.html").page
    box = page.locator("div.math > mjx-container").first
    assert box.get_attribute("tabindex") is None
    box.locator("mjx-math").evaluate("formula => formula.style.width = '3000px'")
    page.wait_for_function("box => box.tabIndex === 0", arg=box.element_handle())
    box.locator("mjx-math").evaluate("formula => formula.style.width = ''")
    page.wait_for_function("box => !box.hasAttribute('tabindex')", arg=box.element_handle())


def test_reader_can_switch_the_colour_mode(open_page):
    visit = open_page("book/notation.html")
    button = visit.page.locator("button.theme-switch-button:visible")
    seen = set()
    for _ in range(3):
        button.click()
        seen.add(visit.page.evaluate("() => document.documentElement.dataset.theme"))
    assert seen == {"light", "dark"}
    visit.page.evaluate("() => localStorage.clear()")


def test_reader_can_switch_the_code_and_print_what_is_folded(open_page):
    """One page, with a fold, a cell that shows its code, and pictures for both modes."""
    visit = open_page("book/backprop.html")
    page = visit.page
    switch = page.get_by_label("Code to show")
    fold, code = page.locator("details.fold"), page.locator("div.cell > div.cell_input")
    assert fold.count() > 1
    assert fold.first.get_attribute("open") is None
    assert code.first.is_visible()
    switch.select_option("all")
    assert page.locator("details.fold:not([open])").count() == 0
    switch.select_option("none")
    assert not code.first.is_visible()
    assert not fold.first.is_visible()
    page.reload()
    assert switch.input_value() == "none"
    assert not code.first.is_visible()
    switch.select_option("main")
    assert page.locator("details.fold[open]").count() == 0
    clipped = """() => [...document.querySelectorAll('.bd-article pre')].filter(box =>
        box.checkVisibility() && box.scrollWidth > box.clientWidth + 1).length"""
    assert page.evaluate(clipped) == 0
    page.emulate_media(media="print")
    page.evaluate("() => dispatchEvent(new Event('beforeprint'))")
    assert page.locator(".bd-article details:not([open])").count() == 0
    assert page.locator(".bd-article h1").first.is_visible()
    assert page.locator("#jb-print-docs-body:visible").count() == 0
    assert page.locator(".lq-reply:not(:visible)").count() == 0
    controls = ".lx-controls, .lw-controls, .lq-choice input, .code-switch, button.copybtn"
    assert page.locator(controls).locator("visible=true").count() == 0
    assert page.locator(".book-figure.on-dark:visible").count() == 0
    page.evaluate("() => dispatchEvent(new Event('afterprint'))")
    page.emulate_media(media="screen")
    assert page.locator("details.fold[open]").count() == 0
    page.evaluate("() => localStorage.clear()")
    assert visit.errors == []


def test_menu_of_the_phone_opens(open_page):
    visit = open_page("book/index.html", width=WIDTHS["phone"])
    visit.page.locator("button.primary-toggle:visible").first.click()
    link = visit.page.locator("#pst-primary-sidebar-modal a", has_text="Notation").first
    link.wait_for(state="visible")
    assert visit.axe() == []
    link.click()
    visit.page.wait_for_url("**/book/notation.html")


def test_pages_are_chained_in_the_order_of_the_contents(open_page):
    order = ["book/index.html"]
    while following := neighbour(order[-1], "right-next"):
        assert neighbour(following, "left-prev") == order[-1]
        order.append(following)
        assert len(order) < 100
    chained = [page for page in site_pages() if page.startswith("book/")]
    assert sorted(order) == sorted(page for page in chained if "/solutions/" not in page)
    visit = open_page(order[0], javascript=False)
    visit.page.locator(".prev-next-area a.right-next").click()
    assert urlparse(visit.page.url).path == f"/{order[1]}"


def neighbour(page: str, side: str) -> str | None:
    """The page that the link to the next or the previous one leads to; None without a link."""
    found = re.search(rf'<a\s+class="{side}"\s+href="([^"]+)"', read(page))
    return posixpath.normpath(posixpath.join(posixpath.dirname(page), found[1])) if found else None


def test_missing_page_is_answered_by_the_site(open_page):
    visit = open_page("book/no/such/page.html", javascript=False)
    assert visit.page.locator("article h1").is_visible()
    visit.page.locator("a.navbar-brand").first.click()
    assert visit.page.url.endswith("/course/book/index.html")
    assert visit.page.locator("article h1", has_text="Deep Networks, Tested").is_visible()


@pytest.mark.parametrize("javascript", [True, False])
def test_root_leads_to_the_book(site, contexts, javascript):
    page = contexts("light", 1280, javascript).new_page()
    page.goto(site)
    page.wait_for_url("**/book/index.html")
    page.close()


# --- the files ----------------------------------------------------------------------------------


def test_links_within_the_site_lead_somewhere():
    """Every link and source of every page: the file is there, and so is the place in it."""
    if not site_pages():
        lacking("the browser tests need the built site: run `make book` first")
    anchors = {page: set(re.findall(r'\bid="([^"]+)"', read(page))) for page in site_pages()}
    broken, checked = [], 0
    for page in site_pages():
        for target in re.findall(r'\b(?:href|src)="([^"]+)"', read(page)):
            link = urlparse(target.replace("&amp;", "&"))
            if link.scheme or link.netloc or target.startswith("data:"):
                continue
            path = unquote(link.path)
            if page == "404.html":
                path = path.removeprefix("/course")
            where = (SITE / page).parent if not path.startswith("/") else SITE
            file = (where / path.lstrip("/")).resolve() if path else SITE / page
            checked += 1
            if not file.is_file():
                broken.append(f"{page}: {target}")
                continue
            name = file.relative_to(SITE.resolve()).as_posix() if path else page
            if name in anchors and unquote(link.fragment) not in anchors[name] | {"", "top"}:
                broken.append(f"{page}: {target}")
    assert broken == []
    assert checked > 100


def weight(visit) -> int:
    """Bytes that a first visit transfers, gzipped where that helps."""
    paths = {urlparse(url).path.lstrip("/") for url in visit.requests}
    return sum(len(compressed(SITE / unquote(path))) for path in paths)


def compressed(path: Path) -> bytes:
    """A file as a static host sends it."""
    content = path.read_bytes() if path.is_file() else b""
    packed = path.suffix in {".woff", ".woff2", ".png", ".jpg"}
    return content if packed else gzip.compress(content)
