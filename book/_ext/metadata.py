"""Sphinx extension: what search engines and previews of links are told about a page.

* The description is the page's own: what its head says, else its first sentence of substance.
* Addresses are absolute and the published ones: the sitemap, the canonical address and ``og:url``
  agree. The address stands in ``_config.yml``, ``html: baseurl``.
* A link that is shared shows a card: a chapter's has its number and title, other pages show the
  course's, ``_static/social_card.png``.
* The title of the first page is not said twice, and the window's width is set once.
* The page for a missing address offers the search and the contents.
"""

from __future__ import annotations

import hashlib
import os
import re
from collections.abc import Iterable
from html import escape
from pathlib import Path
from typing import Any
from urllib.parse import urlparse

from docutils import nodes

from tools import social_card, study_plans

CARD = "_static/social_card.png"
CARDS = "_static/cards"
"""Folder of the built site for the cards of the chapters."""
CARD_SIZE = (social_card.WIDTH, social_card.HEIGHT)
CARD_ALT = "Deep Networks, Tested: an open course. Every formula derived, every claim tested."
LENGTH = 200
"""At how many characters a description ends, at the end of a sentence if it can."""
NOT_FOUND = "404"

_VIEWPORT = re.compile(r'\s*<meta\b[^>]*\bname="viewport"[^>]*>')
_DESCRIPTION = re.compile(r'<meta\b(?=[^>]*\bname="description")[^>]*\bcontent="([^"]*)"')
_LEAD = "What you will learn."
_SENTENCE = re.compile(r"(?<=[.!?…])[”)]?\s+(?=[A-ZΑ-Ω“(])")


# --- descriptions ---------------------------------------------------------------------------------


def shortened(text: str, length: int = LENGTH) -> str:
    """The first sentences of a text, or as many words of the first one as there is room for.

    >>> shortened("What it is. How it is computed, and why. What it costs.", 45)
    'What it is. How it is computed, and why.'
    >>> shortened("One sentence that is rather long", 20)
    'One sentence that…'
    """
    first, *others = _SENTENCE.split(" ".join(text.split()))
    if len(first) > length:
        return first[:length].rsplit(" ", 1)[0].rstrip(",;:") + "…"
    for sentence in others:
        if len(first) + 1 + len(sentence) > length:
            break
        first = f"{first} {sentence}"
    return first


def described(doctree: nodes.document) -> str:
    """The first paragraph of a page that says something, without the label at its start."""
    for paragraph in doctree.findall(nodes.paragraph):
        parent = paragraph.parent
        aside = isinstance(parent, (nodes.Admonition, nodes.entry, nodes.footnote))
        if aside or "chapter-line" in parent.get("classes", []):
            continue
        if next(iter(paragraph.findall(nodes.math)), None) is not None:
            continue  # what a formula says is lost in plain text
        text = paragraph.astext().removeprefix(_LEAD).strip()
        if len(text.split()) >= 6:
            return shortened(text)
    return ""


def _describe(app: Any, pagename: str, templatename: str, context: Any, doctree: Any) -> None:
    """Before sphinxext.opengraph, which takes what it finds in the page's fields."""
    metatags = _VIEWPORT.sub("", context.get("metatags", ""))
    if doctree is not None:
        said = _DESCRIPTION.search(metatags)
        text = said[1] if said else escape(described(doctree))
        if text and not said:
            metatags += f'\n<meta name="description" content="{text}" />\n'
        chapter = pagename.removeprefix("book/") in study_plans.heads()
        fields = {
            "og:title": app.env.titles[pagename].astext(),
            "og:type": "article" if chapter else "website",
            "og:description": text,
        }
        if chapter and app.builder.name == "html":
            fields |= _card_of(app, pagename)
        context["meta"] = {**(context.get("meta") or {}), **fields}
    context["metatags"] = metatags


# --- addresses and the card -----------------------------------------------------------------------


def _publish(app: Any, config: Any) -> None:
    """The settings of sphinxext.opengraph that follow from the site's address."""
    base = config.html_baseurl.rstrip("/") + "/"
    width, height = CARD_SIZE
    config.ogp_site_url = base
    config.ogp_image = base + CARD
    config.ogp_image_alt = CARD_ALT
    config.ogp_enable_meta_description = False
    config.ogp_custom_meta_tags = [
        f'<meta property="og:image:width" content="{width}" />',
        f'<meta property="og:image:height" content="{height}" />',
        '<meta name="twitter:card" content="summary_large_image" />',
    ]


def _card_of(app: Any, pagename: str) -> dict[str, str]:
    """The card of a chapter, drawn if the site has none with these words."""
    title = app.env.titles[pagename].astext()
    number = ".".join(map(str, app.env.toc_secnumbers.get(pagename, {}).get("") or ()))
    drawing = Path(social_card.__file__).read_bytes()
    digest = hashlib.sha256(f"{number} {title} ".encode() + drawing).hexdigest()[:8]
    name = f"{CARDS}/{pagename.rsplit('/', 1)[-1]}-{digest}.png"
    target = Path(app.outdir) / name
    if not target.is_file():
        target.parent.mkdir(parents=True, exist_ok=True)
        half = target.with_name(f"{target.name}.{os.getpid()}")
        social_card.draw_chapter(half, number, title)
        half.replace(target)
    said = f"Chapter {number}: {title}" if number else title
    return {
        "og:image": app.config.ogp_site_url + name,
        "og:image:alt": f"{said}. Deep Networks, Tested: an open course.",
    }


def sitemap(addresses: Iterable[str]) -> str:
    """The list of all pages for search engines.

    >>> sitemap(["https://a.org/b.html"]).count("<loc>https://a.org/b.html</loc>")
    1
    """
    urls = "".join(f"<url><loc>{escape(address)}</loc></url>\n" for address in sorted(addresses))
    return (
        '<?xml version="1.0" encoding="utf-8"?>\n'
        f'<urlset xmlns="http://www.sitemaps.org/schemas/sitemap/0.9">\n{urls}</urlset>\n'
    )


def _list_pages(app: Any, exception: BaseException | None) -> None:
    """All pages, also after a build that wrote only what had changed (sphinx-sitemap has those)."""
    if exception is None and app.builder.name == "html":
        base = app.config.html_baseurl.rstrip("/") + "/"
        pages = (base + app.builder.get_target_uri(page) for page in app.env.found_docs)
        (Path(app.outdir) / "sitemap.xml").write_text(sitemap(pages), encoding="utf-8")


def _one_viewport(html: str) -> str:
    """The head without the theme's second line on the width of the window."""
    return _VIEWPORT.sub("", html)


def _no_address(app: Any, pagename: str, templatename: str, context: Any, doctree: Any) -> None:
    context["one_viewport"] = _one_viewport
    if pagename == NOT_FOUND:  # it is shown at any address, and its own is none
        context["pageurl"] = None


# --- the page for a missing address ---------------------------------------------------------------


def missing_page(prefix: str, contents: list[tuple[str, list[tuple[str, str]]]]) -> str:
    """The text of that page: a search, the contents, and how to report a link that is broken.

    Args:
        prefix: the path of the site's root.
        contents: parts, each with the addresses and titles of its pages.
    """
    lines = [
        "<h1>Page not found</h1>",
        "<p>There is no page at this address. It may have been moved, or the link that led here"
        " may hold a slip.</p>",
        f'<form class="missing-search" role="search" action="{prefix}search.html" method="get">',
        '<label for="missing-query">Search the course</label>',
        '<input type="search" id="missing-query" name="q">',
        '<button type="submit">Search</button>',
        "</form>",
        "<h2>Contents</h2>",
        f'<p><a href="{prefix}book/index.html">The first page</a> says what the course is about.'
        "</p>",
    ]
    for part, pages in contents:
        items = "".join(f'<li><a href="{prefix}{a}">{escape(t)}</a></li>' for a, t in pages)
        lines += [f"<h3>{escape(part)}</h3>", f"<ul>{items}</ul>"]
    return "\n".join(lines)


def _offer_contents(app: Any, pagename: str, templatename: str, context: Any, doctree: Any) -> None:
    if pagename == NOT_FOUND:
        prefix = urlparse(app.config.html_baseurl).path.rstrip("/") + "/"
        context["body"] = missing_page(prefix, _contents(app))


def _contents(app: Any) -> list[tuple[str, list[tuple[str, str]]]]:
    """The parts of the book with the pages in their first rank."""
    from sphinx import addnodes

    found = []
    for tree in app.env.get_doctree(app.config.root_doc).findall(addnodes.toctree):
        pages = [
            (app.builder.get_target_uri(p), app.env.titles[p].astext()) for _, p in tree["entries"]
        ]
        found.append((tree.get("caption") or "Pages", pages))
    return found


def setup(app: Any) -> dict[str, bool]:
    app.connect("config-inited", _publish)
    app.connect("build-finished", _list_pages)
    app.connect("html-page-context", _describe, priority=400)
    app.connect("html-page-context", _no_address)
    app.connect("html-page-context", _offer_contents)
    return {"parallel_read_safe": True, "parallel_write_safe": True}
