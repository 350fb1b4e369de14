"""Read and examine a diagnosis: which of these mistakes has each of the four patients?

The answer is a letter for each patient, or a name for each letter, in whatever container; the
reply says where to look for the first that is wrong.
"""

from __future__ import annotations

import re
from collections.abc import Mapping, Sequence
from typing import Any

import numpy as np

from lecturelib.exercises.finding import Finding
from lecturelib.exercises.trial import Trial
from lecturelib.exercises.words import describe

# --- letters, one a patient ----------------------------------------------------------------------


def examine_letters(
    trial: Trial, right: str, looks: Mapping[str, str], *, of: str, begin: str
) -> None:
    """A Finding unless the answer has these four letters: ``looks`` says for each letter where to
    look for it, ``of`` what they are letters of (``"patients"``), ``begin`` how to begin where most
    are wrong.

    >>> from lecturelib.exercises.draws import Draws
    >>> trial = Trial({2: "b", 1: "a", 3: "c", 4: "d"}, Draws("an-exercise"))
    >>> examine_letters(trial, "abcd", dict.fromkeys("abcd", ""), of="patients", begin="")
    """
    tell_wrong(letters_in_order(trial.answer, "".join(looks), of), right, looks, of, begin)


def letters_in_order(answer: Any, allowed: str, of: str) -> str:
    """Four letters, one for each of four ``patients``, ``networks``, …, in their order: as text,
    a list, an array, or a dict from the number of a patient to its letter; a Finding otherwise.

    >>> letters_in_order("(B), d; a c", "abcd", "runs"), letters_in_order("3c 2b 1a 4d", "abcd", "")
    ('bdac', 'abcd')
    >>> letters_in_order({2: "c", 1: "a", 3: "d", 4: "b"}, "abcd", "patients")
    'acdb'
    """
    chosen = _row(answer)
    if not re.fullmatch(f"[{allowed}]{{4}}", chosen):
        raise Finding(
            "not-four-letters",
            f"Wanted are four letters from {allowed[0]} to {allowed[-1]} in the order of the {of},"
            " such as 'abcd'.",
            got=describe(answer),
        )
    return chosen


def tell_wrong(got: str, right: str, looks: Mapping[str, str], of: str, begin: str) -> None:
    """A Finding about the first of four ``patients``, ``networks``, … whose letter is wrong: where
    to look for the mistake that it has; where most are wrong, how to ``begin``.

    >>> tell_wrong("abcd", "abcd", {}, "patients", "")
    >>> try:
    ...     tell_wrong("abca", "abcd", {"d": "look at its sign."}, "patients", "")
    ... except Finding as finding:
    ...     print(finding.code, "·", finding.says)
    patient-4 · Patient 4: look at its sign.
    """
    wrong = [k for k in range(len(right)) if got[k] != right[k]]
    if not wrong:
        return
    if len(wrong) > 2:
        raise Finding("most-wrong", f"{len(wrong)} of the four are wrong. {begin}")
    one, k = _singular(of), wrong[0]
    code = f"{one}-{k + 1}" if len(wrong) == 1 else "two-wrong"
    others = "" if len(wrong) == 1 else f" {one.capitalize()} {wrong[1] + 1} is wrong, too."
    raise Finding(code, f"{one.capitalize()} {k + 1}: {looks[right[k]]}{others}")


def _singular(of: str) -> str:
    return {"matrices": "matrix"}.get(of, of.removesuffix("s"))


def _row(answer: Any) -> str:
    """The four letters of an answer one after the other, those that it numbers in that order;
    empty where it has others.
    """
    text = _text(answer)
    for part in (text, re.sub(r"[^\W\d_]{2,}", "", text)):  # the second without "patient", "and"
        row = re.sub(r"[\W_]", "", part)
        if re.fullmatch(r"[a-z]{4}", row):
            return row
        if re.fullmatch(r"(\d[a-z]){4}", row):  # 2c1a3d4b
            return "".join(_by_label(re.findall(r"(\d)([a-z])", row)))
        if re.fullmatch(r"([a-z]\d){4}", row):  # a1c2b4d3
            return "".join(_by_label([(k, x) for x, k in re.findall(r"([a-z])(\d)", row)]))
    return ""


# --- names, one a letter -------------------------------------------------------------------------


def examine_names(
    trial: Trial,
    right: Sequence[str],
    looks: Mapping[frozenset[str], str],
    *,
    begin: str,
    otherwise: str,
) -> None:
    """A Finding unless the answer has these names in this order, each once: ``looks`` says how to
    tell two that were exchanged, ``otherwise`` how to tell two that it does not know.

    >>> from lecturelib.exercises.draws import Draws
    >>> trial = Trial("a: sgd, c: adam, b: momentum", Draws("an-exercise"))
    >>> examine_names(trial, ("sgd", "momentum", "adam"), {}, begin="", otherwise="")
    """
    got, count = names_in_order(trial.answer, right), _count(right)
    if len(set(got)) < len(right):
        says = f"Each of the {count} names belongs once; you give one of them twice."
        raise Finding("one-twice", says)
    wrong = {name for name, other in zip(right, got, strict=True) if name != other}
    if len(wrong) > 2:
        raise Finding("several-wrong", f"{len(wrong)} of the {count} are wrong. {begin}")
    if wrong:
        look = looks.get(frozenset(wrong), otherwise)
        raise Finding("two-exchanged", f"You exchanged {' and '.join(sorted(wrong))}. {look}")


def names_in_order(answer: Any, allowed: Sequence[str]) -> list[str]:
    """As many names as are allowed, for a, b, … in this order: as text, a list, an array, or a dict
    from letter to name; a Finding otherwise.

    >>> names_in_order({"b": "L1", "a": "none"}, ("none", "l1"))
    ['none', 'l1']
    >>> names_in_order("(b) none, (a) l1", ("none", "l1")), names_in_order(["l1"], ["l1"])
    (['l1', 'none'], ['l1'])
    """
    words = re.findall(r"[^\W_]+", _text(answer))
    found = [word for word in words if word in allowed]
    labels = [word for word in words if word not in allowed]
    if labels:  # each name with a letter or a number, before it or behind it
        pairs = zip(words[::2], words[1::2], strict=False)
        in_turn = all((one in allowed) != (other in allowed) for one, other in pairs)
        in_turn = in_turn and len(labels) == len(found)
        found = _by_label(list(zip(labels, found, strict=True))) if in_turn else []
    if len(found) != len(allowed):
        last, known = "abcdefgh"[len(allowed) - 1], ", ".join(sorted(allowed))
        says = f"Wanted are {_count(allowed)} names, for a to {last} in this order, of: {known}."
        raise Finding("not-names", says, got=describe(answer))
    return found


def _count(names: Sequence[str]) -> str:
    return {5: "five", 6: "six"}.get(len(names), str(len(names)))


# --- both ----------------------------------------------------------------------------------------


def _text(answer: Any) -> str:
    """An answer in one line of lower case; empty where it holds other things than text."""
    if isinstance(answer, Mapping):
        answer = ", ".join(f"{key}: {value}" for key, value in answer.items())
    if isinstance(answer, np.ndarray):
        answer = answer.tolist()
    if isinstance(answer, list | tuple) and all(isinstance(item, str) for item in answer):
        answer = ", ".join(answer)
    return answer.lower() if isinstance(answer, str) else ""


def _by_label(pairs: Sequence[tuple[str, str]]) -> list[str]:
    """What is labelled 1, 2, … (or 0, 1, …, or a, b, …) in this order; nothing where a label is
    missing."""
    pairs = sorted(pairs)
    first = ord(pairs[0][0][0])
    wanted = [chr(first + k) for k in range(len(pairs))]
    starts = first in map(ord, "01a")
    return [item for _, item in pairs] if starts and [k for k, _ in pairs] == wanted else []
