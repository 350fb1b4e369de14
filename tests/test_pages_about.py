"""What the pages say about themselves: descriptions, the landing page's facts, plain names."""

from __future__ import annotations

import doctest
import importlib
import re
import textwrap

import numpy as np
import pytest
import yaml
from docutils import nodes
from PIL import Image

from lecturelib.claims.record import LECTURES
from lecturelib.contents import CHAPTERS
from lecturelib.exercises import list_exercises
from tools import social_card, study_plans
from tools.course import ROOT

pytest.importorskip("sphinx")

EXTENSIONS = ("landing", "metadata", "plain_names", "navigation", "reference")
landing, metadata, names, navigation, reference = (
    importlib.import_module(f"book._ext.{name}") for name in EXTENSIONS
)


@pytest.mark.parametrize("module", [landing, metadata, names, navigation, reference])
def test_examples(module):
    result = doctest.testmod(module)
    assert result.attempted
    assert not result.failed


# --- descriptions -------------------------------------------------------------------------------


def page(*paragraphs):
    document = nodes.Element()
    for text, parent in paragraphs:
        parent += nodes.paragraph(
            "", "", *([text] if isinstance(text, nodes.Node) else [nodes.Text(text)])
        )
        document += parent
    return document


def test_a_description_is_the_first_sentence_of_substance():
    said = "How a batch is normalized, forward and backward."
    document = page(
        ("Builds on the chapter of some name", nodes.container(classes=["chapter-line"])),
        ("Something that is said aside, in a box of its own.", nodes.note()),
        ("Too short.", nodes.section()),
        (f"What you will learn. {said} And this.", nodes.section()),
    )
    assert metadata.described(document) == f"{said} And this."
    assert metadata.described(page()) == ""


def test_a_description_holds_no_formula():
    formula = nodes.math("", r"\gamma and six more words of TeX here")
    document = page(
        (formula, nodes.section()), ("Six words that hold no formula.", nodes.section())
    )
    assert metadata.described(document) == "Six words that hold no formula."


@pytest.mark.parametrize("words", [3, 30, 300])
def test_a_description_is_no_longer_than_allowed(words):
    text = " ".join(f"word{i}." if i % 10 == 9 else f"Word{i}" for i in range(words))
    made = metadata.shortened(text)
    assert len(made) <= metadata.LENGTH + 1
    assert text.startswith(made.rstrip("…"))


def test_the_card_has_the_size_that_is_announced():
    with Image.open(ROOT / "book" / metadata.CARD) as card:
        assert card.size == metadata.CARD_SIZE


def test_the_card_of_every_chapter_has_room_for_its_title_and_is_small(tmp_path):
    """The longest title is drawn; the others have no more lines."""
    titles = [head.title for head in study_plans.heads().values()]
    assert max(len(textwrap.wrap(title, 26)) for title in titles) <= 4
    longest = max(titles, key=len)
    social_card.draw_chapter(tmp_path / "card.png", "22", longest)
    with Image.open(tmp_path / "card.png") as card:
        assert card.size == metadata.CARD_SIZE
        ink = np.asarray(card.convert("L")) < 200
    # Nothing runs over the edge: right of the text and of the logo the paper is empty.
    assert not ink[:, -25:].any()
    assert (tmp_path / "card.png").stat().st_size < 30_000


def test_a_title_too_long_for_a_card_is_refused(tmp_path):
    with pytest.raises(ValueError, match="room for 4 lines"):
        social_card.draw_chapter(tmp_path / "card.png", "1", "many words " * 20)


# --- landing page -------------------------------------------------------------------------------


def test_the_facts_are_counted():
    exercises = [e for slug in CHAPTERS for e in list_exercises(slug)]
    reading = sum(head.minutes for head in study_plans.heads().values())
    facts = landing.facts()
    assert facts["Exercises"].startswith(f"{len(exercises)} with")
    assert f"about {round(sum(e.minutes for e in exercises) / 60)} hours" in facts["Exercises"]
    assert f"about {round(reading / 60)} hours" in facts["Reading"]
    assert facts["Chapters"].startswith(f"{len(CHAPTERS)} in 5 parts")


def test_the_entry_for_a_bibliography_says_what_the_citation_file_says():
    said = yaml.safe_load((ROOT / "CITATION.cff").read_text(encoding="utf-8"))
    entry = landing.citation()
    for part in (said["title"], f"Version {said['version']}", said["repository-code"]):
        assert part in entry
    assert f"{{{said['date-released'].year}}}" in entry
    assert entry.count("{") == entry.count("}")


def test_the_landing_page_has_one_way_to_start():
    text = (ROOT / "book" / "index.md").read_text(encoding="utf-8")
    assert text.count("{button-ref}") == 1
    for directive in ("at-a-glance", "chapter-map", "how-to-cite", "marks"):
        assert text.count(f"```{{{directive}}}") == 1


# --- names --------------------------------------------------------------------------------------


def test_a_short_name_is_explained_in_the_text_and_left_alone_elsewhere():
    kept = (
        '<pre>NT <span>LBN</span></pre><script>"JHU"</script><a title="NT">x</a>'
        '<span class="math notranslate">\\(NT\\)</span><!-- NT -->'
    )
    assert names.explained(kept) == kept
    made = names.explained(f"<p>As NT and LBN say, NTK does not.</p>{kept}")
    for short in ("NT", "LBN"):
        assert f'<abbr title="{LECTURES[short]}" tabindex="0">{short}</abbr>' in made
    assert made.count("<abbr") == 2
    assert names.explained(made) == made


def test_a_short_name_is_one_tab_stop_a_page_and_none_within_a_link():
    made = names.explained('<a href="x"><b>NT</b></a> <p>NT, NT, <summary>LBN</summary> LBN</p>')
    stops = re.findall(r"<abbr title=\"[^\"]+\"([^>]*)>(\w+)<", made)
    assert stops == [
        ("", "NT"),
        (' tabindex="0"', "NT"),
        (' tabindex="-1"', "NT"),
        ("", "LBN"),
        (' tabindex="0"', "LBN"),
    ]


def test_a_filter_offers_titles():
    made = names.offered(
        '<option value="batch_norm">batch_norm</option><option value="">all</option>'
    )
    assert made == (
        '<option value="batch_norm">Batch normalization</option><option value="">all</option>'
    )
    assert ">LBN: Batch normalisation" in names.offered('<option value="LBN">LBN</option>')
