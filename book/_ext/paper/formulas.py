"""Formulas of the EPUB as MathML, which every current reader shows and reads aloud.

The TeX is read by the MathJax of the site, in node, so that a formula means the same in both.
"""

from __future__ import annotations

import json
import re
import shutil
import subprocess
import unicodedata
from collections.abc import Iterable, Sequence
from html import escape, unescape
from pathlib import Path
from typing import Any

from docutils import nodes
from sphinx.errors import ExtensionError
from sphinx.util.math import get_node_equation_number

SCRIPT = Path(__file__).with_name("mathml.js")
MATHJAX = Path(__file__).parents[2] / "_static" / "vendor" / "mathjax" / "tex-chtml.js"
_VARIANT = re.compile(
    r'<(?P<tag>m[ion])(?P<before>[^>]*) mathvariant="(?P<face>[^"]+)"'
    r"(?P<after>[^>]*)>(?P<text>[^<]*)<"
)
_APPLIED = "<mo>&#x2061;</mo>"
_THIN = '<mspace width="0.167em"></mspace>'
_FACES = {
    "bold": "BOLD",
    "bold-italic": "BOLD ITALIC",
    "double-struck": "DOUBLE-STRUCK",
    "script": "SCRIPT",
    "-tex-calligraphic": "SCRIPT",
    "fraktur": "FRAKTUR",
    "sans-serif": "SANS-SERIF",
    "monospace": "MONOSPACE",
}


def mathml(formulas: Sequence[tuple[str, bool]]) -> list[str]:
    r"""Each formula, given as its TeX and whether it is displayed, as a ``math`` element.

    Raises:
        ExtensionError: there is no node.
        ValueError: TeX that MathJax does not understand.
    """
    node = shutil.which("node") or shutil.which("nodejs")
    if node is None:
        raise ExtensionError("epub: formulas need node (Debian: apt-get install nodejs)")
    done = subprocess.run(
        [node, str(SCRIPT), str(MATHJAX)],
        input=json.dumps(list(formulas)),
        capture_output=True,
        text=True,
        encoding="utf-8",
    )
    if done.returncode:
        raise ExtensionError(f"epub: MathJax stopped: {done.stderr[-400:]}")
    results = []
    for (tex, _), result in zip(formulas, json.loads(done.stdout), strict=True):
        if isinstance(result, dict):
            raise ValueError(f"MathJax does not understand {tex!r}: {result['error']}")
        results.append(tidy(result, tex))
    return results


def tidy(markup: str, tex: str) -> str:
    """MathJax's MathML without its private marks, with the TeX as alternative text.

    >>> tidy('<math xmlns="m">\\n  <mi data-mjx-a="x" class="MJX-y">a</mi>\\n</math>', "a")
    '<math xmlns="m" alttext="a"><mi>a</mi></math>'
    """
    markup = re.sub(r'\s(?:data-[\w-]+|class)="[^"]*"', "", markup)
    markup = re.sub(r"\n\s*", "", markup)
    alt = escape(" ".join(tex.split()), quote=True)
    markup = spaced(lettered(markup))
    return markup.replace(">", f' alttext="{alt}">', 1)


def spaced(markup: str) -> str:
    """Thin spaces around named functions, which MathJax sets by rules that MathML does not have.

    >>> spaced("<mi>x</mi><mi>sin</mi><mo>&#x2061;</mo><mi>y</mi>").count("<mspace")
    2
    >>> spaced('<mi>sin</mi><mo>&#x2061;</mo><mo stretchy="false">(</mo>').count("<mspace")
    0
    """
    markup = re.sub(rf"({_APPLIED})(?!<mo|<mspace|</)", rf"\1{_THIN}", markup)
    return re.sub(rf"(?<=</m[in]>)(<mi>\w{{2,}}</mi>{_APPLIED})", rf"{_THIN}\1", markup)


def lettered(markup: str) -> str:
    """Letters of another face as the characters that Unicode has for them.

    Browsers no longer read the attribute by which MathJax asks for bold or double-struck letters.

    >>> lettered('<mi mathvariant="double-struck">R</mi>')
    '<mi>ℝ</mi>'
    >>> lettered('<mi mathvariant="bold">x</mi><mn mathvariant="bold">1</mn>')
    '<mi>𝐱</mi><mn>𝟏</mn>'
    """

    def write(found: re.Match[str]) -> str:
        face = _FACES.get(found["face"])
        if face is None:
            return found[0]
        text = "".join(_in_face(letter, face) for letter in unescape(found["text"]))
        return f"<{found['tag']}{found['before']}{found['after']}>{text}<"

    return _VARIANT.sub(write, markup)


def _in_face(letter: str, face: str) -> str:
    """The mathematical character that is this letter in this face; itself where there is none."""
    for kind in ("CAPITAL", "SMALL", "DIGIT"):
        name = unicodedata.name(letter, "").replace(f"LATIN {kind} LETTER", kind)
        name = name.replace(f"GREEK {kind} LETTER", kind).replace("SMALL FINAL", "FINAL")
        for stem in (f"MATHEMATICAL {face}", face):
            try:
                return unicodedata.lookup(f"{stem} {name}")
            except KeyError:
                continue
    return letter


def displayed(tex: str, nowrap: bool = False) -> str:
    """The TeX of a displayed formula as Sphinx hands it to MathJax on the site."""
    if nowrap:
        return tex.strip()
    parts = [part.strip() for part in tex.split("\n\n") if part.strip()]
    parts = [rf"\begin{{split}}{part}\end{{split}}" if r"\\" in part else part for part in parts]
    joined = r"\\".join(parts)
    return joined if len(parts) == 1 else rf"\begin{{gathered}}{joined}\end{{gathered}}"


class Formulas:
    """The MathML of a book's formulas, made in one run of node when the first is asked for."""

    def __init__(self) -> None:
        self.known: dict[tuple[str, bool], str] = {}

    def learn(self, trees: Iterable[nodes.document]) -> None:
        """Typeset all formulas of these documents that are not known yet."""
        wanted = {key: None for tree in trees for node in _formulas(tree) for key in [_key(node)]}
        missing = [key for key in wanted if key not in self.known]
        self.known.update(zip(missing, mathml(missing), strict=True))

    def of(self, node: nodes.Element) -> str:
        """The markup of a formula."""
        key = _key(node)
        if key not in self.known:
            self.known[key] = mathml([key])[0]
        return self.known[key]


def _formulas(tree: nodes.document) -> Iterable[nodes.Element]:
    return tree.findall(lambda node: isinstance(node, nodes.math | nodes.math_block))


def _key(node: nodes.Element) -> tuple[str, bool]:
    if isinstance(node, nodes.math_block):
        return displayed(node.astext(), bool(node.get("nowrap"))), True
    return node.astext(), False


def visit_inline(self: Any, node: nodes.math) -> None:
    """A formula in a line."""
    self.body.append(self.builder.formulas.of(node))
    raise nodes.SkipNode


def visit_block(self: Any, node: nodes.math_block) -> None:
    """A displayed formula with its number."""
    self.body.append(self.starttag(node, "div", CLASS="math"))
    if node["number"]:
        number = get_node_equation_number(self, node)
        self.body.append(f'<span class="eqno">({number})</span>')
    self.body.append(self.builder.formulas.of(node) + "</div>\n")
    raise nodes.SkipNode
