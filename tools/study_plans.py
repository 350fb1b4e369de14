"""Make the page of study plans: which chapter builds on which, and three ways through the course.

    python -m tools.study_plans build    write book/study_plans.md, the map of the chapters, and
                                         the plans' sample course files
    python -m tools.study_plans check    what ``build`` would change, and every fault of the plans

What a chapter builds on is read from the links of its paragraph "Before you start", its minutes
from its head, those of the exercises from their records: a plan says what to read and what to
assign, and adds up the rest.
"""

from __future__ import annotations

import argparse
import re
import sys
from collections.abc import Callable, Iterator, Mapping, Sequence
from dataclasses import dataclass
from functools import cache
from pathlib import Path

import nbformat

from lecturelib.contents import CHAPTERS, PARTS
from lecturelib.exercises.registry import Exercise, find
from tools import chapter_map
from tools.course import ROOT

PAGE = ROOT / "book" / "study_plans.md"
MAP = ROOT / "book" / "_static" / "chapter_map.svg"
COURSES = ROOT / "lecturelib" / "grading" / "plans"

_BEFORE = re.compile(r"\*\*Before you start\.?\*\*(.*?)(?:\n\s*\n|\Z)", re.DOTALL)
_LINK = re.compile(r"\]\((\w+)\.ipynb\)")
_MINUTES = re.compile(r"(\d+) minutes? to read")


# --- what the pages say ---------------------------------------------------------------------------


@dataclass(frozen=True)
class Head:
    """The head of a chapter: its title, its minutes, the chapters that it builds on."""

    title: str
    minutes: int
    builds_on: tuple[str, ...]


def read_head(path: Path) -> Head:
    """Read a chapter's head.

    Raises:
        ValueError: if it has no title, no minutes or no paragraph "Before you start".
    """
    cells = [c.source for c in nbformat.read(path, 4).cells if c.cell_type == "markdown"]
    text = "\n\n".join(cells)
    before, minutes = _BEFORE.search(text), _MINUTES.search(text)
    if before is None or minutes is None or not text.startswith("# "):
        raise ValueError(
            f"{path.name}: wanted are a title, “N minutes to read” and a paragraph that begins "
            "with **Before you start.**"
        )
    links = [slug for slug in dict.fromkeys(_LINK.findall(before[1])) if slug != path.stem]
    return Head(text.splitlines()[0][2:], int(minutes[1]), tuple(links))


@cache
def heads() -> dict[str, Head]:
    """The heads of all written chapters, in the order of reading."""
    paths = {slug: ROOT / "book" / f"{slug}.ipynb" for slug in CHAPTERS}
    return {slug: read_head(path) for slug, path in paths.items() if path.exists()}


def direct(found: Mapping[str, Head]) -> dict[str, tuple[str, ...]]:
    """What each chapter builds on, without what follows from the rest.

    >>> a, b = Head("A", 1, ()), Head("B", 1, ("a",))
    >>> direct({"a": a, "b": b, "c": Head("C", 1, ("a", "b"))})["c"]
    ('b',)
    """

    def below(slug: str) -> set[str]:
        builds_on = found[slug].builds_on if slug in found else ()
        return set(builds_on).union(*map(below, builds_on))

    return {
        slug: tuple(
            other
            for other in head.builds_on
            if not any(other in below(third) for third in head.builds_on)
        )
        for slug, head in found.items()
    }


# --- plans ----------------------------------------------------------------------------------------


@dataclass(frozen=True)
class Week:
    """What is read, and which exercises are handed in; ``note`` says what is left out."""

    chapters: tuple[str, ...]
    exercises: tuple[str, ...] = ()
    note: str = ""


@dataclass(frozen=True)
class Plan:
    """A way through the course."""

    name: str
    text: str
    weeks: tuple[Week, ...]
    unit: str = "week"
    file: str = ""


PLANS = (
    Plan(
        "A full term",
        "Thirteen weeks, two meetings a week, one problem set a week; for students who have seen"
        " linear algebra, probability and Python. The first meeting goes through the chapter's"
        " question and its derivations, the second through its experiments: let students predict"
        " before a cell is run. A problem set holds one exercise of hands, one diagnosis and, every"
        " other week, one training.",
        (
            Week(
                ("cost_functions",),
                ("cost-functions-logits", "cost-functions-diagnose", "cost-functions-bad-start"),
            ),
            Week(
                ("output_units", "hidden_units"),
                ("output-units-logsumexp", "hidden-units-moments", "hidden-units-diagnose"),
            ),
            Week(
                ("backprop",),
                ("backprop-softmax", "backprop-diagnose", "backprop-rings"),
            ),
            Week(
                ("universal_approximation",),
                ("universal-approximation-parity", "universal-approximation-train"),
            ),
            Week(
                ("gradient_descent",),
                (
                    "gradient-descent-guarantee",
                    "gradient-descent-diagnose",
                    "gradient-descent-floor",
                ),
            ),
            Week(
                ("optimizers",),
                ("optimizers-adam", "optimizers-traces", "optimizers-sixty-steps"),
            ),
            Week(
                ("preprocessing", "initialization"),
                ("preprocessing-pipelines", "initialization-std", "initialization-thirty-layers"),
            ),
            Week(
                ("parameter_norms", "noise_and_augmentation"),
                (
                    "parameter-norms-best-strength",
                    "parameter-norms-diagnose",
                    "noise-and-augmentation-two-terms",
                ),
            ),
            Week(
                ("parameter_sharing", "dropout"),
                ("parameter-sharing-design", "dropout-backward", "dropout-train"),
            ),
            Week(
                ("residual_connections", "batch_norm"),
                ("residual-connections-growth", "batch-norm-backward"),
            ),
            Week(
                ("batch_norm_in_networks", "normalization_family"),
                (
                    "batch-norm-in-networks-scale-invariance",
                    "normalization-family-switch",
                    "normalization-family-alone",
                ),
            ),
            Week(
                ("covariate_shift", "loss_smoothness", "signal_propagation"),
                ("covariate-shift-diagnose", "loss-smoothness-powers"),
                "Read one of the three closely, and the questions and summaries of the others.",
            ),
            Week(
                ("length_direction", "noise_and_generalization", "what_we_know"),
                ("what-we-know-which-norm",),
                "Read one of the first two closely; end with the last page's first question on"
                " paper.",
            ),
        ),
        file="full-term",
    ),
    Plan(
        "Two weeks on batch normalization",
        "Six meetings inside another course, for students who can train a network. They need the"
        " chain rule and stochastic gradient descent, and nothing else of this book.",
        (
            Week(("batch_norm",), ("batch-norm-forward", "batch-norm-folding")),
            Week(("batch_norm_in_networks",), ("batch-norm-in-networks-placement",)),
            Week(("normalization_family",), ("normalization-family-shift",)),
            Week(("covariate_shift",), ("covariate-shift-diagnose",)),
            Week(("loss_smoothness",), ("loss-smoothness-longer-weights",)),
            Week(
                ("what_we_know",),
                ("what-we-know-which-norm",),
                "With the first question on paper as a group work.",
            ),
        ),
        unit="meeting",
        file="two-weeks",
    ),
    Plan(
        "On your own",
        "In six steps, at your own pace. Read a chapter without running anything; then open it in"
        " Colab and change one thing in each experiment; then do the exercises named here. If a"
        " step is easy, skip its chapters and do its exercises all the same.",
        (
            Week(
                ("cost_functions", "output_units"),
                ("cost-functions-logits", "output-units-die"),
                "What a network is asked for.",
            ),
            Week(
                ("backprop", "hidden_units", "universal_approximation"),
                ("backprop-diagnose", "hidden-units-diagnose"),
                "What it is, and how its gradient is found.",
            ),
            Week(
                ("gradient_descent", "optimizers"),
                ("gradient-descent-diagnose", "optimizers-tune-valley"),
                "How it is trained.",
            ),
            Week(
                ("preprocessing", "initialization", "residual_connections"),
                ("initialization-thirty-layers", "residual-connections-diagnose"),
                "Why deep ones do not train, and what helps.",
            ),
            Week(
                ("parameter_norms", "noise_and_augmentation", "parameter_sharing", "dropout"),
                ("parameter-norms-tune", "dropout-diagnose"),
                "What helps on new data.",
            ),
            Week(
                ("batch_norm", "batch_norm_in_networks", "normalization_family", "what_we_know"),
                ("batch-norm-twenty-steps", "what-we-know-which-norm"),
                "Batch norm; from the last page follow what you want to know.",
            ),
        ),
        unit="step",
        file="on-your-own",
    ),
)


def faults(plans: Sequence[Plan] = PLANS) -> Iterator[str]:
    """What is wrong with plans: unknown names, a chapter before what it builds on, double work."""
    found = heads()
    for plan in plans:
        read: list[str] = []
        handed: list[str] = []
        for number, week in enumerate(plan.weeks, 1):
            where = f"{plan.name}, {plan.unit} {number}"
            for slug in week.chapters:
                if slug not in CHAPTERS:
                    yield f"{where}: there is no chapter {slug!r}"
                elif slug in found:
                    late = [s for s in found[slug].builds_on if s not in read and _later(plan, s)]
                    for other in late:
                        yield f"{where}: {slug} builds on {other}, which comes later"
                if slug in read:
                    yield f"{where}: {slug} was read before"
                read.append(slug)
            for name in week.exercises:
                try:
                    exercise = find(name)
                except ValueError as error:
                    yield f"{where}: {error}"
                    continue
                if exercise.chapter not in read:
                    yield f"{where}: {name} belongs to {exercise.chapter}, which was not read yet"
                if name in handed:
                    yield f"{where}: {name} was handed in before"
                handed.append(name)


def _later(plan: Plan, slug: str) -> bool:
    return any(slug in week.chapters for week in plan.weeks)


# --- the page -------------------------------------------------------------------------------------

HEAD = """\
---
myst:
  html_meta:
    description: "Which chapter builds on which, and three ways through the course."
---

# Study plans

You need linear algebra (eigenvalues, orthogonal matrices), the calculus of several variables,
mean and variance of random variables, and Python with arrays. What a chapter needs beyond that, it
says in its first lines under *Before you start*; at its end it says what you can do now.

## Which chapter builds on which

```{figure} _static/chapter_map.svg
:name: fig-chapter-map
:alt: Map of the chapters in five columns, one for each part; arrows lead from a chapter to \
those that build on it. The table below says the same.
:width: 100%

An arrow leads from a chapter to one that builds on it. What follows from other arrows is left out.
```

The same as a table, with the minutes that reading takes (as the landing page
[counts them](index.md)):
"""

PLANS_HEAD = """\
Minutes are those of the chapters' heads and of the exercises' statements. Exercises are named as
`lecturelib.check` wants them; each has its place in the chapter's exercise notebook.
"""


def _hours(minutes: int) -> str:
    """Minutes in hours, to the half.

    >>> _hours(95), _hours(30), _hours(170)
    ('1½ h', '½ h', '3 h')
    """
    halves = max(1, round(minutes / 30))
    return f"{halves // 2 or ''}{'½' if halves % 2 else ''} h"


def _chapter(slug: str) -> str:
    head = heads().get(slug)
    return f"[{head.title}]({slug}.ipynb)" if head else f"*{slug.replace('_', ' ')}* (to come)"


def _exercise(name: str) -> tuple[str, Exercise]:
    exercise = find(name)
    return f"{exercise.title} (`{name}`)", exercise


def page() -> str:
    """The text of the page."""
    found = heads()
    below = direct(found)
    lines = [HEAD, "| chapter | minutes | builds on |", "|---|---|---|"]
    lines += [
        f"| {_chapter(slug)} | {head.minutes} | {', '.join(map(_chapter, below[slug])) or '—'} |"
        for slug, head in found.items()
    ]
    total = sum(head.minutes for head in found.values())
    lines += ["", f"Together {_hours(total)} of reading, without the exercises."]
    lines += ["", "## Three ways through the course", "", PLANS_HEAD]
    for plan in PLANS:
        lines += [f"### {plan.name}", "", plan.text, ""]
        lines += [f"| {plan.unit} | read | hand in | time |", "|---|---|---|---|"]
        for number, week in enumerate(plan.weeks, 1):
            named = [_exercise(name) for name in week.exercises]
            minutes = sum(exercise.minutes for _, exercise in named)
            minutes += sum(found[slug].minutes for slug in week.chapters if slug in found)
            read = ", ".join(map(_chapter, week.chapters))
            note = f" {week.note}" if week.note else ""
            lines.append(
                f"| {number} | {read}.{note} | {'; '.join(text for text, _ in named) or '—'} | "
                f"{_hours(minutes)} |"
            )
        lines.append("")
    lines.append(
        "Grading, and how to keep solutions private, are told on the page"
        " [for instructors](instructors.md).\n"
    )
    return "\n".join(lines)


# --- course files ---------------------------------------------------------------------------------


def course_file(plan: Plan) -> str:
    """The plan's assignments as `python -m lecturelib.grading new --plan` writes them."""
    found, blocks = heads(), []
    for number, week in enumerate(plan.weeks, 1):
        if not week.exercises:
            continue
        chapters = dict.fromkeys(find(name).chapter for name in week.exercises)
        title = ", ".join(found[slug].title for slug in chapters)
        exercises = "".join(f'    "{name}",\n' for name in week.exercises)
        blocks.append(
            f'\n[[assignments]]\nname = "{plan.unit}-{number:02}"\n'
            f'title = "{plan.unit.capitalize()} {number}: {title}"\n{{due}}\n'
            f"exercises = [\n{exercises}]\n"
        )
    return "".join(blocks)


# --- the map --------------------------------------------------------------------------------------


def draw(link: Callable[[str], str] | None = None) -> str:
    """The map of the chapters as SVG; with ``link``, which gives addresses, its boxes are links."""
    titles = {slug: head.title for slug, head in heads().items()}
    return chapter_map.draw(PARTS, titles, direct(heads()), link)


# --- from a shell ---------------------------------------------------------------------------------


def main(arguments: Sequence[str] | None = None) -> int:
    """Run ``build`` or ``check``."""
    parser = argparse.ArgumentParser(prog="python -m tools.study_plans", description=__doc__)
    parser.add_argument("do", choices=["build", "check"])
    options = parser.parse_args(arguments)
    told = list(faults())
    if told:
        print("\n".join(told))
        return 1
    files = {PAGE: page(), MAP: draw()}
    files |= {COURSES / f"{plan.file}.toml": course_file(plan) for plan in PLANS}
    for path, text in files.items():
        name = path.relative_to(ROOT)
        if path.exists() and path.read_text(encoding="utf-8") == text:
            continue
        if options.do == "check":
            print(f"{name}: is out of date; run python -m tools.study_plans build")
            return 1
        path.write_text(text, encoding="utf-8")
        print(f"{name}: written")
    return 0


if __name__ == "__main__":
    sys.exit(main())
