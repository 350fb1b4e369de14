"""MyST as Markdown that any notebook shows: roles, directives and labels become plain text.

Colab, GitHub and JupyterLab know Markdown and TeX, no MyST. ``plain`` takes what a chapter says and

- writes a citation as author and year with a link, a reference to an equation as the site's number;
- puts ``\\tag{2.3}`` on each labelled equation;
- makes links to the published site of references to sections, figures, pages and terms;
- turns directives into block quotes with a bold title, and what is folded into ``<details>``;
- leaves prose, formulas, code and tables as they are.

What has no form here is an error that names it, so that nothing is ever passed on raw.
"""

from __future__ import annotations

import re
from collections.abc import Callable, Iterator
from typing import Protocol

ADMONITIONS = {
    **{name: name.capitalize() for name in ("note", "tip", "hint", "warning", "caution")},
    **{name: name.capitalize() for name in ("attention", "danger", "error", "important")},
    "seealso": "See also",
    "margin": "Aside",
    "epigraph": "",
    "pull-quote": "",
}
TITLED = ("admonition", "sidebar", "topic", "card")
STATEMENTS = (
    *("theorem", "lemma", "corollary", "proposition", "conjecture", "definition", "axiom"),
    *("assumption", "property", "criterion", "observation", "remark", "example", "algorithm"),
)
FOLDED = ("dropdown", "toggle")

_OPENING = re.compile(r"^(?P<prefix>[ >]*)(?P<marks>`{3,}|~{3,}|:{3,})(?P<info>[^`\n]*)$")
_DIRECTIVE = re.compile(r"^\s*\{(?P<name>[\w:.-]+)\}[ \t]*(?P<argument>.*?)\s*$")
_OPTION = re.compile(r"^:(?P<name>[\w-]+):[ \t]*(?P<value>.*)$")
_NAMED = re.compile(r"^(?P<text>.*?)\s*<(?P<target>[^<>]+)>$", re.DOTALL)
_ENVIRONMENT = re.compile(r"\\begin\{(\w+\*?)\}(?:(?!\\begin\{).)*?\\end\{\1\}", re.DOTALL)
_BRACES = re.compile(r"\{[^{}]*\}")

# The order decides: what stands in code or in a formula is neither a role nor a link.
_INLINE = re.compile(
    r"""
      (?P<dropped>^[ ]{0,3}%[^\n]*(?:\n|\Z)               # a comment
        | ^\+\+\+[^\n]*(?:\n|\Z)                          # a break between cells
        | ^[ >]*\([\w:.\ -]+\)=[ ]*(?:\n|\Z)              # a target
        | ^\{[.#][^}\n]*\}[ ]*(?:\n|\Z) | (?<=[)`\]])\{[.#][^}\n]*\} | (?<=\))\{\w+=[^}\n]*\})
    | (?P<definition>^:[ ]+\S)
    | (?P<footnote>\[\^[^\]\s]+\])
    | (?P<environment>^[ >]*\\begin\{(?:equation|multline|gather|align|alignat|eqnarray)\*?\})
    | (?P<autolink><(?:\#|project:|path:|doc:|inv:)[^>\s]*>)
    | \\[^\n]
    | \{(?P<role>[A-Za-z][\w:.+-]*)\}(?P<ticks>`+)(?P<content>.+?)(?<!`)(?P=ticks)(?!`)
    | (?P<fence>`+)(?!`)(?:(?!\n[ ]*\n).)+?(?<!`)(?P=fence)(?!`)
    | \$\$(?P<display>.+?)\$\$(?:[ \t]*\((?P<label>[\w:.-]+)\))?
    | (?P<math>\$(?!\$)(?:\\.|[^$\\\n]|\n(?![ ]*\n))+?\$)
    | \[\]\((?P<page>[^()\s]+)\)
    | (?P<image>!\[(?:[^\[\]]|\[[^\[\]]*\])*\])\((?P<picture>[^()\s]+)
    | \]\((?P<destination>[^()\s]+)
    | (?P<reference>^\[[^\]\n]+\]:[ ]+)(?P<refers>\S+)
    | (?P<attribute>\b(?P<kind>href|src)=")(?P<address>[^"]*)(?=")
    """,
    re.VERBOSE | re.DOTALL | re.MULTILINE,
)
_HAS_NO_FORM = ("definition", "footnote", "environment", "autolink")
_CODE_ROLES = ("class", "func", "meth", "mod", "attr", "exc", "data", "obj", "any")


class NoForm(ValueError):
    """A piece of MyST that has no form in plain Markdown, or that leads nowhere."""


class Resolver(Protocol):
    """What the course knows about itself; every answer is Markdown or an absolute address."""

    def number(self, label: str) -> str:
        """The number, ``2.3``, that the site shows beside the equation with that label."""

    def equation(self, label: str) -> str:
        """A reference to the equation: its number in brackets, with a link to another page."""

    def refer(self, label: str, text: str) -> str:
        """A link to the section, figure or statement with that label."""

    def page_link(self, path: str, text: str) -> str:
        """A link to the page at ``path``, relative to the page that is read."""

    def term(self, name: str, text: str) -> str:
        """A link to a term of the glossary."""

    def cite(self, form: str, keys: list[str]) -> str:
        """Authors and years, each with a link; the form is ``t``, ``p`` or another of MyST's."""

    def address(self, path: str) -> str:
        """Where a page or file of the book is published."""

    def download(self, path: str) -> str:
        """Where a file of the book can be had as it is."""


# --- blocks -------------------------------------------------------------------------------------


def blocks(text: str) -> Iterator[tuple[re.Match[str] | None, list[str]]]:
    """Split at fences: (opening line, the lines in it without prefix), or (None, lines between).

    >>> [(opening and opening["info"], lines) for opening, lines in blocks("a\\n```py\\nb\\n```")]
    [(None, ['a']), ('py', ['b'])]
    """
    between: list[str] = []
    lines = iter(text.split("\n"))
    for line in lines:
        opening = _OPENING.match(line)
        if not opening or (opening["marks"][0] == ":" and not _DIRECTIVE.match(opening["info"])):
            between.append(line)
            continue
        if between:
            yield None, between
            between = []
        marks, inside = opening["marks"], []
        closing = re.compile(rf"[ >]*{marks[0]}{{{len(marks)},}}[ ]*")
        for line in lines:
            if closing.fullmatch(line):
                break
            inside.append(_without_prefix(line, opening["prefix"]))
        yield opening, inside
    if between:
        yield None, between


def _without_prefix(line: str, prefix: str) -> str:
    return line.removeprefix(prefix) if line.startswith(prefix) else line.lstrip(" >")


def directive(opening: re.Match[str], inside: list[str]) -> Directive | None:
    """The directive that a fence holds; None for a block of code."""
    found = _DIRECTIVE.match(opening["info"])
    if not found:
        return None
    options: dict[str, str] = {}
    lines = list(inside)
    while lines and (option := _OPTION.match(lines[0].strip())):
        options[option["name"]] = option["value"].strip()
        lines.pop(0)
    if lines and lines[0].strip() == "---" and not options:
        end = next((i for i, line in enumerate(lines[1:], 1) if line.strip() == "---"), 0)
        pairs = [line.partition(":") for line in lines[1:end]]
        options = {name.strip(): value.strip() for name, _, value in pairs}
        lines = lines[end + 1 :]
    return Directive(found["name"], found["argument"], options, "\n".join(lines).strip("\n"))


class Directive:
    """A directive: its name, its argument, its options and what stands in it."""

    def __init__(self, name: str, argument: str, options: dict[str, str], body: str) -> None:
        self.name, self.argument, self.options, self.body = name, argument, options, body

    @property
    def label(self) -> str:
        """The label under which others refer to it, or an empty string."""
        return self.options.get("label") or self.options.get("name", "")


# --- translation --------------------------------------------------------------------------------


def plain(text: str, resolver: Resolver) -> str:
    """``text`` without MyST.

    Raises:
        NoForm: a role, directive or other piece of MyST has no form, or a label is unknown.
    """
    made: list[str] = []
    for opening, lines in blocks(text):
        if opening is None:
            made.append(_inline("\n".join(lines), resolver))
            continue
        prefix, found = opening["prefix"], directive(opening, lines)
        if found is None:
            marks, info = opening["marks"], opening["info"]
            new = "\n".join([f"{marks}{info}", *lines, marks])
        else:
            new = _directive(found, resolver)
        made.append("\n".join((prefix + line).rstrip() for line in new.split("\n")))
    return "\n".join(made)


def _directive(found: Directive, resolver: Resolver) -> str:
    name = found.name.removeprefix("prf:")
    argument = _inline(found.argument, resolver)
    if name == "math":
        body = "\n".join(part for part in (found.argument, found.body) if part)
        return _display(f"\n{body}\n", found.label, resolver)
    if name in ("code-block", "code", "sourcecode", "code-cell"):
        return f"```{found.argument}\n{found.body}\n```"
    if name in ("image", "figure"):
        return _picture(found, resolver)
    body = plain(found.body, resolver)
    if name in FOLDED or "dropdown" in found.options.get("class", "").split():
        title = argument or ADMONITIONS.get(name, "More")
        return f"<details><summary>{title}</summary>\n\n{body}\n\n</details>"
    if name in ADMONITIONS:  # their argument is the first line of what they say
        return quote(ADMONITIONS[name], f"{argument}\n\n{body}".strip("\n") if argument else body)
    if name in TITLED:
        return quote(argument, body)
    if name in STATEMENTS or name == "exercise":
        return quote(name.capitalize() + (f" ({argument})" if argument else ""), body)
    if name in ("proof", "solution"):  # a solution's argument is the label of its exercise
        return quote(name.capitalize(), body)
    raise NoForm(f"the directive {{{found.name}}} has no form in plain Markdown")


def quote(title: str, body: str) -> str:
    """A block quote with a bold title.

    >>> print(quote("Note", "One.\\n\\nTwo."))
    > **Note**
    >
    > One.
    >
    > Two.
    """
    text = f"**{title}**\n\n{body}" if title else body
    text = _INLINE.sub(lambda found: _one_line(found[0]) if found["display"] else found[0], text)
    return "\n".join(f"> {line}".rstrip() for line in text.split("\n"))


def _picture(found: Directive, resolver: Resolver) -> str:
    alternative = found.options.get("alt", "")
    picture = f"![{alternative}]({resolver.download(found.argument)})"
    return f"{picture}\n\n{plain(found.body, resolver)}" if found.body else picture


def _inline(text: str, resolver: Resolver) -> str:
    """A stretch of text between fences."""
    return _INLINE.sub(lambda found: _piece(found, resolver), text)


def _piece(found: re.Match[str], resolver: Resolver) -> str:
    if found["dropped"]:
        return ""
    for kind in _HAS_NO_FORM:
        if found[kind]:
            raise NoForm(f"{kind}: {found[0].strip()!r} has no form in plain Markdown")
    if found["role"]:
        return _role(found["role"], " ".join(found["content"].split()), resolver)
    if found["math"] or found["display"]:
        return _formula(found, resolver)
    if found["page"]:
        return resolver.page_link(found["page"], "")
    if found["picture"]:
        return f"{found['image']}({_address(found['picture'], resolver.download)}"
    if found["destination"]:
        return f"]({_address(found['destination'], resolver.address)}"
    if found["refers"]:
        return found["reference"] + _address(found["refers"], resolver.address)
    if found["attribute"]:
        of_file = resolver.address if found["kind"] == "href" else resolver.download
        return found["attribute"] + _address(found["address"], of_file)
    return found[0]


def _address(given: str, of_file: Callable[[str], str]) -> str:
    return given if re.match(r"(https?|mailto|data):", given) else of_file(given)


# --- formulas -----------------------------------------------------------------------------------


def _formula(found: re.Match[str], resolver: Resolver) -> str:
    line = found.string[: found.start()].rpartition("\n")[2]
    quoted = re.match(r"[ ]*>", line)
    if found["math"]:
        return _safe(_one_line(found["math"]) if quoted else found["math"])
    body = _one_line(found["display"]) if quoted else found["display"]
    return _display(body, found["label"] or "", resolver)


def _one_line(formula: str) -> str:
    """A formula without the marks of the block quote that it stands in.

    Where formulas are found before quotes are, the marks would be read as relations.
    """
    lines = [re.sub(r"^[ >]+|(?<!\\)%.*", "", line) for line in formula.split("\n")]
    return " ".join(lines)


def _safe(formula: str) -> str:
    """The same formula for a program that takes ``<`` and a letter for HTML: a space between.

    >>> _safe("$P(y<f)$")
    '$P(y< f)$'
    """
    return re.sub(r"<(?=[A-Za-z/!?])", "< ", formula)


def _display(body: str, label: str, resolver: Resolver) -> str:
    """A displayed formula, with its number where it has a label."""
    body = _one_formula(_safe(body))
    return f"$${_numbered(body, resolver.number(label)) if label else body}$$"


def _numbered(body: str, number: str) -> str:
    """The formula with its tag, which MathJax wants outside of any environment.

    >>> _numbered(" a = b ", "2.3")
    ' a = b \\\\tag{2.3} '
    """
    end = re.search(r"(?P<newline>\n[ ]*)$", body)
    if end:
        return f"{body[: end.start()]}{end['newline']}\\tag{{{number}}}{end['newline']}"
    return f"{body.rstrip()} \\tag{{{number}}} "


def _one_formula(body: str) -> str:
    """Rows of several equations as one formula, as the site sets them: one number for all."""
    body = re.sub(r"\\(begin|end)\{(align|gather)(at)?\*?\}", r"\\\1{\2ed\3}", body)
    body = re.sub(r"\\(?:begin|end)\{equation\*?\}", "", body)
    left = body
    for pattern in (_ENVIRONMENT, _BRACES):
        while (shorter := pattern.sub("", left)) != left:
            left = shorter
    if re.search(r"\\\\|(?<!\\)&", left):
        space = re.match(r"\s*", body)[0], re.search(r"\s*$", body)[0]  # type: ignore[index]
        body = f"{space[0]}\\begin{{aligned}}{body.strip()}\\end{{aligned}}{space[1]}"
    return body


# --- roles --------------------------------------------------------------------------------------


def _role(name: str, content: str, resolver: Resolver) -> str:
    if name == "cite" or name.startswith("cite:"):
        return resolver.cite(
            name.removeprefix("cite:"), [key.strip() for key in content.split(",")]
        )
    if name.removeprefix("py:") in _CODE_ROLES:
        return f"`{content.rpartition('.')[2] if content.startswith('~') else content}`"
    if name in WRAPPED:
        return WRAPPED[name].format(content)
    if name not in REFERENCES:
        raise NoForm(f"the role {{{name}}}`{content}` has no form in plain Markdown")
    named = _NAMED.match(content)
    text, target = (named["text"], named["target"]) if named else ("", content)
    return REFERENCES[name](resolver, text, target)


WRAPPED = {
    "math": "${}$",
    "code": "`{}`",
    "sub": "<sub>{}</sub>",
    "sup": "<sup>{}</sup>",
    "kbd": "<kbd>{}</kbd>",
}
REFERENCES: dict[str, Callable[[Resolver, str, str], str]] = {
    "eq": lambda to, text, target: to.equation(target),
    "math:numref": lambda to, text, target: to.equation(target),
    "ref": lambda to, text, target: to.refer(target, text),
    "prf:ref": lambda to, text, target: to.refer(target, text),
    "numref": lambda to, text, target: to.refer(target, text),
    "doc": lambda to, text, target: to.page_link(target, text),
    "term": lambda to, text, target: to.term(target, text or target),
    "download": lambda to, text, target: f"[{text or target}]({to.download(target)})",
}
