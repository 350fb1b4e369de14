"""From what the checks gave to points. Pure functions."""

from __future__ import annotations

import datetime as dt
import re
from collections.abc import Mapping, Sequence
from typing import Any

from lecturelib.grading.bundle import Bundle, Test
from lecturelib.grading.course import Late
from lecturelib.grading.roster import Roster, Student
from lecturelib.grading.running import Result, TestRun


def share(test: Test, run: TestRun, *, partial: bool) -> float:
    """The share of a test's points, between 0 and 1.

    Checks that the empty form passes count for nothing; an exercise that was not answered, or whose
    tests did not come to an end, has what passed until then, or nothing without partial credit.

    >>> test = Test("a-test", "a", "", "", 4, checks=3, free=(2,))
    >>> run = TestRun([{"passed": True}, {"passed": False}, {"passed": True}])
    >>> share(test, run, partial=True), share(test, run, partial=False)
    (0.5, 0.0)
    """
    if any(record.get("status") == "not answered" for record in run.records):
        return 0.0
    passed = [
        index < len(run.records)
        and run.records[index]["passed"]
        and not run.records[index].get("foreign")
        for index in range(test.checks)
        if index not in test.free
    ]
    if not passed:
        return 0.0
    if all(passed):
        return 1.0
    return sum(passed) / len(passed) if partial else 0.0


def automatic(bundle: Bundle, runs: Mapping[str, TestRun]) -> dict[str, float]:
    """Points of each cell with hidden tests."""
    return {
        test.cell: round(
            test.points * share(test, runs.get(test.cell, TestRun()), partial=bundle.partial), 2
        )
        for test in bundle.tests
    }


def diagnosis(run: TestRun) -> tuple[str, str]:
    """Code and words of the first thing that was not right; empty where all was.

    Inputs of hidden tests are not in it.
    """
    if run.ended not in ("ended", "") and not run.records:
        return "ended", _ENDED.get(run.ended, "The tests could not run to their end.")
    for record in run.records:
        if not record["passed"] or record.get("foreign"):
            if record.get("status") == "not answered":
                return "not-answered", "Not answered yet."
            return (
                record.get("code") or "hidden",
                record.get("says") or "A further test, whose inputs are not shown, fails.",
            )
    return "", ""


_ENDED = {
    "late": "The tests took too long and were stopped.",
    "did not run": "The tests did not run; see the remarks.",
    "forged": "The tests gave no result that the grader trusts; a person looks at it.",
    "no answer": "The answer ended the tests before they had a result.",
}


def delay(submitted: dt.datetime | None, due: dt.datetime | None) -> dt.timedelta:
    """How late a submission is; nothing where either time is unknown."""
    if submitted is None or due is None:
        return dt.timedelta(0)
    return max(dt.timedelta(0), submitted - due)


def penalty(total: float, late: Late, by: dt.timedelta) -> float:
    """Points that lateness costs.

    >>> penalty(10, Late(percent_per_day=10, days=3), dt.timedelta(hours=30))
    2.0
    """
    return round(total * late.share(by), 2)


_KEY = re.compile(r"\bKEY\b")


def of_key(bundle: Bundle, result: Result, student: str, kind: str, people: Roster) -> list[str]:
    """What is odd in the ``KEY`` that the tests found: another student's, or none of this one
    where an exercise draws its numbers from it.

    >>> found = Result(tests={"a-test": TestRun([{"passed": True}])}, key="s2")
    >>> test = Test("a-test", "a", "check(x, key=KEY)", "", 2)
    >>> bundle = Bundle("week-1", "Week 1", (), (test,), {})
    >>> of_key(bundle, found, "s1", "id", Roster([Student("s1"), Student("s2")]))
    ['KEY is that of s2: the numbers are those of another student']
    """
    wanted = people.students.get(student, Student(student)).key(kind)
    given = result.key.strip().lower()
    if not wanted or given == wanted or not any(run.records for run in result.tests.values()):
        return []
    owner = next((s.id for s in people if given and s.key(kind) == given), "")
    if owner:
        return [f"KEY is that of {owner}: the numbers are those of another student"]
    drawn = sorted({test.exercise for test in bundle.tests if _KEY.search(test.source)})
    if not drawn:
        return []
    what = f"KEY is {given[:40]!r} and not {wanted!r}" if given else "KEY is empty"
    return [f"{what}: the numbers of {', '.join(drawn)} are not this student's own"]


def suspicions(tests: Sequence[Test], runs: Mapping[str, TestRun]) -> list[str]:
    """What in the results of the tests a person should look at."""
    found = []
    for test in tests:
        run: Any = runs.get(test.cell, TestRun())
        if run.ended == "forged":
            found.append(f"{test.exercise}: a result without the tests' word came back")
        elif any(record.get("foreign") for record in run.records):
            found.append(f"{test.exercise}: a test compared with an object of the student's class")
        elif any(record.get("exits") for record in run.records):
            found.append(f"{test.exercise}: the answer tried to exit in the tests")
        elif len(run.records) > test.checks > 0:
            found.append(f"{test.exercise}: more checks ran than the tests hold")
    return found
