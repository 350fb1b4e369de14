"""Quizzes: a question with choices that works on a page without a kernel, and without JavaScript.

The form is native HTML: radio buttons in a fieldset, and a reply to each choice that the style
sheet shows when its button is chosen. A keyboard and a screen reader know what to do with it.
Where a browser is too old for the style sheet, all replies are listed.
"""

from __future__ import annotations

import hashlib
import html
import re
import textwrap
from collections.abc import Sequence
from dataclasses import dataclass, replace
from functools import cache

from lecturelib import contents
from lecturelib.exercises.names import chapter_of, chapters, nearest


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
def _of(chapter: str) -> dict[str, Quiz]:
    """The quizzes of one chapter, imported when first asked for, their choices shuffled."""
    return {
        quiz.slug: replace(quiz, choices=shuffled(quiz.slug, quiz.choices))
        for _, module in contents.modules("quizzes", chapter)
        for quiz in module.QUIZZES
    }


_SAYS_LAST = re.compile(r"(all|none|both|neither|any) of (these|them|the)\b|(both|neither|none)\b")
_NAMES_A_LETTER = re.compile(r"\([a-f]\)")


def shuffled(slug: str, choices: Sequence[Choice]) -> tuple[Choice, ...]:
    """The choices in an order that the slug fixes: the right one gets no usual place.

    A last choice such as "None of these" stays last, and choices that name each other by letters
    stay as they are.
    """
    if any(_NAMES_A_LETTER.search(choice.text + choice.reply) for choice in choices):
        return tuple(choices)
    last = 1 if _SAYS_LAST.match(choices[-1].text.lower()) else 0
    free, fixed = choices[: len(choices) - last], choices[len(choices) - last :]
    return (*sorted(free, key=lambda choice: _rank(slug, choice)), *fixed)


def _rank(slug: str, choice: Choice) -> str:
    return hashlib.sha256(f"{slug}\0{choice.text}".encode()).hexdigest()


def list_quizzes(chapter: str | None = None) -> list[str]:
    """The slugs of all quizzes, or of those of one chapter.

    >>> "batch-norm-test-time" in list_quizzes("batch_norm")
    True
    """
    return [slug for c in chapters() if chapter in (None, c) for slug in _of(c)]


def quiz(slug: str) -> Quiz:
    """A quiz by its slug: shows as a form in a notebook and on the page, prints as text.

    >>> quiz("batch-norm-tets-time")
    Traceback (most recent call last):
        ...
    ValueError: there is no quiz 'batch-norm-tets-time'; did you mean 'batch-norm-test-time'?
    """
    if not isinstance(slug, str):
        raise TypeError(f"a quiz is named by a string, such as 'batch-norm-bias', not {slug!r}")
    chapter = chapter_of(slug)
    if chapter is not None and slug in _of(chapter):
        return _of(chapter)[slug]
    questions = {q.slug: q.question for c in chapters() for q in _of(c).values()}
    near = nearest(slug, questions, n=1)
    remedy = f"did you mean {near[0]!r}?" if near else f"there is {', '.join(questions)}"
    raise ValueError(f"there is no quiz {slug!r}; {remedy}")
