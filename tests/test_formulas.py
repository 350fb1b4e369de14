"""Formulas as the build typesets them: the TeX that is found, MathJax in Node, what a page gets."""

from __future__ import annotations

import io
import json
import re
import shutil

import pytest

pytest.importorskip("sphinx")

from docutils import nodes
from docutils.utils import new_document
from fontTools.ttLib import TTFont
from sphinx.application import Sphinx
from sphinx.util.docutils import docutils_namespace

from book._ext import formulas, icons, mathjax
from book._ext.font_subsets import subset
from book._ext.mathjax import Formula
from tools.course import config

CONFIG = config()["sphinx"]["config"]["mathjax3_config"]
INLINE = Formula(r"x_i^2", display=False)
DISPLAY = Formula(r"\mathbb{E}\left[\frac{a}{b}\right] = \boldsymbol{\theta}", display=True)
WRONG = Formula(r"\frac{a", display=False)
UNKNOWN = Formula(r"\nonsense x", display=False)

needs_node = pytest.mark.skipif(mathjax.node() is None, reason="install Node (Debian: nodejs)")


# --- what is found in a document -----------------------------------------------------------------


@pytest.mark.parametrize(
    ("node", "formula"),
    [
        (nodes.math("", " x "), Formula("x", False)),
        (nodes.math_block("", "x\n"), Formula("x", True)),
        (nodes.math_block("", r"x \\ y"), Formula(r"\begin{split}x \\ y\end{split}", True)),
        (
            nodes.math_block("", "x\n\ny"),
            Formula(r"\begin{aligned}x\\y\end{aligned}", True),
        ),
        (
            nodes.math_block("", r"\begin{align} x \\ y \end{align}", nowrap=True),
            Formula(r"\begin{align} x \\ y \end{align}", True),
        ),
    ],
)
def test_the_tex_of_a_node_is_what_sphinx_gives_to_mathjax(node, formula):
    assert formulas.formula_of(node) == formula


@pytest.mark.parametrize(
    ("before", "after", "held"),
    [
        ("so (", "), and", "($x$),"),
        ("the ", "-dimensional", "$x$-"),
        ("the ", "th unit", "$x$th"),
        ("“", "”.", "“$x$”."),
        ("the ", "then", None),
        ("the ", " (that", None),
        ("", "", None),
    ],
)
def test_punctuation_is_held_beside_a_formula_and_nothing_else(before, after, held):
    paragraph = nodes.paragraph("", "", nodes.Text(before), nodes.math("", "x"), nodes.Text(after))
    document = new_document("page")
    document += paragraph
    (formula,) = document.findall(nodes.math)
    formulas.hold(formula)
    assert paragraph.astext() == f"{before}x{after}"
    found = [node.astext() for node in paragraph.findall(nodes.inline)]
    assert found == ([held.replace("$", "")] if held else [])


# --- MathJax in Node -----------------------------------------------------------------------------


@pytest.fixture(scope="module")
def typeset(tmp_path_factory):
    """Four formulas, typeset with the configuration of the book."""
    if mathjax.node() is None:
        pytest.skip("install Node (Debian: nodejs)")
    cache = tmp_path_factory.mktemp("cache")
    wanted = [INLINE, DISPLAY, WRONG, UNKNOWN]
    done = mathjax.typeset(wanted, config=CONFIG, cache=cache, program=mathjax.node())
    return done, cache


def test_a_formula_has_its_look_and_its_mathml(typeset):
    html = typeset[0].html[INLINE]
    assert html.startswith("<mjx-container")
    assert "font-size: 108%" in html  # the scale of the configuration
    assert mathjax.mathml(html) == (
        '<math xmlns="http://www.w3.org/1998/Math/MathML">'
        "<msubsup><mi>x</mi><mi>i</mi><mn>2</mn></msubsup></math>"
    )
    assert 'display="true"' in typeset[0].html[DISPLAY]


@needs_node
def test_macros_of_the_configuration_are_known(tmp_path):
    own = CONFIG | {"tex": {"macros": {"nonsense": "y"}}}
    done = mathjax.typeset([UNKNOWN], config=own, cache=tmp_path, program=mathjax.node())
    assert done.faults() == {}


def test_what_mathjax_cannot_typeset_is_a_fault(typeset):
    assert typeset[0].faults() == {
        WRONG: "Missing close brace",
        UNKNOWN: r"the command \nonsense is unknown",
    }


def test_what_was_typeset_costs_nothing_again(typeset, monkeypatch):
    done, cache = typeset
    monkeypatch.setattr(mathjax, "run", lambda *args: pytest.fail("Node was started"))
    again = mathjax.typeset([DISPLAY, INLINE], config=CONFIG, cache=cache, program="")
    assert again.html == {f: done.html[f] for f in (DISPLAY, INLINE)}
    assert again.css == done.css


@needs_node
def test_another_configuration_is_typeset_anew():
    assert mathjax.version(CONFIG) != mathjax.version(CONFIG | {"chtml": {"scale": 2}})


@needs_node
def test_a_mathjax_that_stops_says_why(monkeypatch, tmp_path):
    monkeypatch.setattr(mathjax, "FOLDER", tmp_path)
    with pytest.raises(RuntimeError, match=r"MathJax in .*node stopped: .*tex-chtml\.js"):
        mathjax.run([INLINE], CONFIG, mathjax.node())


# --- the style sheet and the fonts ---------------------------------------------------------------


def test_the_style_sheet_has_the_rules_and_glyphs_that_are_used(typeset, tmp_path):
    done = mathjax.Typeset({f: typeset[0].html[f] for f in (INLINE, DISPLAY)}, typeset[0].css)
    mathjax.stylesheet(done, tmp_path)
    css = (tmp_path / "formulas.css").read_text(encoding="utf-8")
    classes = {
        frozenset(names.split())
        for html in done.html.values()
        for names in re.findall(r'<mjx-c class="([^"]*)"', html)
    }
    for names in classes - {frozenset({"mjx-c"})}:
        name = next(n for n in names if n.startswith("mjx-c"))
        font = "".join(f".{n}" for n in names if n.startswith("TEX"))
        assert f"mjx-c.{name}{font}::before" in css
    assert "mjx-c1D466" not in css  # y
    assert len(css) < len(done.css) / 10
    fonts = {path.name for path in (tmp_path / "formulas").iterdir()}
    assert fonts == set(re.findall(r"formulas/([\w-]+\.woff)", css))
    assert {"MathJax_Math-Italic.woff", "MathJax_AMS-Regular.woff"} <= fonts
    assert "MathJax_Fraktur-Regular.woff" not in fonts
    shown = TTFont(tmp_path / "formulas" / "MathJax_Math-Italic.woff").getBestCmap()
    assert {ord("x"), ord("i"), ord("a"), ord("b")} <= set(shown)
    assert ord("y") not in shown


def test_a_cut_font_has_the_wanted_glyphs_as_they_were():
    from fontTools.pens.recordingPen import RecordingPen

    path = mathjax.FONTS / "MathJax_Main-Regular.woff"
    content = subset(path, [ord("x"), 0x10FFFF])
    assert len(content) < path.stat().st_size / 10
    drawings = []
    for font in (TTFont(path), TTFont(io.BytesIO(content))):
        glyphs, pen = font.getGlyphSet(), RecordingPen()
        glyphs[font.getBestCmap()[ord("x")]].draw(pen)
        drawings.append((pen.value, font["hmtx"][font.getBestCmap()[ord("x")]][0]))
    assert drawings[0] == drawings[1]
    assert subset(path, [ord("x")]) == content


# --- pages ---------------------------------------------------------------------------------------

PAGE = r"""# Title $\alpha$

```{toctree}
```

A formula ($x_i^2$), and again.

$$ y = x $$ (eq-label)

By {eq}`eq-label`, a row:

\begin{align} a &= b \\ &= c \end{align}
"""


def build(folder, page=PAGE, builder="html"):
    """Build one page with this extension alone; return its HTML and what Sphinx warned of."""
    (folder / "index.md").write_text(page, encoding="utf-8")
    warnings = io.StringIO()
    options = {
        "extensions": ["myst_parser", "book._ext.formulas"],
        # Said here, as Sphinx notes what extensions add in a table that later books share.
        "source_suffix": {".md": "markdown"},
        "myst_enable_extensions": ["dollarmath", "amsmath"],
        "html_theme": "basic",
        "mathjax3_config": json.loads(json.dumps(CONFIG)),
        "exclude_patterns": ["out", "trees"],
    }
    with docutils_namespace():
        app = Sphinx(
            str(folder),
            None,
            str(folder / "out"),
            str(folder / "trees"),
            builder,
            options,
            status=None,
            warning=warnings,
        )
        app.build()
    name = "index.xhtml" if builder == "epub" else "index.html"
    return (folder / "out" / name).read_text(encoding="utf-8"), warnings.getvalue()


@needs_node
def test_a_page_has_its_formulas_typeset_and_no_mathjax(tmp_path, capfd):
    html, warnings = build(tmp_path)
    assert warnings == ""
    assert "tex-chtml" not in html
    assert r"\(" not in html
    assert html.count("<mjx-container") >= 4
    assert re.search(r'<span class="held">\(<span class="math[^>]* data-tex="x_i\^2">', html)
    number = re.search(r'<div class="math[^>]* id="equation-eq-label">\s*<span class="eqno">', html)
    assert number
    assert re.search(r'href="#equation-eq-label"', html)
    assert (tmp_path / "out" / "_static" / "formulas.css").stat().st_size > 1000
    for font in re.findall(r'<link rel="preload" href="([^"]*)" as="font"', html):
        assert (tmp_path / "out" / font).is_file()
    assert "formulas.css?v=" in html
    assert "Node is missing" not in capfd.readouterr().err


@needs_node
def test_a_wrong_formula_is_a_warning_at_its_line(tmp_path):
    _, warnings = build(tmp_path, "# Title\n\ntext\n\n$\\frac{a$\n")
    assert re.search(
        r"index\.md:5: WARNING: MathJax cannot typeset .*Missing close brace", warnings
    )


@needs_node
def test_an_e_book_has_mathml(tmp_path):
    html, _ = build(tmp_path, builder="epub")
    assert "<mjx-container" not in html
    assert html.count("<math ") >= 4


def test_without_node_the_browser_typesets_and_one_line_says_so(tmp_path, monkeypatch, capfd):
    monkeypatch.setattr(shutil, "which", lambda name: None)
    html, warnings = build(tmp_path)
    assert warnings == ""
    assert capfd.readouterr().err.count("Node is missing") == 1
    assert r"\(x_i^2\)" in html
    assert "mathjax" in html
    assert "<mjx-container" not in html


# --- icons ---------------------------------------------------------------------------------------


def test_icons_of_pages_and_scripts_are_kept_and_no_others(tmp_path):
    (tmp_path / "page.html").write_text('<i class="fa-solid fa-moon"></i>')
    (tmp_path / "script.js").write_text('icon.className = "fa-xmark"')
    (tmp_path / "fontawesome.js").write_text('"fa-dragon"')
    names = icons.used_icons(tmp_path)
    assert names == {"fa-solid", "fa-moon", "fa-xmark"}
    css = (icons.THEME / icons.SHEET).read_text(encoding="utf-8")
    lighter, characters = icons.lighten(css, names)
    assert ".fa-moon:before" in lighter
    assert ".fa-xmark:before" in lighter
    assert ".fa-dragon:before" not in lighter
    assert {0xF186, 0xF00D} <= characters
    assert 0xF6D5 not in characters
    assert ".woff2" not in lighter
    # All but the icons is as it was.
    assert icons.lighten(css, icons._NAME.findall(css))[0].count("{") == css.count("{")
    assert 0xF0EB in characters  # the lamp of a hint, which the style sheet itself shows
