"""Make the page that leads from the lectures' slides to the chapters' sections, and check it.

    python -m tools.topics build    write book/topics.md
    python -m tools.topics check    what ``build`` would change, and every fault of the records

The records are ``TOPICS`` in each chapter's ``topics.py``, the slides :mod:`lecturelib.outlines`.
"""

from __future__ import annotations

import argparse
import re
import sys
from collections.abc import Iterator, Mapping, Sequence
from dataclasses import dataclass
from pathlib import Path

import nbformat

from lecturelib.claims.record import LECTURES
from lecturelib.contents import CHAPTERS
from lecturelib.outlines import OUTLINES
from lecturelib.topics import Topic, nearest, topics
from tools.course import ROOT

PAGE = ROOT / "book" / "topics.md"

HEAD = """\
---
myst:
  html_meta:
    description: "Each topic of the five lectures, slide by slide, and the section that teaches it."
---

# From the lectures to the chapters

This course follows five sets of slides and posts. Each table lists the topics of one of them, in
its order: where they stand there, and the sections and exercises of the course that treat them.
What is wrong on a slide stands on the page of the [errata](errata.ipynb).
"""
BESIDE = """\
## Beside the lectures

What the plan of the course asks for, and no lecture has.
"""

_HEADING = re.compile(r"^(?P<marks>#{1,3})[ ]+(?P<text>.+?)[ ]*$", re.MULTILINE)
_FENCE = re.compile(r"^(?P<fence>`{3,}|~{3,}).*?^(?P=fence)", re.MULTILINE | re.DOTALL)
_NUMBER = re.compile(r"^\d+\. ")


# --- reading pages ------------------------------------------------------------------------------


@dataclass(frozen=True)
class Page:
    """A chapter's page: its file, its title, its headings with their anchors, and those of its
    exercises.

    ``twice`` holds the headings that stand there more than once.
    """

    file: str
    title: str
    anchors: Mapping[str, str]
    exercises: Mapping[str, str]
    twice: frozenset[str] = frozenset()


def slug(heading: str) -> str:
    """The anchor that MyST gives to a heading: its words, without formulas and marks.

    >>> slug("Why exponentials? Maximum entropy"), slug("8. Why β stands *outside*")
    ('why-exponentials-maximum-entropy', '8-why-β-stands-outside')
    >>> slug("Which $p$")
    'which-'
    """
    words = re.sub(r"\$[^$]+\$", "", heading)
    words = re.sub(r"\[([^\]]*)\]\([^)]*\)", r"\1", words)
    return re.sub(r"[^\w\u4e00-\u9fff\- ]|(?<!\w)_|_(?!\w)", "", words.lower()).replace(" ", "-")


def read(cells: Sequence[tuple[str, str]], file: str) -> Page:
    """A chapter's page from its pieces of Markdown, each with an id.

    >>> page = read([("a", "# Dropout"), ("b", "## Which $p$"),
    ...              ("exercise-many", "### 1. How many?")], "dropout.ipynb")
    >>> page.anchors["Which $p$"], page.exercises
    ('which-', {'dropout-many': '1. How many?'})
    """
    chapter = file.partition(".")[0].replace("_", "-")
    title, taken, twice = "", set[str](), set[str]()
    anchors: dict[str, str] = {}
    exercises: dict[str, str] = {}
    for name, source in cells:
        for found in _HEADING.finditer(_FENCE.sub("", source)):
            anchor, number = slug(found["text"]), 1
            while anchor in taken:  # as MyST counts what has the same name
                anchor, number = f"{anchor}-{number}", number + 1
            taken.add(anchor)
            title = title or found["text"]
            twice |= {found["text"]} & set(anchors)
            anchors.setdefault(found["text"], anchor)
            if name.startswith("exercise-") and len(found["marks"]) == 3:
                exercises[f"{chapter}-{name.removeprefix('exercise-')}"] = found["text"]
    return Page(file, title, anchors, exercises, frozenset(twice))


def pages(folder: Path = ROOT / "book") -> dict[str, Page]:
    """The pages of the chapters that are written."""
    found = {}
    for chapter in CHAPTERS:
        if (path := folder / f"{chapter}.ipynb").exists():
            cells = nbformat.read(path, as_version=4).cells
            texts = [(c.id, c.source) for c in cells if c.cell_type == "markdown"]
            found[chapter] = read(texts, path.name)
        elif (path := folder / f"{chapter}.md").exists():
            found[chapter] = read([("page", path.read_text(encoding="utf-8"))], path.name)
    return found


# --- checking -----------------------------------------------------------------------------------


def faults(
    records: Mapping[str, Sequence[Topic]],
    written: Mapping[str, Page],
    outlines: Mapping[str, Sequence[str]],
) -> Iterator[str]:
    """What is missing or wrong, as sentences that start with the chapter or the lecture.

    Args:
        records: the topics by chapter.
        written: the pages that exist, by chapter.
        outlines: the slides by lecture, each of which needs a topic.
    """
    for chapter in written:
        if not records.get(chapter):
            yield f"{chapter}: has a page and no topics; write TOPICS in its topics.py"
    seen: dict[str, str] = {}
    for chapter, found in records.items():
        for topic in found:
            if topic.name in seen:
                yield f"{chapter}: {topic.name!r} is a topic of {seen[topic.name]} already"
            seen[topic.name] = chapter
            if chapter in written:
                yield from (
                    f"{chapter}: {topic.name!r} {f}" for f in _unfound(topic, written[chapter])
                )
    for lecture, slides in outlines.items():
        covered = {
            slide
            for found in records.values()
            for topic in found
            for slide in topic.slides.get(lecture, ())
        }
        for slide in slides:
            if slide not in covered:
                yield f"{lecture}: no topic has the slide {slide!r}"


def _unfound(topic: Topic, page: Page) -> Iterator[str]:
    """What a topic names and its page has not, or has in two places."""
    for heading in topic.headings:
        if heading in page.twice:
            yield f"names the heading {heading!r}, which stands on the page more than once"
        if heading not in page.anchors:
            yield f"names the heading {heading!r}, which the page has not" + nearest(
                heading, tuple(page.anchors)
            )
    for exercise in topic.exercises:
        if exercise not in page.exercises:
            yield f"names the exercise {exercise!r}, which the page has not" + nearest(
                exercise, tuple(page.exercises)
            )
    if not (topic.headings or topic.exercises or topic.note):
        yield "stands under no heading, though the page is written; name one, or say why in a note"


# --- the page -----------------------------------------------------------------------------------


def sections(chapter: str, topic: Topic, page: Page | None) -> str:
    """Where a topic is taught, as links."""
    if page is None:
        return f"*{chapter.replace('_', ' ').capitalize()}*, to come"
    links = [f"[{h}]({page.file}#{page.anchors[h]})" for h in topic.headings]
    for exercise in topic.exercises:
        heading = page.exercises[exercise]
        text = _NUMBER.sub("", heading)
        links.append(f"exercise [{text}]({page.file}#{page.anchors[heading]})")
    links += [f"*{topic.note}*"] * bool(topic.note)
    return f"[{page.title}]({page.file}): " + "; ".join(links)


def table(
    lecture: str,
    records: Mapping[str, Sequence[Topic]],
    written: Mapping[str, Page],
) -> str:
    """The topics of a lecture in its order."""
    slides = OUTLINES[lecture]
    rows = []
    for chapter, found in records.items():
        for topic in found:
            if titles := topic.slides.get(lecture):
                places = sorted(map(slides.index, titles))
                where = "; ".join(slides[place] for place in places)
                taught = sections(chapter, topic, written.get(chapter))
                rows.append((places, f"| {topic.name} | {where} | {taught} |"))
    ordered = [row for _, row in sorted(rows, key=lambda row: row[0])]
    return _framed("28 27 45", "| topic | in the lecture | in the course |", ordered)


def _framed(widths: str, head: str, rows: Sequence[str]) -> str:
    """A table with widths, which keep its lines short in print as well."""
    rule = "|".join("---" * bool(column) for column in head.split("|"))
    return "\n".join([":::{table}", f":widths: {widths}", "", head, rule, *rows, ":::"])


def page() -> str:
    """The text of the page.

    Raises:
        KeyError: a record names a heading that does not exist.
    """
    records, written = topics(), pages()
    parts = [HEAD]
    for lecture, name in LECTURES.items():
        parts.append(f"## {name}\n\n{table(lecture, records, written)}\n")
    rows = [
        f"| {topic.name} | {sections(chapter, topic, written.get(chapter))} |"
        for chapter, found in records.items()
        for topic in found
        if not topic.slides
    ]
    parts.append(BESIDE + "\n" + _framed("35 65", "| topic | in the course |", rows) + "\n")
    return "\n".join(parts)


def main(arguments: list[str] | None = None) -> int:
    """The command line; see the module's docstring."""
    parser = argparse.ArgumentParser(prog="tools.topics", description=__doc__.split("\n")[0])
    parser.add_argument("command", choices=["build", "check"])
    given = parser.parse_args(arguments)
    found = list(faults(topics(), pages(), OUTLINES))
    print(*found, sep="\n", end="\n" * bool(found))
    if found:
        return 1
    text, shown = page(), PAGE.relative_to(ROOT)
    if PAGE.exists() and PAGE.read_text(encoding="utf-8") == text:
        return 0
    if given.command == "check":
        print(f"{shown}: is out of date; run python -m tools.topics build")
        return 1
    PAGE.write_text(text, encoding="utf-8")
    print(f"{shown}: written")
    return 0


if __name__ == "__main__":
    sys.exit(main())
