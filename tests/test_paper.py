"""The PDF and the EPUB: what a page of the site does with HTML is there in document nodes.

Small books are made here by the extension alone, from notebooks with stored outputs; TeX is not
needed. The whole book is built, and read by epubcheck, by the hosted workflow.
"""

from __future__ import annotations

import doctest
import re
import shutil
import xml.etree.ElementTree as ElementTree
import zipfile
from types import SimpleNamespace

import pytest

pytest.importorskip("sphinx")
pytest.importorskip("myst_nb")

import nbformat
from bs4 import BeautifulSoup
from docutils import nodes
from matplotlib.figure import Figure
from nbformat.v4 import new_code_cell, new_markdown_cell, new_notebook, new_output
from sphinx.application import Sphinx
from sphinx.util.docutils import docutils_namespace

from book._ext import figures
from book._ext.paper import cells, edition, formulas, fragments, latex, movable, pictures
from book._ext.paper.cells import is_plumbing
from book._ext.paper.fragments import Fragment, column_widths
from lecturelib.claims import errata_table, show
from lecturelib.exercises import quiz
from lecturelib.interactive import explore, widget
from tools.course import ROOT

NODE = shutil.which("node") or shutil.which("nodejs")
needs_node = pytest.mark.skipif(NODE is None, reason="formulas of the EPUB need node")


def line(slope=1, shade=False):
    """A figure with two controls."""
    figure = Figure(figsize=(3, 2))
    axes = figure.subplots()
    axes.set(xlim=(0, 1), ylim=(0, 4), title=f"slope {slope}")
    axes.plot([0, 1], [0, slope])
    if shade:
        axes.fill_between([0, 1], [0, slope])
    return figure


@pytest.fixture(scope="module")
def moving():
    """A movable figure as the site has it, and the object that made it."""
    with pytest.MonkeyPatch.context() as patch:
        patch.setenv("LECTURELIB_EXPLORE", "static")
        patch.setattr("os.cpu_count", lambda: 1)  # six small frames are worth no process
        made = explore(
            line,
            alt='A line with "quotes" & signs.',
            describe=lambda slope, shade: f"It rises by {slope}.",
            slope=[0, 1, 4],
            shade=False,
        )
        return made, made.html()


# --- fragments ----------------------------------------------------------------------------------


def in_nodes(html):
    """The fragment as nodes in a container, its pictures and links as stand-ins."""

    def picture(content):
        return nodes.image(uri=content.suffix, alt=content.alt)

    def link(address, inner):
        return nodes.reference("", "", *inner, refuri=address)

    return nodes.container(
        "", *Fragment(html, picture, link, "https://example.org/page.html").nodes()
    )


def words(text):
    return sorted(re.findall(r"\w+", text.replace("\u200b", "")))


def read_words(html):
    """What a browser would show of HTML, as words."""
    soup = BeautifulSoup(html, "html.parser")
    for element in soup(["style", "script", "svg"]) + soup.select("[hidden]"):
        element.decompose()
    for mark in soup("wbr"):
        mark.replace_with("")
    return words(soup.get_text(" ") if not soup("code") else _spaced(soup))


def _spaced(soup):
    soup.smooth()
    for element in soup(["p", "td", "th", "caption", "dt", "dd", "li", "summary", "legend"]):
        element.append(" ")
    return soup.get_text()


@pytest.mark.parametrize(
    "html",
    [
        show("BN10")._repr_html_(),
        show("GD4")._repr_html_(),
        quiz("batch-norm-test-time")._repr_html_(),
        errata_table()._repr_html_(),
    ],
    ids=["exact claim", "claim with a spread", "quiz", "table"],
)
def test_no_word_is_lost_and_none_is_added(html):
    tree = in_nodes(html)
    for image in list(tree.findall(nodes.image)):
        image.parent.remove(image)  # its alternative text counts as text
    found = words(tree.astext())
    letters = list("abcdefgh")  # which name the choices in the replies to a quiz
    assert [w for w in found if w not in letters] == [
        w for w in read_words(html) if w not in letters
    ]


def test_a_card_can_be_linked_and_shows_its_spread():
    tree = in_nodes(show("GD4")._repr_html_())
    assert [target["ids"] for target in tree.findall(nodes.target)] == [["claim-GD4"]]
    card = next(node for node in tree.findall(nodes.container) if "paper-card" in node["classes"])
    assert "verdict-v3" in card["classes"]  # "wrong"
    (image,) = card.findall(nodes.image)
    assert "over 20 seeds" in image["alt"]


def test_the_replies_of_a_quiz_stand_below_all_its_choices():
    question = quiz("batch-norm-test-time")
    tree = in_nodes(question._repr_html_())
    (choices,) = tree.findall(nodes.enumerated_list)
    assert [item.astext() for item in choices] == [choice.text for choice in question.choices]
    replies = tree.astext()[tree.astext().index(question.choices[-1].text) :]
    places = [replies.index(choice.reply) for choice in question.choices]
    assert places == sorted(places)
    assert replies.count("✓") == sum(choice.right for choice in question.choices)


def test_rows_of_a_table_keep_their_names_and_their_tests_are_links():
    tree = in_nodes(errata_table()._repr_html_())
    (table,) = tree.findall(nodes.table)
    rows = list(table.findall(nodes.row))
    assert len(rows) == 1 + len(errata_table().rows)
    assert "longtable" in table["classes"]
    first = errata_table().rows[0]
    assert [t["ids"] for t in rows[1].findall(nodes.target)] == [[first.id]]
    links = [node["refuri"] for node in rows[1].findall(nodes.reference)]
    assert f"test:{first.test}" in links


def test_a_small_program_is_told_in_words(monkeypatch):
    monkeypatch.setenv("LECTURELIB_EXPLORE", "static")
    tree = in_nodes(widget("activation_zoo").html())
    assert tree.astext().startswith("An activation function with its derivative")
    assert "JavaScript" not in tree.astext()
    (link,) = tree.findall(nodes.reference)
    assert link["refuri"] == "https://example.org/page.html"


def test_columns_have_room_for_their_longest_words():
    widths = column_widths([["Claim", "x" * 40], ["BN1", "a few words " * 40]])
    assert sum(widths) == pytest.approx(100, abs=2)
    assert widths[1] > 4 * widths[0] > 0


# --- movable figures ----------------------------------------------------------------------------


def shapes(svg):
    """Every drawn path of an SVG, in order."""
    return [node.get("d") for node in ElementTree.fromstring(svg).iter() if node.get("d")]


def test_frames_are_those_that_matplotlib_draws(moving):
    figure, html = moving
    frames = movable.frames_of(html)
    assert [frame.caption for frame in frames] == [f"It rises by {n}." for n in (0, 1, 4)]
    for frame, slope in zip(frames, (0, 1, 4), strict=True):
        (picture,) = frame.pictures
        assert picture.alt == 'A line with "quotes" & signs.'
        alone = figure.frame_html({"slope": slope, "shade": False})
        drawn = re.search(r"<svg.*</svg>", alone, re.DOTALL)[0]
        assert shapes(picture.content) == shapes(movable.inline_svg(drawn).content)


@pytest.mark.parametrize(
    ("sizes", "start", "choices", "expected"),
    [
        ([5], 2, [[0, 1, 2, 3, 4]], [0, 2, 4]),
        ([5], 0, [[0, 1, 2, 3, 4]], [0, 2, 4]),
        ([2], 1, [[0, 1]], [0, 1]),
        ([1], 0, [], [0]),
        # The first control changes nothing where the second one stands.
        ([2, 3], 0, [[0, 1, 2, 0, 1, 2]], [0, 1, 2]),
        ([3, 2], 3, [[0, 0, 1, 1, 2, 2]], [1, 3, 5]),
    ],
)
def test_the_leading_control_is_shown_from_end_to_end(sizes, start, choices, expected):
    views = [{"slots": [], "choices": choices}]
    assert movable.chosen(sizes, start, views) == expected


@pytest.mark.skipif(shutil.which("rsvg-convert") is None, reason="the PDF needs rsvg-convert")
def test_a_vector_that_comes_late_is_a_pdf_for_latex_alone(tmp_path):
    (tmp_path / "a.svg").write_bytes(
        b'<svg xmlns="http://www.w3.org/2000/svg" width="9" height="9"><path d="M0 0h9"/></svg>'
    )
    for builder, uri in (("html", "a.svg"), ("latex", str(tmp_path / "paper" / "a.pdf"))):
        added = []
        images = SimpleNamespace(add_file=lambda page, path, added=added: added.append(path))
        app = SimpleNamespace(
            builder=SimpleNamespace(name=builder),
            srcdir=tmp_path,
            doctreedir=tmp_path,
            env=SimpleNamespace(images=images),
        )
        image = nodes.image(uri="a.svg", candidates={"*": "a.svg"})
        pictures.convert_late(app, nodes.container("", image), "page")
        assert image["uri"] == uri
        assert added == ([uri] if builder == "latex" else [])
    assert (tmp_path / "paper" / "a.pdf").read_bytes().startswith(b"%PDF")


# --- formulas, cells, the edition ---------------------------------------------------------------


@needs_node
def test_formulas_are_what_mathjax_reads():
    root, inline = formulas.mathml([(r"\frac{a}{\mathbf{x}} < 1", True), (r"\beta", False)])
    tree = ElementTree.fromstring(root)
    name = "{http://www.w3.org/1998/Math/MathML}"
    assert tree.tag == f"{name}math"
    assert tree.get("display") == "block"
    assert tree.get("alttext") == r"\frac{a}{\mathbf{x}} < 1"
    assert "".join(tree.find(f"{name}mfrac").itertext()) == "a𝐱"
    assert ElementTree.fromstring(inline).get("display") is None


@needs_node
def test_a_formula_that_mathjax_does_not_know_is_an_error():
    with pytest.raises(ValueError, match=r"\\nonsense.*Undefined control sequence"):
        formulas.mathml([(r"\nonsense{x}", False)])


@pytest.mark.parametrize(
    ("source", "plumbing"),
    [
        ('claims.show("BN1")', True),
        ("explore(\n    movable.paths,\n    alt='A path.',\n)", True),
        ("losses = train(model)", False),
        ("print(1)\nfigures.draw(1)", False),
        ("%matplotlib inline", False),
    ],
)
def test_plumbing_is_one_call(source, plumbing):
    assert is_plumbing(source) is plumbing


@pytest.mark.parametrize("module", [edition, formulas, fragments, movable, cells])
def test_the_examples_of_the_docstrings_are_true(module):
    assert doctest.testmod(module).failed == 0


def test_each_character_of_the_preamble_is_defined_once_and_on_one_line():
    lines = latex.PREAMBLE.read_text(encoding="utf-8").splitlines()
    defined = [line for line in lines if "newunicodechar{" in line]
    characters = [re.fullmatch(r"\\newunicodechar\{(.|\^{4}\w{4})\}\{.*\}", d)[1] for d in defined]
    assert len(set(characters)) == len(characters) > 40
    assert not [line for line in lines if line.startswith(("aised", "ewunicode"))]


def test_the_day_of_an_edition_can_be_given(monkeypatch):
    monkeypatch.setenv("SOURCE_DATE_EPOCH", "1772841600")
    assert edition.in_words(edition.day(ROOT)) == "7 March 2026"
    assert re.fullmatch(r"\d+\.\d+\.\d+", edition.version(ROOT))


# --- small books --------------------------------------------------------------------------------

TEXT = r"""# A chapter

Inline $\mathbf{x} \in \mathbb{R}^n$, a table with code, and a link to [the other page](other.md).

$$ \sum_i x_i = 1 $$ (eq-sum)

| name | code |
|---|---|
| one | `a-rather-long-name` |

See {eq}`eq-sum`.

<details><summary>Answer</summary>

It is $42$.

</details>
"""


def html_cell(source, html, **metadata):
    output = new_output("display_data", {"text/html": html, "text/plain": "as text"})
    return new_code_cell(source, outputs=[output], metadata=metadata)


@pytest.fixture(scope="module")
def small(tmp_path_factory, moving):
    """The sources of a book of three pages."""
    folder = tmp_path_factory.mktemp("paper")
    written = [
        new_markdown_cell(TEXT),
        new_code_cell("secret = 1", metadata={"tags": ["hide-cell"]}),
        new_code_cell("print(1 + 1)", outputs=[new_output("stream", text="2\n")]),
        html_cell('claims.show("GD4")', show("GD4")._repr_html_()),
        html_cell('quiz("batch-norm-test-time")', quiz("batch-norm-test-time")._repr_html_()),
        html_cell("explore(line)", moving[1]),
        html_cell("evidence()", '<p><a href="#a-section">Here</a></p>'),
        new_markdown_cell("## A section\n\nText."),
    ]
    language = {"name": "python", "pygments_lexer": "ipython3"}
    book = new_notebook(cells=written, metadata={"language_info": language})
    nbformat.write(book, folder / "chapter.ipynb")
    toctree = "\n\n```{toctree}\n:caption: I · Beginnings\n:numbered:\nchapter\nother\n```\n"
    front = "# Home\n\n<!-- downloads --><!-- / -->\n\n## Contents\n\nA list.\n\n## Aims\n\nMany."
    (folder / "index.md").write_text(front + toctree, encoding="utf-8")
    (folder / "other.md").write_text("# Other\n\nText of the other page.\n", encoding="utf-8")
    return folder


def build(folder, builder):
    """Build the book; the folder with the result. A warning is an error."""
    options = {
        "extensions": ["myst_nb", "book._ext.figures", "book._ext.paper"],
        # Said here, as Sphinx notes what extensions add in a table that later books share.
        "source_suffix": {".md": "myst-nb", ".ipynb": "myst-nb"},
        "project": "A small book",
        "author": "Its authors",
        "version": "1.2",
        "release": "1.2",
        "nb_execution_mode": "off",
        "exclude_patterns": ["_build"],
        "myst_enable_extensions": ["dollarmath", "amsmath"],
        "latex_engine": "xelatex",
        "html_baseurl": "https://example.org/",
    }
    out, trees = folder / "_build" / builder, folder / "_build" / f"{builder}-trees"
    with docutils_namespace():
        app = Sphinx(
            srcdir=str(folder),
            confdir=None,
            outdir=str(out),
            doctreedir=str(trees),
            buildername=builder,
            confoverrides=options,
            status=None,
            warningiserror=True,
        )
        app.build()
    assert app.statuscode == 0
    return out


@pytest.fixture(scope="module")
def tex(small):
    """The LaTeX of the small book."""
    (path,) = build(small, "latex").glob("*.tex") if shutil.which("rsvg-convert") else [None]
    if path is None:
        pytest.skip("the PDF needs rsvg-convert")
    return path.read_text(encoding="utf-8")


def test_latex_has_parts_and_chapters_and_no_list_of_chapters(tex):
    body = tex[tex.index(r"\begin{document}") :]
    assert r"\part{Beginnings}" in body
    assert body.index(r"\part{Beginnings}") < body.index(r"\chapter{A chapter}")
    assert r"\chapter*{About this book}" in body
    assert "A list." not in body
    assert r"\chapter{Aims}" not in body
    assert "downloads" not in body


def test_a_link_of_a_result_leads_to_its_own_page(tex):
    assert r"\hyperref[\detokenize{chapter:a-section}]" in tex
    assert r"\label{\detokenize{chapter:a-section}}" in tex


def test_latex_has_results_without_plumbing(tex):
    body = tex[tex.index(r"\begin{document}") :]
    for absent in ("secret", "claims.show", "explore(", "as text", "lecture-explore"):
        assert absent not in body, absent
    assert "print" in body
    assert r"\begin{sphinxuseclass}{verdict-v3}" in body
    assert body.count(r"\begin{sphinxuseclass}{paper-frame}") == 3
    assert body.index("paper-fold") < body.index("Answer") < body.index("It is")
    assert "a\\sphinxhyphen{}\u200brather" in body  # may break in the table


@pytest.fixture(scope="module")
def epub(small):
    """The files of the small book's EPUB, by name."""
    if NODE is None:
        pytest.skip("formulas of the EPUB need node")
    (path,) = build(small, "epub").glob("*.epub")
    with zipfile.ZipFile(path) as archive:
        assert archive.namelist()[0] == "mimetype"
        return {name: archive.read(name) for name in archive.namelist()}


def test_pages_of_the_epub_are_well_formed_and_have_no_script(epub):
    pages = [name for name in epub if name.endswith(".xhtml")]
    assert {"index.xhtml", "chapter.xhtml", "other.xhtml", "nav.xhtml"} <= set(pages)
    for name in pages:
        ElementTree.fromstring(epub[name])
        assert b"<script" not in epub[name], name
    assert not [name for name in epub if name.endswith(".js")]


def test_formulas_of_the_epub_are_mathml_and_declared(epub):
    page = epub["chapter.xhtml"].decode()
    assert page.count("<math ") == 3
    assert 'alttext="\\sum_i x_i = 1"' in page
    assert "𝐱" in page
    assert "\\(" not in page
    manifest = epub["content.opf"].decode()
    assert re.search(r'href="chapter.xhtml"[^>]* properties="mathml"', manifest)
    assert not re.search(r'href="other.xhtml"[^>]* properties=', manifest)


def test_the_epub_says_how_it_can_be_read(epub):
    package = epub["content.opf"].decode()
    for name in ("accessMode", "accessibilityFeature", "accessibilityHazard"):
        assert f'<meta property="schema:{name}">' in package
    assert 'epub:type="landmarks"' in epub["nav.xhtml"].decode()


def test_the_outline_of_a_space_has_data():
    """epubcheck wants some of each path; matplotlib gives none to a space."""
    outlines = '<path id="a" transform="scale(.1)"/><path id="b" d="M1 1"/><path d="M2 2" id="c"/>'
    mended = figures.BLANK.sub('<path d="M0 0"', outlines)
    assert mended == outlines.replace('<path id="a"', '<path d="M0 0" id="a"')


def test_pictures_of_the_epub_are_there_with_their_texts(epub):
    page = epub["chapter.xhtml"].decode()
    images = re.findall(r"<img [^>]*>", page)
    assert len(images) == 4  # the spread of the claim, three frames
    for image in images:
        assert re.search(r'src="(_images/[^"]+\.svg)"', image)[1] in epub
        assert re.search(r'alt="[^"]+"', image)
