"""Sphinx extension: the parts of the landing page that are counted, drawn or repeated.

```{at-a-glance}      how much there is and how long it takes
```{chapter-map}      the map of the chapters, whose boxes are links
```{how-to-cite}      the entry of CITATION.cff for a bibliography
```{marks} home       where marks.js shows what the reader has read (all: on a page of its own)
"""

from __future__ import annotations

import posixpath
import re
from collections.abc import Callable
from functools import partial
from html import escape
from pathlib import Path
from typing import Any

import yaml
from docutils import nodes
from sphinx.util.docutils import SphinxDirective

from lecturelib.contents import CHAPTERS, PARTS
from tools import study_plans
from tools.course import ROOT
from tools.pictures import PICTURE_SIZE

_STATED = re.compile(r"difficulty \d of 3 · (\d+) minutes\*")


def hours(minutes: int) -> str:
    """Minutes in whole hours.

    >>> hours(95), hours(1810)
    ('about 2 hours', 'about 30 hours')
    """
    return f"about {round(minutes / 60)} hours"


def facts() -> dict[str, str]:
    """How much there is, by counting."""
    heads = study_plans.heads()
    reading = sum(head.minutes for head in heads.values())
    exercises = [minutes for slug in heads for minutes in _exercises(slug)]
    working = sum(exercises)
    return {
        "Chapters": f"{len(heads)} in {len(PARTS)} parts, each a notebook that runs",
        "Reading": f"{hours(reading)}, {reading // len(heads)} minutes a chapter",
        "Exercises": f"{len(exercises)} with checks and solutions, {hours(working)}",
    }


def _exercises(slug: str) -> list[int]:
    """The minutes of a chapter's exercises, as the statements have them: no need to load torch."""
    text = (ROOT / "book" / f"{slug}.ipynb").read_text(encoding="utf-8")
    return [int(minutes) for minutes in _STATED.findall(text)]


class AtAGlance(SphinxDirective):
    """A list of facts, each counted while the book is built."""

    def run(self) -> list[nodes.Node]:
        """The list."""
        for slug in CHAPTERS:
            self.env.note_dependency(str(ROOT / "book" / f"{slug}.ipynb"))
        listed = nodes.definition_list(classes=["at-a-glance"])
        for name, text in facts().items():
            listed += _fact(name, text)
        return [listed]


def _fact(name: str, text: str) -> nodes.definition_list_item:
    item = nodes.definition_list_item()
    item += nodes.term("", name)
    item += nodes.definition("", nodes.paragraph("", text))
    return item


class for_the_site(nodes.General, nodes.Element):
    """HTML that only the site has; ``make(address)`` writes it, and knows where pages are then."""


def _fill(app: Any, doctree: nodes.document, docname: str) -> None:
    for node in list(doctree.findall(for_the_site)):
        if app.builder.name != "html":
            node.parent.remove(node)
            continue
        folder = posixpath.dirname(app.builder.get_target_uri(docname)) or "."
        html = node["make"](lambda path, folder=folder: posixpath.relpath(path, folder))
        node.replace_self(nodes.raw("", html, format="html"))


class Marks(SphinxDirective):
    """Where ``marks.js`` shows its summary and its controls; empty and hidden without it."""

    required_arguments = 1

    def run(self) -> list[nodes.Node]:
        """An empty section."""
        return [for_the_site(make=partial(_marks, self.arguments[0]))]


def _marks(kind: str, address: Callable[[str], str]) -> str:
    return (
        f'<section class="marks" data-marks="{kind}" data-chapters="{len(CHAPTERS)}" '
        'aria-label="Your marks" hidden></section>'
    )


class ChapterMap(SphinxDirective):
    """The map of the chapters, whose boxes are links; as a picture it stands in the study plans."""

    def run(self) -> list[nodes.Node]:
        """A place for it."""
        return [for_the_site(make=_map)]


def _map(address: Callable[[str], str]) -> str:
    drawn = study_plans.draw(link=lambda slug: address(f"book/{slug}.html"))
    name = 'role="region" aria-label="Map of the chapters" tabindex="0"'
    return f'<div class="map-scroll" {name}>\n{drawn}</div>'


class Picture(SphinxDirective):
    """A picture of the site in both colour modes; the directive's text describes it."""

    required_arguments = 1
    has_content = True

    def run(self) -> list[nodes.Node]:
        """Two images, one of which is shown."""
        text = " ".join(self.content)
        return [for_the_site(make=partial(_picture, self.arguments[0], text))]


def _picture(name: str, text: str, address: Callable[[str], str]) -> str:
    width, height = PICTURE_SIZE
    images = (
        f'<img class="product only-{mode} dark-light" alt="{escape(text)}" loading="lazy" '
        f'width="{width}" height="{height}" src="{address(f"_static/{name}_{mode}.webp")}">'
        for mode in ("light", "dark")
    )
    return f"<p>{''.join(images)}</p>"


def citation(path: Path = ROOT / "CITATION.cff") -> str:
    """The course as an entry of BibTeX."""
    said = yaml.safe_load(path.read_text(encoding="utf-8"))
    authors = " and ".join(f"{{{author['name']}}}" for author in said["authors"])
    return "\n".join(
        [
            "@misc{deep_networks_tested,",
            f"  author = {{{authors}}},",
            f"  title  = {{{{{said['title']}}}}},",
            f"  year   = {{{said['date-released'].year}}},",
            f"  note   = {{Version {said['version']}}},",
            f"  url    = {{{said['repository-code']}}},",
            "}",
        ]
    )


class HowToCite(SphinxDirective):
    """What to put into a bibliography."""

    def run(self) -> list[nodes.Node]:
        """A block of BibTeX."""
        self.env.note_dependency(str(ROOT / "CITATION.cff"))
        text = citation()
        return [nodes.literal_block(text, text, language="bibtex", classes=["citation-entry"])]


def setup(app: Any) -> dict[str, bool]:
    app.add_node(for_the_site)
    app.add_directive("at-a-glance", AtAGlance)
    app.add_directive("chapter-map", ChapterMap)
    app.add_directive("how-to-cite", HowToCite)
    app.add_directive("picture", Picture)
    app.add_directive("marks", Marks)
    app.add_js_file("marks.js", loading_method="defer")
    app.connect("doctree-resolved", _fill)
    return {"parallel_read_safe": True, "parallel_write_safe": True}
