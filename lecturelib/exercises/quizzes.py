"""Quizzes: a question with choices that works on a page without a kernel, and without JavaScript.

The form is native HTML: radio buttons in a fieldset, and a reply to each choice that the style
sheet shows when its button is chosen. A keyboard and a screen reader know what to do with it.
Where a browser is too old for the style sheet, all replies are listed.
"""

from __future__ import annotations

import difflib
import html
import importlib
import textwrap
from dataclasses import dataclass
from functools import cache

from lecturelib.exercises.registry import CHAPTERS


@dataclass(frozen=True)
class Choice:
    """One choice of a quiz: its text, what to reply, and whether it is right."""

    text: str
    reply: str
    right: bool = False


@dataclass(frozen=True)
class Quiz:
    """A question with choices.

    >>> quiz("batch-norm-test-time").choices[0].right
    False
    """

    slug: str
    question: str
    choices: tuple[Choice, ...]

    def __repr__(self) -> str:
        lines = [textwrap.fill(f"Quiz: {self.question}", 92)]
        lines += [
            textwrap.fill(
                choice.text, 92, initial_indent=f"  ({letter}) ", subsequent_indent="      "
            )
            for letter, choice in zip("abcdef", self.choices, strict=False)
        ]
        return "\n".join(lines)

    def _repr_html_(self) -> str:
        name = f"quiz-{self.slug}"
        choices = "".join(
            f'<div class="lq-choice"><input type="radio" name="{name}" id="{name}-{i}">'
            f'<label for="{name}-{i}">{html.escape(choice.text)}</label></div>'
            for i, choice in enumerate(self.choices)
        )
        replies = "".join(
            f'<p class="lq-reply {"lq-right" if c.right else "lq-wrong"}" id="{name}-r{i}">'
            f"<strong>{'✓ Right.' if c.right else '✗ Not quite.'}</strong>"
            f" {html.escape(c.reply)}</p>"
            for i, c in enumerate(self.choices)
        )
        shown = ",".join(
            f"#{name}:has(#{name}-{i}:checked) #{name}-r{i}" for i in range(len(self.choices))
        )
        # Hidden only where the browser can show them again.
        style = (
            f"{_STYLE}@supports selector(:has(a)){{#{name} .lq-reply{{display:none}}"
            f"{shown}{{display:block}}}}"
        )
        return (
            f'<div class="lecturelib-quiz" id="{name}"><style>{style}</style><fieldset><legend>'
            f"{html.escape(self.question)}</legend>{choices}"
            f'<div role="status">{replies}</div></fieldset></div>'
        )


_STYLE = (
    ".lecturelib-quiz{max-width:42rem;margin:1rem 0}"
    "html[theme=dark] .lecturelib-quiz{color-scheme:dark}"  # as Colab marks a dark page
    ".lecturelib-quiz fieldset{border:1px solid rgba(128,128,128,.6);border-radius:.4rem;"
    "padding:.7rem 1rem;margin:0;min-width:0}"
    # A floating legend stands inside the frame, where a long question has room.
    ".lecturelib-quiz legend{float:left;width:100%;font-size:1rem;font-weight:600;padding:0;"
    "margin:0 0 .3rem;line-height:1.4;color:inherit;border:0}"
    ".lecturelib-quiz legend+.lq-choice{clear:both}"
    ".lq-choice{display:flex;gap:.6rem;align-items:baseline;padding:.3rem 0}"
    ".lq-choice input{flex:none;width:1.1rem;height:1.1rem;margin:0}"
    ".lq-choice label{margin:0;cursor:pointer}"
    ".lecturelib-quiz .lq-reply{margin:.4rem 0;padding:.4rem .8rem;border-left:5px solid #D55E00}"
    ".lecturelib-quiz .lq-reply.lq-right{border-left-color:#009E73}"
)


@cache
def _all() -> dict[str, tuple[str, Quiz]]:
    modules = {c: importlib.import_module(f"lecturelib.exercises.{c}.quizzes") for c in CHAPTERS}
    return {quiz.slug: (c, quiz) for c, module in modules.items() for quiz in module.QUIZZES}


def list_quizzes(chapter: str | None = None) -> list[str]:
    """The slugs of all quizzes, or of those of one chapter.

    >>> "batch-norm-test-time" in list_quizzes("batch_norm")
    True
    """
    return [slug for slug, (home, _) in _all().items() if chapter in (None, home)]


def quiz(slug: str) -> Quiz:
    """A quiz by its slug: shows as a form in a notebook and on the page, prints as text.

    >>> quiz("batch-norm-tets-time")
    Traceback (most recent call last):
        ...
    ValueError: there is no quiz 'batch-norm-tets-time'; did you mean 'batch-norm-test-time'?
    """
    quizzes = _all()
    if slug in quizzes:
        return quizzes[slug][1]
    near = difflib.get_close_matches(str(slug), quizzes, n=1)
    remedy = f"did you mean {near[0]!r}?" if near else f"there is {', '.join(quizzes)}"
    raise ValueError(f"there is no quiz {slug!r}; {remedy}")
