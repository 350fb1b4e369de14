"""Formulas as MathJax typesets them, made while the book is built: no Sphinx in here.

``typeset`` starts Node once for all formulas that its cache lacks. ``stylesheet`` keeps, of
MathJax's rules, those that the formulas use, and cuts the fonts down to their characters.
"""

from __future__ import annotations

import hashlib
import json
import re
import shutil
import subprocess
from collections.abc import Iterable, Mapping
from dataclasses import dataclass, field
from pathlib import Path
from typing import Any, NamedTuple

from book._ext.font_subsets import subset

FOLDER = Path(__file__).resolve().parent.parent / "_static" / "vendor" / "mathjax"
SCRIPT = Path(__file__).with_name("typeset.js")
FONTS = FOLDER / "output" / "chtml" / "fonts" / "woff-v2"

_RULE = re.compile(r'([^{}]+)\{((?:"[^"]*"|[^{}"])*)\}')
_CLASSES = re.compile(r'class="([^"]*)"')
_FAULT = re.compile(r'data-mjx-error="([^"]*)"|<mtext mathcolor="red">(\\[^<]*)</mtext>')
_MATHML = re.compile(r"<mjx-assistive-mml[^>]*>(.*?)</mjx-assistive-mml>", re.DOTALL)


class Formula(NamedTuple):
    """What is typeset: its TeX, and whether it stands on a line of its own."""

    tex: str
    display: bool

    @property
    def key(self) -> str:
        """Its name in the cache, which is a JSON file."""
        return ("display " if self.display else "inline ") + self.tex


@dataclass
class Typeset:
    """Formulas as HTML, and all the rules that MathJax has for them."""

    html: dict[Formula, str] = field(default_factory=dict)
    css: str = ""

    def faults(self) -> dict[Formula, str]:
        """What MathJax complains of, by formula."""
        found = {formula: _FAULT.search(html) for formula, html in self.html.items()}
        return {
            formula: fault[1] or f"the command {fault[2]} is unknown"
            for formula, fault in found.items()
            if fault
        }


def mathml(html: str) -> str:
    """The MathML that comes with a formula for assistive technology.

    >>> mathml("<mjx-assistive-mml display='inline'><math><mi>x</mi></math></mjx-assistive-mml>")
    '<math><mi>x</mi></math>'
    """
    found = _MATHML.search(html)
    return found[1] if found else ""


def node() -> str | None:
    """The program that runs MathJax, or None."""
    return shutil.which("node")


def run(formulas: list[Formula], config: Mapping[str, Any], program: str) -> dict[str, Any]:
    """Typeset formulas, without a cache: their HTML in order, and the style sheet of MathJax."""
    task = {"folder": FOLDER.as_posix(), "config": config, "formulas": formulas}
    done = subprocess.run(
        [program, str(SCRIPT)], input=json.dumps(task), capture_output=True, encoding="utf-8"
    )
    if done.returncode:
        raise RuntimeError(f"MathJax in {program} stopped: {done.stderr.strip()[-500:]}")
    return json.loads(done.stdout)


def version(config: Mapping[str, Any]) -> str:
    """A name for what decides how a formula looks: MathJax, its fonts and its configuration."""
    digest = hashlib.sha256(json.dumps(config, sort_keys=True).encode())
    for path in (FOLDER / "SHA256SUMS", SCRIPT):
        digest.update(path.read_bytes())
    return digest.hexdigest()[:16]


def typeset(
    formulas: Iterable[Formula], *, config: Mapping[str, Any], cache: Path, program: str
) -> Typeset:
    """Typeset formulas, those in the cache at no cost.

    Args:
        formulas: what to typeset; repetitions are free.
        config: the options of MathJax, as a page would give them.
        cache: a folder.
        program: the path of Node.
    """
    wanted = list(dict.fromkeys(formulas))
    path = cache / f"{version(config)}.json"
    stored = json.loads(path.read_text(encoding="utf-8")) if path.is_file() else {}
    known: dict[str, str] = stored.get("html", {})
    missing = [formula for formula in wanted if formula.key not in known]
    if missing:
        made = run(missing, config, program)
        known |= {f.key: html for f, html in zip(missing, made["html"], strict=True)}
        stored = {"css": made["css"], "html": known}
        _replace(path, json.dumps(stored, ensure_ascii=False).encode())
    return Typeset({f: known[f.key] for f in wanted}, stored.get("css", ""))


def _replace(path: Path, content: bytes) -> None:
    """Write a file at once, so that a build that is stopped leaves no half."""
    path.parent.mkdir(parents=True, exist_ok=True)
    draft = path.with_suffix(".draft")
    draft.write_bytes(content)
    draft.replace(path)


# --- the style sheet and the fonts ---------------------------------------------------------------


@dataclass(frozen=True)
class Used:
    """The elements, and the classes of each element, that some formulas have."""

    elements: frozenset[str]
    classes: frozenset[frozenset[str]]

    @classmethod
    def by(cls, pieces: Iterable[str]) -> Used:
        """What the given HTML uses.

        >>> used = Used.by(['<mjx-mi><mjx-c class="mjx-c1D465 TEX-I"></mjx-c></mjx-mi>'])
        >>> used.has(".mjx-c1D465.TEX-I::before"), used.has("mjx-c.mjx-c31::before")
        (True, False)
        """
        elements: set[str] = set()
        classes: set[str] = set()
        for html in pieces:
            elements.update(re.findall(r"<(mjx-[a-zA-Z-]+)", html))
            classes.update(_CLASSES.findall(html))
        return cls(frozenset(elements), frozenset(frozenset(names.split()) for names in classes))

    def has(self, selector: str) -> bool:
        """Whether a selector may meet one of the elements."""
        for part in re.split(r"[\s>]+", selector):
            plain = re.sub(r"\[[^]]*\]|:.*", "", part)
            element, *names = plain.split(".")
            if element.startswith("mjx-") and element not in self.elements:
                return False
            if names and not any(set(names) <= found for found in self.classes):
                return False
        return True


def used_rules(css: str, used: Used) -> list[tuple[str, str]]:
    """The rules that meet some element, as selector and declarations.

    >>> css = 'mjx-mi { display: inline } mjx-mo { color: red } mjx-mi, mjx-mo { top: 0 }'
    >>> used_rules(css, Used.by(["<mjx-mi></mjx-mi>"]))
    [('mjx-mi', 'display: inline'), ('mjx-mi', 'top: 0')]
    """
    kept = []
    for selectors, declarations in _RULE.findall(re.sub(r"/\*.*?\*/", "", css, flags=re.DOTALL)):
        alive = [s for s in map(str.strip, selectors.split(",")) if used.has(s)]
        if alive:
            kept.append((", ".join(alive), re.sub(r"\s*\n\s*", " ", declarations).strip()))
    return kept


def stylesheet(typeset: Typeset, folder: Path) -> None:
    """Write ``formulas.css`` and its fonts, ``formulas/*.woff``, into a folder.

    Fonts whose family no rule asks for are left out.
    """
    rules = used_rules(typeset.css, Used.by(typeset.html.values()))
    plain = [rule for rule in rules if rule[0] != "@font-face"]
    families = " ".join(declarations for _, declarations in plain)
    lines = [f"{selector} {{{declarations}}}" for selector, declarations in plain]
    files: dict[str, bytes] = {}
    for declarations in (text for selector, text in rules if selector == "@font-face"):
        (family,) = re.findall(r"font-family: MJX([\w-]+)", declarations)
        (name,) = re.findall(r"formulas/([\w-]+\.woff)", declarations)
        if re.search(rf"\bMJX{family}(?![\w-])", families):
            characters = _characters(plain, family)
            # This font is all blanks of no width; it is not to be cut.
            whole = name == "MathJax_Zero.woff"
            files[name] = (FONTS / name).read_bytes() if whole else subset(FONTS / name, characters)
            lines.append(f"@font-face {{{declarations} font-display: block;}}")
    _write_all(folder, "\n".join(lines) + "\n", files)


def _characters(rules: Iterable[tuple[str, str]], family: str) -> set[int]:
    """The characters that the rules of a family show."""

    def families(selector: str) -> set[str]:
        stretched = {"TEX", "TEX-S1", "TEX-S4", "TEX-A"} if "stretch" in selector else {"TEX"}
        return set(re.findall(r"\.(TEX[\w-]*)", selector)) or stretched

    return {
        ord(character)
        for selector, declarations in rules
        if family in families(selector)
        for character in _content(declarations)
    }


def _write_all(folder: Path, css: str, files: Mapping[str, bytes]) -> None:
    fonts = folder / "formulas"
    shutil.rmtree(fonts, ignore_errors=True)
    fonts.mkdir(parents=True)
    for name, content in files.items():
        (fonts / name).write_bytes(content)
    (folder / "formulas.css").write_text(css, encoding="utf-8")


def _content(declarations: str) -> str:
    r"""The characters that a rule shows.

    >>> _content(r'padding: 0; content: "\2212"'), _content('content: "x"'), _content("top: 0")
    ('−', 'x', '')
    """
    found = re.search(r'content: "([^"]*)"', declarations)
    escaped = re.compile(r"\\([0-9A-Fa-f]{1,6}) ?|\\(.)")
    return escaped.sub(lambda m: chr(int(m[1], 16)) if m[1] else m[2], found[1] if found else "")
