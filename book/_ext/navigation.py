"""Sphinx extension: the site is read as a book is, chapter after chapter.

* "Next" and "previous" lead along the main path. Solutions stand beside their chapter: they lead
  back to it, and on to the chapter behind it.
* Under a chapter's title stand the chapters that it builds on and those that use it, as the map of
  the study plans has them, and links to its exercises and their solutions.
* A heading has one number: its own, where its text begins with one ("3. A linear layer"), and
  Sphinx's elsewhere. Solutions have the numbers of their exercises.
"""

from __future__ import annotations

import re
from collections.abc import Iterator, Sequence
from typing import Any

from docutils import nodes
from sphinx import addnodes
from sphinx.environment import BuildEnvironment
from sphinx.transforms import SphinxTransform

from tools import study_plans

SOLUTIONS = "/solutions/"
"""What the name of a page has that is no chapter and stands beside one."""

LIST = ["exercise", "title"]
"""How the head of the list of exercises starts."""

_OWN_NUMBER = re.compile(r"\d+\. ")


# --- the main path --------------------------------------------------------------------------------


def neighbours(page: str, path: Sequence[str]) -> tuple[str | None, str | None]:
    """The pages before and after a page; its chapter and the next one for a page of solutions.

    >>> path = ["book/index", "book/a", "book/solutions/a", "book/b"]
    >>> neighbours("book/a", path), neighbours("book/solutions/a", path)
    (('book/index', 'book/b'), ('book/a', 'book/b'))
    """
    main = [name for name in path if SOLUTIONS not in name]
    chapter = page.replace(SOLUTIONS, "/")
    if chapter not in main:
        return None, None
    at = main.index(chapter)
    before = chapter if chapter != page else main[at - 1] if at else None
    return before, main[at + 1] if at + 1 < len(main) else None


def _path(env: BuildEnvironment) -> list[str]:
    """All pages in the order of the table of contents."""
    following = {name: after for name, (_, _, after) in env.collect_relations().items()}
    path = [env.config.root_doc]
    while after := following.get(path[-1]):
        path.append(after)
    return path


def _lead_along_the_path(app: Any, pagename: str, templatename: str, context: Any, doctree) -> None:
    if doctree is None:
        return
    before, after = neighbours(pagename, app.builder.main_path)

    def link(name: str | None) -> dict[str, str] | None:
        if name is None:
            return None
        title = app.builder.render_partial(app.env.titles[name])["title"]
        return {"link": app.builder.get_relative_uri(pagename, name), "title": title}

    context["prev"], context["next"] = link(before), link(after)


# --- numbers --------------------------------------------------------------------------------------


def _entries(node: nodes.Element) -> Iterator[list[nodes.reference]]:
    """The headings of a page's contents, those that stand side by side together."""
    for listed in node.findall(nodes.bullet_list):
        items = [item for item in listed.children if isinstance(item, nodes.list_item)]
        found = [next(iter(item.findall(nodes.reference)), None) for item in items]
        yield [reference for reference in found if reference is not None]


def _drop(env: BuildEnvironment, page: str, headings: Sequence[nodes.reference]) -> None:
    for heading in headings:
        heading.attributes.pop("secnumber", None)
        if heading["anchorname"] in env.toc_secnumbers.get(page, {}):
            env.toc_secnumbers[page][heading["anchorname"]] = None


def _number_once(app: Any, builder: Any) -> None:
    """Take Sphinx's numbers from what has its own. Nothing of it is kept for the next build."""
    env = app.env
    builder.main_path = _path(env)
    for page in env.found_docs:
        for headings in _entries(env.tocs[page]):
            if SOLUTIONS in page or any(_OWN_NUMBER.match(h.astext()) for h in headings):
                _drop(env, page, headings)
        if SOLUTIONS in page:
            env.titles[page].attributes.pop("secnumber", None)


# --- under a chapter's title ----------------------------------------------------------------------


def relatives(slug: str) -> dict[str, tuple[str, ...]]:
    """What a chapter builds on and what uses it, without what follows from the rest.

    >>> relatives("gradient_descent")["Builds on"]
    ('backprop',)
    """
    below = study_plans.direct(study_plans.heads())
    above = tuple(other for other, needs in below.items() if slug in needs)
    return {"Builds on": below[slug], "Used in": above}


def _link(page: str, kind: str, target: str, text: str) -> addnodes.pending_xref:
    """A link from ``page`` to a page (``doc``) or a label (``ref``) that every builder resolves."""
    return addnodes.pending_xref(
        "",
        nodes.inline("", text),
        refdoc=page,
        refdomain="std",
        reftype=kind,
        reftarget=target,
        refexplicit=True,
        refwarn=True,
    )


def _line(label: str, links: Sequence[nodes.Node]) -> nodes.paragraph:
    line = nodes.paragraph("", "", nodes.strong("", label), nodes.Text(" "))
    for number, link in enumerate(links):
        line += [nodes.Text(", "), link] if number else [link]
    return line


class Relatives(SphinxTransform):
    """Put under the title of a chapter what it builds on, what uses it, and its exercises."""

    default_priority = 800

    def apply(self, **kwargs: Any) -> None:
        """Change the page that was read, if it is a chapter's."""
        page = self.env.docname
        slug = page.removeprefix("book/")
        title = next(iter(self.document.findall(nodes.title)), None)
        if title is None or slug not in study_plans.heads():
            return
        box = nodes.container(classes=["chapter-line"])
        for label, slugs in relatives(slug).items():
            titles = [(s, study_plans.heads()[s].title) for s in slugs if self._has(s)]
            if titles:
                box += _line(label, [_link(page, "doc", f"/book/{s}", t) for s, t in titles])
        if self._has(f"solutions/{slug}"):
            statements = nodes.reference("", "statements", refid="exercises", internal=True)
            solutions = _link(page, "doc", f"/book/solutions/{slug}", "solutions")
            box += _line("Exercises", [statements, solutions])
        if box.children:
            title.parent.insert(title.parent.index(title) + 1, box)

    def _has(self, name: str) -> bool:
        return f"book/{name}" in self.env.found_docs


# --- exercises and their solutions ----------------------------------------------------------------


def _statements(document: nodes.document) -> dict[str, nodes.section]:
    """The sections of a chapter that state an exercise, by the exercise's name."""
    found = {}
    for section in document.findall(nodes.section):
        details = section.children[1] if len(section.children) > 1 else None
        if isinstance(details, nodes.paragraph) and details.children:
            name = next(iter(details.children[0].findall(nodes.literal)), None)
            if name is not None and _OWN_NUMBER.match(section.next_node(nodes.title).astext()):
                found[name.astext()] = section
    return found


def _label(document: nodes.document, node: nodes.Element, label: str) -> None:
    """Give a node a label, which is its anchor too, and leave its other names what they are."""
    node["names"].append(label)
    node["ids"].append(label)
    document.ids[label] = node
    document.nameids[label], document.nametypes[label] = label, True


class Exercises(SphinxTransform):
    """Link the list of exercises, the statements and the solutions to each other.

    The notebook's list names each exercise as ``lecturelib.check`` wants it, which its statement
    repeats; on the page the titles are links and that column is left out, as phones have no room.
    """

    default_priority = 799

    def apply(self, **kwargs: Any) -> None:
        """Change the page that was read, if it is a chapter's or holds solutions."""
        page = self.env.docname
        if SOLUTIONS in page:
            self._lead_back(page)
        elif page.removeprefix("book/") in study_plans.heads():
            statements = _statements(self.document)
            for name, section in statements.items():
                _label(self.document, section, f"exercise-{name}")
                section["classes"].append("exercise-statement")
                if self.config.course_solutions and self._has_other(page):
                    link = _link(page, "ref", f"solution-{name}", "solution")
                    section.children[1] += [nodes.Text(" · "), link]
            for table in self.document.findall(nodes.table):
                if [cell.astext() for cell in table.findall(nodes.entry)][:2] == LIST:
                    _link_titles(table, statements)

    def _has_other(self, page: str) -> bool:
        """The page of solutions of a chapter is there, or the chapter of a page of solutions."""
        name = page.removeprefix("book/")
        other = name.removeprefix("solutions/")
        return f"book/{other if other != name else f'solutions/{name}'}" in self.env.found_docs

    def _lead_back(self, page: str) -> None:
        if not self._has_other(page):
            return
        for section in self.document.findall(nodes.section):
            names = [name for name in section["names"] if name.startswith("solution-")]
            for name in names:
                label = name.replace("solution-", "exercise-", 1)
                section.insert(
                    1,
                    nodes.paragraph("", "", _link(page, "ref", label, "Statement in the chapter")),
                )


def _link_titles(table: nodes.table, statements: dict[str, nodes.section]) -> None:
    """Make of the first column, the names, links in the second one."""
    table["classes"].append("exercise-list")
    group = table.next_node(nodes.tgroup)
    group["cols"] -= 1
    group.remove(group.next_node(nodes.colspec))
    for row in table.findall(nodes.row):
        name, title = row.children[:2]
        if [name.astext(), title.astext()] == LIST:
            title.next_node(nodes.Text).parent.children[:] = [nodes.Text(LIST[0])]
        row.remove(name)
        section = statements.get(name.astext())
        if section is not None:
            shown = section.next_node(nodes.title).deepcopy().children
            link = nodes.reference("", "", *shown, refid=section["ids"][-1], internal=True)
            title.next_node(nodes.paragraph).children[:] = [link]
            link.parent = title.next_node(nodes.paragraph)


def _changed(app: Any, env: BuildEnvironment, added: set[str], changed: set[str], removed) -> list:
    """Chapters whose lines are others now, as another chapter says that it builds on them."""
    now = {f"book/{slug}": relatives(slug) for slug in study_plans.heads()}
    before = getattr(env, "course_relatives", {})
    env.course_relatives = now
    return [page for page in now if before.get(page, now[page]) != now[page]]


def _forget(app: Any, config: Any) -> None:
    """A server that builds again reads the heads again."""
    study_plans.heads.cache_clear()


def setup(app: Any) -> dict[str, bool]:
    app.connect("config-inited", _forget)
    app.connect("env-get-outdated", _changed)
    app.connect("write-started", _number_once)
    app.connect("html-page-context", _lead_along_the_path)
    app.add_transform(Exercises)
    app.add_transform(Relatives)
    return {"parallel_read_safe": True, "parallel_write_safe": True}
