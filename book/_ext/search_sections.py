"""Sphinx extension: the search knows sections, in the place of Sphinx's index of all words.

Sphinx finds pages; a page here is an hour of reading. So each section, exercise, term of the
glossary, claim, entry of the bibliography and name of the package is a document of its own: title,
anchor and first sentences as text. Code, contents and raw TeX are left out. Of what stands further
down, the words are kept that tell a section from the others.

The result is ``_static/search/sections.js``, which ``_static/search.js`` loads when a reader opens
the search. The ranking stands in ``_static/search/engine.js``.
"""

from __future__ import annotations

import html
import json
import re
from collections import Counter
from collections.abc import Iterator
from dataclasses import astuple, dataclass, field
from math import log
from pathlib import Path
from typing import Any

from docutils import nodes
from sphinx import addnodes
from sphinx.search.en import js_porter_stemmer

from lecturelib.contents import CHAPTERS, PARTS

EXCERPTS = {"exercise": 140, "solution": 90, "name": 100, "source": 160}
EXCERPT = 220  # characters that are shown, of the other kinds
WORDS = {"section": 30, "page": 16, "exercise": 10}  # kept beyond the excerpt, by kind
KINDS = ("section", "exercise", "solution", "term", "claim", "source", "name", "page")

# What a reader of a list of results can't read, or meets as a document of its own.
SKIPPED = (
    nodes.comment,
    nodes.figure,
    nodes.footnote,
    nodes.footnote_reference,
    addnodes.glossary,
    nodes.citation,
    nodes.image,
    nodes.literal_block,
    nodes.raw,
    nodes.section,
    nodes.system_message,
    nodes.table,
    nodes.title,
    nodes.topic,
    addnodes.desc,
    addnodes.toctree,
)
_GREEK = dict(
    zip(
        "alpha beta gamma delta epsilon zeta eta theta iota kappa lambda mu nu xi omicron pi rho "  # noqa: SIM905
        "varsigma sigma tau upsilon phi chi psi omega".split(),
        "αβγδεζηθικλμνξοπρςστυφχψω",
        strict=True,
    )
)
_SIGNS = {
    **_GREEK,
    **{name.capitalize(): greek.upper() for name, greek in _GREEK.items()},
    "varepsilon": "ε",
    "varphi": "φ",
    "cdot": "·",
    "times": "×",
    "pm": "±",
    "le": "≤",
    "leq": "≤",
    "ge": "≥",
    "geq": "≥",
    "ne": "≠",
    "neq": "≠",
    "approx": "≈",
    "ell": "ℓ",
    "infty": "∞",
    "to": "→",
    "nabla": "∇",
    "partial": "∂",
    "log": "log",
    "exp": "exp",
    "max": "max",
    "min": "min",
    "ldots": "…",
    "dots": "…",
}
# Words that stand at the beginning of paragraphs in every chapter.
_LABEL = re.compile(r"^ ?(?:What you will learn|Before you start|Predict(?: before you run)?)[.:]")
_WORD = re.compile(r"(?!\w*\d{2})[a-z0-9][\w-]*\w")
_EMPTY = frozenset(
    # What tells nothing of a text's subject.
    """about after all also an and any are as at be because been before being both but by can
    cannot could did do does each else equal even every few first for four from get gets had
    has have here how however if in into is it its itself just last less let made make makes many
    may more most much must near nearly need no nor not nothing of off often on once one only or
    other others our out over own per same second see seen several should since so some still such
    than that the their them then there these they thing this those three through thus to too two
    under until up upon us use used uses using very was we well were what when where whether which
    while who whole whose why will with without would you your""".split()  # noqa: SIM905
)
_RAISED = str.maketrans("0123456789+-n", "⁰¹²³⁴⁵⁶⁷⁸⁹⁺⁻ⁿ")
_PART = {f"book/{chapter}": part for part, chapters in PARTS.items() for chapter in chapters}
_CLAIM = re.compile(
    r'id="(?P<anchor>claim-(?P<name>[^"]+))".*?<p class="ll-said">(?P<said>.*?)</p>', re.DOTALL
)


@dataclass(frozen=True)
class Section:
    """A document of the search: where it is, what it is called, and how it begins."""

    kind: int
    anchor: str
    title: str
    excerpt: str
    counts: dict[str, int] = field(default_factory=dict)


def spoken(tex: str) -> str:
    r"""A short formula as plain characters, or an ellipsis.

    >>> spoken(r"\mathbf p - \mathbf y"), spoken(r"\beta_2^2"), spoken(r"\frac{a}{b}")
    ('p − y', 'β2²', '…')
    """
    text = re.sub(
        r"\\(?:mathbf|mathrm|mathbb|mathcal|boldsymbol|text|operatorname)\s*(?:\{([^{}]*)\}|(\w))",
        lambda found: f" {found[1] or found[2]} ",
        tex,
    )
    text = re.sub(r"\\([A-Za-z]+)", lambda found: _SIGNS.get(found[1], found[0]), text)
    text = re.sub(
        r"\^(?:\{([-+\dn]+)\}|([\dn]))", lambda m: (m[1] or m[2]).translate(_RAISED), text
    )
    text = re.sub(r"\s*_(?:\{(\w+)\}|(\w))", lambda found: found[1] or found[2], text)
    text = re.sub(r"\\[,;! ]|~", " ", text).replace("\\%", "%").replace("-", "−")
    text = re.sub(r"\s+", " ", text).strip()
    return text if len(text) <= 24 and not re.search(r"[\\{}^_&]", text) else "…"


def _flat(node: nodes.Node) -> str:
    """The text of a node with its formulas spoken; no code block, picture or footnote mark."""
    if isinstance(node, nodes.Text):
        return node.astext()
    if isinstance(node, nodes.math):
        return spoken(node.astext())
    if isinstance(node, (nodes.math_block, *SKIPPED)) and not isinstance(node, nodes.title):
        return " "
    return "".join(_flat(child) for child in node.children)


def plain(node: nodes.Node) -> str:
    """The text of a node in one line."""
    text = _LABEL.sub("", re.sub(r"\s+", " ", _flat(node))).strip()
    return re.sub(r"(?: ?…)+(?=[ .,;:)]|$)", " …", text).strip()


def _blocks(node: nodes.Element) -> Iterator[nodes.Element]:
    """Paragraphs and terms of a section that belong to it and not to a section within."""
    for child in node.children:
        if isinstance(child, SKIPPED) or "cell" in getattr(child, "attributes", {}).get(
            "classes", []
        ):
            continue
        if isinstance(child, (nodes.paragraph, nodes.term, nodes.math_block)):
            if not _LABEL.fullmatch(child.astext()):
                yield child
        elif isinstance(child, nodes.Element):
            yield from _blocks(child)


def first_sentences(text: str, limit: int = EXCERPT) -> str:
    """The first whole sentences that fit, those with a left-out formula passed over if others do.

    >>> first_sentences("One is short. Two is not short enough.", 20)
    'One is short.'
    >>> first_sentences("With … it is so. Then it is plain.", 20)
    'Then it is plain.'
    >>> first_sentences("A sentence without an early end.", 20)
    'A sentence without …'
    """
    sentences = re.split(r"(?<=[.?!:])\s+(?=[^a-z ])", text)
    readable = [sentence for sentence in sentences if "…" not in sentence] or sentences
    taken = ""
    for sentence in readable:
        if len(taken) + len(sentence) + 1 > limit:
            break
        taken = f"{taken} {sentence}".strip()
    if taken:
        return taken
    head = readable[0]
    return head if len(head) <= limit else head[: limit - 1].rsplit(" ", 1)[0] + " …"


def _weighed(section: nodes.Element) -> Counter[str]:
    """How often words, and twice or more pairs and triples of them, occur in a section.

    What the section stresses counts three times.
    """
    counts: Counter[str] = Counter()
    for block in _blocks(section):
        if isinstance(block, nodes.math_block):
            # The name that its authors gave an equation, "eq-ou-logsumexp", says what it is.
            counts.update(dict.fromkeys(str(block.get("label") or "").split("-")[2:], 2))
            continue
        counts.update(_runs(plain(block)))
        for node in block.findall(_stresses):
            counts.update(dict.fromkeys(_words(plain(node)), 2))
    for box in section.children:
        if isinstance(box, nodes.Admonition) and isinstance(box.children[0], nodes.title):
            counts.update(dict.fromkeys(_words(plain(box.children[0])), 2))
    return Counter({run: n for run, n in counts.items() if n > 1 or " " not in run})


def _stresses(node: nodes.Node) -> bool:
    return isinstance(node, (nodes.strong, nodes.emphasis, nodes.literal))


def _words(text: str) -> list[str]:
    return [word for word in _WORD.findall(text.lower()) if word not in _EMPTY]


def _runs(text: str) -> Iterator[str]:
    """The words of a text, and the pairs and triples of words with nothing between them.

    >>> list(_runs("The learning rate, decayed."))
    ['learning', 'learning rate', 'rate', 'decayed']
    """
    for part in re.split(r"[^\w\s’'-]+", text.lower()):
        words = _WORD.findall(part)
        for at in range(len(words)):
            for run in (words[at : at + length] for length in (1, 2, 3)):
                if at + len(run) <= len(words) and not _EMPTY & set(run):
                    yield " ".join(run)
                if at + len(run) >= len(words):
                    break


def characteristic(counts: list[Counter[str]], limit: int) -> list[list[str]]:
    """Of each text what tells it from the others, by frequency and rarity (tf-idf).

    A word that is part of a chosen pair or triple is not named again.

    >>> texts = [Counter({"relu": 2, "leaky relu": 2, "unit": 1}), Counter(adam=2, unit=1)]
    >>> characteristic(texts, 2)
    [['leaky relu'], ['adam']]
    """
    spread = Counter(word for count in counts for word in count)
    most = max(len(counts) // 3, 1)
    return [_choose(count, spread, most, len(counts))[:limit] for count in counts]


def _choose(count: Counter[str], spread: Counter[str], most: int, size: int) -> list[str]:
    def weight(run: str) -> float:
        return float(count[run] ** 0.75 * log(size / spread[run]))

    def tells(run: str) -> bool:
        # What one section says once and no other says at all is an accident.
        return spread[run] <= most and (count[run] > 1 or spread[run] > 1)

    chosen: list[str] = []
    known: set[str] = set()
    for run in sorted(
        filter(tells, count),
        key=lambda run: (-weight(run) * (1 + 0.2 * run.count(" ")), run),
    ):
        if not set(run.split()) <= known:
            chosen.append(run)
            known |= set(run.split())
    return chosen


def _kind(section: nodes.section, docname: str) -> str:
    if docname.startswith("book/solutions/"):
        return "solution"
    if docname.startswith("book/api"):
        return "name"
    parent = section.parent
    if isinstance(parent, nodes.section) and parent[0].astext() == "Exercises":
        return "exercise"
    if docname.rsplit("/", 1)[-1] not in CHAPTERS:
        return "page"
    return "section"


def _of_section(section: nodes.section, docname: str) -> Section:
    kind = _kind(section, docname)
    # Of a solution its title says enough: no list of results shows what a reader has not opened.
    shown = () if kind == "solution" else _blocks(section)
    blocks = [" … " if isinstance(b, nodes.math_block) else plain(b) for b in shown]
    is_page = not isinstance(section.parent, nodes.section)
    return Section(
        KINDS.index(kind),
        "" if is_page else section["ids"][0],
        plain(section[0]),
        first_sentences(" ".join(blocks).strip(), EXCERPTS.get(kind, EXCERPT)),
        dict(_weighed(section)),
    )


def _of_term(item: nodes.definition_list_item) -> Section:
    term = item[0]
    return Section(
        KINDS.index("term"), term["ids"][0], plain(term), first_sentences(plain(item[-1]))
    )


def _of_name(described: addnodes.desc) -> Iterator[Section]:
    signature, content = described[0], described[-1]
    if not signature["ids"] or isinstance(described.parent, addnodes.desc_content):
        return
    first = next(iter(content.findall(nodes.paragraph)), None)
    excerpt = first_sentences(plain(first), EXCERPTS["name"]) if first is not None else ""
    yield Section(KINDS.index("name"), signature["ids"][0], signature["ids"][0], excerpt)


def sections_of(doctree: nodes.document, docname: str) -> list[Section]:
    """All documents of a page, in its order."""
    found: list[Section] = []
    for node in doctree.findall():
        if isinstance(node, nodes.section):
            found.append(_of_section(node, docname))
        elif isinstance(node, nodes.definition_list_item) and node[0].get("ids"):
            found.append(_of_term(node))
        elif isinstance(node, addnodes.desc):
            found += _of_name(node)
        elif isinstance(node, nodes.citation):
            entry = next(iter(node.findall(nodes.paragraph)), None)
            said = plain(entry) if entry is not None else ""
            said = re.sub(r"\$([^$]+)\$", lambda tex: spoken(tex[1]), said)  # from BibTeX
            said = first_sentences(re.sub(r"\s+", " ", said), EXCERPTS["source"])
            found.append(Section(KINDS.index("source"), node["ids"][0], said, ""))
        elif isinstance(node, nodes.raw) and "ll-said" in node.astext():
            for card in _CLAIM.finditer(node.astext()):
                said = html.unescape(re.sub(r"<[^>]+>", "", card["said"]))
                found.append(
                    Section(KINDS.index("claim"), card["anchor"], f"Claim {card['name']}", said)
                )
    return found


# --- Sphinx --------------------------------------------------------------------------------------


def _store(app: Any) -> Path:
    """Where the sections of pages are kept that the next build does not write again."""
    return Path(app.doctreedir) / "search_sections.json"


def _is_site(app: Any) -> bool:
    """Whether the site is built, and not an e-book, whose builder writes HTML too."""
    return str(app.builder.name) == "html"


def _begin(app: Any) -> None:
    if not _is_site(app):
        return
    app.add_js_file("search.js", loading_method="defer")
    app.builder.search = False  # no index of all words
    store = _store(app)
    app.course_sections = json.loads(store.read_text("utf-8")) if store.is_file() else {}


def _collect(app: Any, doctree: nodes.document, docname: str) -> None:
    if _is_site(app):
        found = sections_of(doctree, docname)
        title = found[0].title if found else docname
        app.course_sections[docname] = [title, [astuple(section) for section in found]]


def _search_page(app: Any) -> Iterator[tuple[str, dict[str, Any], str]]:
    if _is_site(app):
        yield "search", {"title": "Search"}, "search.html"


def index_of(pages: dict[str, Any]) -> dict[str, Any]:
    """What the reader's browser gets: the counts of words reduced to those that tell.

    The words of a chapter's own entry are those of all its sections; its part is named beside it.
    """
    shortened = {}
    telling = _telling(pages)
    for docname, (title, sections) in pages.items():
        rows = []
        for number, (kind, anchor, name, excerpt, _) in enumerate(sections):
            known = set(_words(f"{name} {excerpt}"))
            words = [run for run in telling.get((docname, number), []) if run not in known]
            row = [kind, anchor, name, excerpt, ", ".join(words)]
            rows.append(row if words else row[:-1])
        shortened[docname] = [title, rows, _PART.get(docname, "")]
    return shortened


def _telling(pages: dict[str, Any]) -> dict[tuple[str, int], list[str]]:
    keys, counts, limits = [], [], []
    for docname, (_, sections) in pages.items():
        for number, (kind, anchor, *_, words) in enumerate(sections):
            if KINDS[kind] not in WORDS:
                continue
            if anchor or KINDS[kind] != "section":
                own, limit = Counter(words), WORDS[KINDS[kind]]
            else:
                own, limit = sum((Counter(s[4]) for s in sections if s[0] == kind), Counter()), 40
            keys.append((docname, number))
            counts.append(own)
            limits.append(limit)
    found = characteristic(counts, max(limits, default=0))
    telling = {key: words[:limit] for key, words, limit in zip(keys, found, limits, strict=True)}
    return telling


def _write(app: Any, exception: BaseException | None) -> None:
    if exception is not None or not _is_site(app):
        return
    pages = app.course_sections
    known = {page: pages[page] for page in sorted(app.env.found_docs) if page in pages}
    _store(app).write_text(json.dumps(known), "utf-8")
    folder = Path(app.outdir) / "_static" / "search"
    folder.mkdir(parents=True, exist_ok=True)
    content = json.dumps(index_of(known), ensure_ascii=False, separators=(",", ":"))
    (folder / "sections.js").write_text(f"var courseSections={content};\n", "utf-8")
    (folder / "stemmer.js").write_text(js_porter_stemmer.lstrip(), "utf-8")


def setup(app: Any) -> dict[str, bool]:
    app.connect("builder-inited", _begin)
    app.connect("doctree-resolved", _collect, priority=950)
    app.connect("html-collect-pages", _search_page)
    app.connect("build-finished", _write)
    return {"parallel_read_safe": True, "parallel_write_safe": False}
