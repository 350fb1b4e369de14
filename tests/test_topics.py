"""The topics of the lectures: each slide leads to a section that exists, and a page says where."""

from __future__ import annotations

import doctest

import nbformat
import pytest

from lecturelib.claims.record import LECTURES
from lecturelib.contents import CHAPTERS
from lecturelib.outlines import OUTLINES
from lecturelib.topics import Topic, topics
from tools import topics as tool
from tools.course import ROOT

WRITTEN = tool.pages()


def test_nothing_is_missing():
    assert list(tool.faults(topics(), WRITTEN, OUTLINES)) == []


def test_the_page_is_what_the_generator_makes():
    assert tool.PAGE.read_text(encoding="utf-8") == tool.page(), "run python -m tools.topics build"


def test_every_chapter_of_the_book_has_topics():
    assert list(topics()) == list(CHAPTERS)


def test_examples():
    assert doctest.testmod(tool).failed == 0


def test_every_lecture_has_an_outline_without_doubles():
    assert list(OUTLINES) == list(LECTURES)
    for slides in OUTLINES.values():
        assert len(set(slides)) == len(slides)


@pytest.mark.parametrize("chapter", [c for c, p in WRITTEN.items() if p.file.endswith(".ipynb")])
def test_anchors_are_those_that_the_site_makes(chapter):
    pytest.importorskip("myst_parser")
    from markdown_it.tree import SyntaxTreeNode
    from myst_parser.config.main import MdParserConfig
    from myst_parser.mdit_to_docutils.base import DocutilsRenderer, compute_unique_slug
    from myst_parser.parsers.mdit import create_md_parser

    config = MdParserConfig(enable_extensions={"dollarmath", "smartquotes", "colon_fence"})
    parser = create_md_parser(config, DocutilsRenderer)
    found: list[str] = []
    for cell in nbformat.read(ROOT / "book" / f"{chapter}.ipynb", as_version=4).cells:
        if cell.cell_type == "markdown":
            for node in SyntaxTreeNode(parser.parse(cell.source)).children:
                if node.type == "heading" and node.tag in ("h1", "h2", "h3"):
                    found.append(compute_unique_slug(node, found))
    ours = tuple(WRITTEN[chapter].anchors.values())
    assert set(ours) <= set(found)
    assert len(ours) > 5


# --- what a fault looks like, on a book of two chapters ------------------------------------------

PAGE = tool.read(
    [
        ("a", "# Dropout"),
        ("b", "## Forward"),
        ("c", "### In code"),
        ("d", "### In code"),
        ("exercise-many", "### 1. How many members?"),
    ],
    "dropout.ipynb",
)
SLIDES = {"FFN": ("Bagging", "Applying Dropout")}
BAGGING = Topic(name="Bagging", slides={"FFN": ("Bagging",)}, headings=("Forward",))
CHANNELS = Topic(
    name="Channels", slides={"FFN": ("Applying Dropout",)}, exercises=("dropout-many",)
)


def faults(*records, **chapters):
    """The faults of topics of dropout, whose page is written, and of those of other chapters."""
    return list(tool.faults({"dropout": records, **chapters}, {"dropout": PAGE}, SLIDES))


def test_a_book_without_faults_has_none():
    assert faults(BAGGING, CHANNELS) == []


def test_a_chapter_that_is_not_written_needs_no_headings():
    assert faults(BAGGING, CHANNELS, backprop=[Topic(name="Graphs")]) == []


def test_a_topic_that_the_page_leaves_out_says_so():
    assert faults(BAGGING, CHANNELS, Topic(name="Curves", note="not shown")) == []


@pytest.mark.parametrize(
    ("records", "message"),
    [
        (
            [BAGGING, CHANNELS, Topic(name="Wrong", headings=("Forwards",))],
            "dropout: 'Wrong' names the heading 'Forwards', which the page has not; "
            "did you mean 'Forward'?",
        ),
        (
            [BAGGING, CHANNELS, Topic(name="Wrong", exercises=("dropout-mani",))],
            "dropout: 'Wrong' names the exercise 'dropout-mani', which the page has not; "
            "did you mean 'dropout-many'?",
        ),
        (
            [BAGGING, CHANNELS, Topic(name="Left", slides={"FFN": ("Bagging",)})],
            "dropout: 'Left' stands under no heading, though the page is written; "
            "name one, or say why in a note",
        ),
        (
            [BAGGING, CHANNELS, Topic(name="Which", headings=("In code",))],
            "dropout: 'Which' names the heading 'In code', which stands on the page more than once",
        ),
        ([BAGGING, CHANNELS, BAGGING], "dropout: 'Bagging' is a topic of dropout already"),
        ([BAGGING], "FFN: no topic has the slide 'Applying Dropout'"),
    ],
)
def test_each_fault_is_named(records, message):
    assert faults(*records) == [message]


def test_a_topic_of_two_chapters_is_named():
    twice = Topic(name="Bagging")
    assert faults(BAGGING, CHANNELS, backprop=[twice]) == [
        "backprop: 'Bagging' is a topic of dropout already"
    ]


def test_a_page_without_topics_is_named():
    assert list(tool.faults({}, {"dropout": PAGE}, {})) == [
        "dropout: has a page and no topics; write TOPICS in its topics.py"
    ]


@pytest.mark.parametrize(
    ("slides", "message"),
    [
        ({"FFM": ("Bagging",)}, "no lecture 'FFM'; there are FFN, JHU, NT, LBN, BLOG"),
        ({"FFN": ("Baging",)}, "FFN has no slide 'Baging'; did you mean 'Bagging'?"),
    ],
)
def test_a_slide_that_does_not_exist_is_refused(slides, message):
    with pytest.raises(ValueError, match="Topic 'Bagging': ") as error:
        Topic(name="Bagging", slides=slides)
    assert message in str(error.value)


# --- the page -----------------------------------------------------------------------------------


def test_a_topic_leads_to_its_sections_and_exercises():
    both = Topic(name="Both", headings=("Forward",), exercises=("dropout-many",), note="in part")
    assert tool.sections("dropout", both, PAGE) == (
        "[Dropout](dropout.ipynb): [Forward](dropout.ipynb#forward); "
        "exercise [How many members?](dropout.ipynb#1-how-many-members); *in part*"
    )
    assert tool.sections("what_we_know", both, None) == "*What we know*, to come"


def test_a_table_follows_the_lecture():
    rows = tool.table("FFN", {"dropout": [CHANNELS, BAGGING]}, {"dropout": PAGE}).split("\n")
    assert [row.split(" | ")[1] for row in rows if "](" in row] == ["Bagging", "Applying Dropout"]


def test_a_page_may_be_a_notebook_or_plain_markdown(tmp_path):
    cell = nbformat.v4.new_markdown_cell("# Dropout\n\n## Forward")
    nbformat.write(nbformat.v4.new_notebook(cells=[cell]), tmp_path / "dropout.ipynb")
    (tmp_path / "what_we_know.md").write_text("# What we know\n\n## Noise\n", encoding="utf-8")
    found = tool.pages(tmp_path)
    assert found["dropout"].anchors == {"Dropout": "dropout", "Forward": "forward"}
    noise = Topic(name="Noise", headings=("Noise",))
    assert tool.sections("what_we_know", noise, found["what_we_know"]) == (
        "[What we know](what_we_know.md): [Noise](what_we_know.md#noise)"
    )


def test_headings_of_one_name_are_counted_as_myst_does():
    cells = [("a", "# T"), ("b", "## To play"), ("c", "```python\n# no heading\n```\n## To play")]
    assert tool.read(cells, "dropout.ipynb").anchors == {"T": "t", "To play": "to-play"}


def test_check_says_that_the_page_is_out_of_date(tmp_path, monkeypatch, capsys):
    monkeypatch.setattr(tool, "ROOT", tmp_path)
    monkeypatch.setattr(tool, "PAGE", tmp_path / "topics.md")
    assert tool.main(["check"]) == 1
    assert "topics.md: is out of date" in capsys.readouterr().out
    assert tool.main(["build"]) == 0
    assert tool.main(["check"]) == 0
