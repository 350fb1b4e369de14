"""Damaged notebooks: what is certain is mended and said, the rest is flagged, nothing raises.

The oracle of a mark is plain Python: the mended cells are executed in order and the answers tried.
"""

from __future__ import annotations

import json
from typing import Any

import nbformat
import pytest
from hypothesis import given
from hypothesis import strategies as st

from lecturelib.grading import repair as repairing
from lecturelib.grading.repair import Mended, Unreadable, repair, suspicions
from tests.grading import toys

BUNDLE = toys.bundle()
HELPER = toys.cell("code", "def plus(a, b):\n    return a + b", "helper")
USES_HELPER = "def add(a, b):\n    return plus(a, b)"


def mended(found: list[dict[str, Any]], **metadata: Any) -> Mended:
    return repair(toys.notebook(found, **metadata), BUNDLE)


def marks(submission: Mended) -> dict[str, int]:
    """How many checks pass for each exercise, by running the mended cells as they stand."""
    space: dict[str, Any] = {}
    for cell in submission.cells:
        if cell.kind == "code" and cell.role in ("answer", "imports"):
            try:
                exec(cell.source.replace("import lecturelib", ""), space)
            except Exception:
                continue
    found = {}
    for name, source in toys.TESTS.items():
        found[name] = 0
        for line in source.splitlines():
            try:
                exec(line, dict(space))
                found[name] += 1
            except Exception:
                continue
    return found


FULL = {"add": 3, "double": 2, "truth": 1}


def test_an_undamaged_notebook_stays_as_it_is() -> None:
    submission = repair(toys.handed_in(key="s1"), BUNDLE)
    assert (submission.notes, submission.flags) == ([], [])
    assert marks(submission) == FULL
    assert 'KEY = "s1"' in submission.source("imports-toys")
    assert [c.id for c in submission.cells] == [c.id for c in BUNDLE.cells]


def test_the_empty_form_is_no_answer_and_no_flag() -> None:
    submission = mended(toys.cells())
    assert (submission.notes, submission.flags) == ([], [])
    assert sum(marks(submission).values()) == 0


# --- damaged files ------------------------------------------------------------------------------


@pytest.mark.parametrize(
    ("raw", "says"),
    [
        (b"", "the file is empty"),
        (b"  \n", "the file is empty"),
        (b"<html><body>Sign in</body></html>", "a web page"),
        (b"[1, 2]", "JSON, and no notebook"),
        (b'{"a": 1}', "JSON without cells"),
        (b'{"cells": 3}', "JSON without cells"),
        (b'{"cells": [{"cell_ty', "holds no whole cell"),
        (b"PK\x03\x04rubbish", "no notebook"),
        (b"[" * 200_000, "nested too deeply|no notebook"),
    ],
)
def test_what_is_no_notebook_is_said(raw: bytes, says: str) -> None:
    with pytest.raises(Unreadable, match=says):
        repair(raw, BUNDLE)


def test_a_file_that_is_cut_off_keeps_its_whole_cells() -> None:
    raw = toys.handed_in()
    submission = repair(raw[: raw.index(b"toys-truth")], BUNDLE)
    assert any("damaged" in flag for flag in submission.flags)
    assert any("toys-truth-answer: there is no such cell" in flag for flag in submission.flags)
    assert marks(submission) == {**FULL, "truth": 0}


@pytest.mark.parametrize("encoding", ["utf-8-sig", "utf-16", "latin-1"])
def test_other_encodings_are_read(encoding: str) -> None:
    answer = 'def add(a, b):\n    "Für zwei."\n    return a + b'
    text = json.dumps(json.loads(toys.handed_in(add=answer)), ensure_ascii=False)
    submission = repair(text.encode(encoding), BUNDLE)
    assert marks(submission) == FULL
    assert "Für zwei" in submission.source("toys-add-answer")


def test_format_3_is_read() -> None:
    cells = [
        {"input" if k == "source" and c["cell_type"] == "code" else k: v for k, v in c.items()}
        for c in toys.cells(toys.RIGHT)
    ]
    old = {"worksheets": [{"cells": cells}], "metadata": {}, "nbformat": 3, "nbformat_minor": 0}
    nbformat.validate(nbformat.from_dict(without_ids(old)))
    submission = repair(json.dumps(without_ids(old)).encode(), BUNDLE)
    assert "a notebook of format 3 was converted" in submission.notes
    assert marks(submission) == FULL


def without_ids(old: dict[str, Any]) -> dict[str, Any]:
    for cell in old["worksheets"][0]["cells"]:
        cell.pop("id", None)
        cell.pop("execution_count", None)
        if cell["cell_type"] == "code":
            cell.update(language="python", collapsed=False)
    return old


def test_sources_as_lists_and_missing_fields_are_read() -> None:
    found = toys.cells(toys.RIGHT)
    for cell in found:
        cell["source"] = cell["source"].splitlines(keepends=True)
    found[3] = {"cell_type": "markdown"}
    found.append({"source": None, "metadata": []})
    assert marks(mended(found)) == FULL


def test_another_kernel_and_another_assignment_are_flagged() -> None:
    submission = mended(toys.cells(toys.RIGHT), kernelspec={"name": "ir", "language": "R"})
    assert submission.flags == ["its kernel is R; it was run with Python"]
    foreign = [toys.cell("code", "x = 1", "other-one-answer", solution=True)]
    submission = mended(toys.cells(toys.RIGHT) + foreign, lecturelib={"assignment": "week-2"})
    assert "it says that it is assignment week-2" in submission.flags
    assert any("cells are of another assignment" in flag for flag in submission.flags)
    assert marks(submission) == FULL


# --- cells --------------------------------------------------------------------------------------


def without_metadata(found: list[dict[str, Any]]) -> list[dict[str, Any]]:
    """As Colab writes it sometimes: no grading, ids of its own."""
    return [{**c, "metadata": {"id": f"x{i}"}, "id": f"y{i}"} for i, c in enumerate(found)]


def test_lost_metadata_is_restored_by_names() -> None:
    submission = mended(without_metadata(toys.cells(toys.RIGHT, key="s1")))
    assert submission.flags == []
    assert marks(submission) == FULL
    assert 'KEY = "s1"' in submission.source("imports-toys")
    assert [c.id for c in submission.cells] == [c.id for c in BUNDLE.cells]


def test_a_copied_cell_counts_once() -> None:
    found = toys.cells(toys.RIGHT)
    submission = mended([*found[:5], *found[4:]])
    assert submission.flags == []
    assert submission.notes == ["toys-add-answer: 2 cells have this name"]
    assert marks(submission) == FULL


def test_two_different_answers_are_flagged() -> None:
    found = toys.cells(toys.RIGHT)
    other = {**found[4], "source": "def add(a, b):\n    return b + a"}
    submission = mended([*found, other])
    assert submission.flags == ["toys-add-answer: 2 different answers; the last one counts"]
    assert submission.source("toys-add-answer") == other["source"]


def test_an_answer_in_a_new_cell_is_found() -> None:
    found = toys.cells({**toys.RIGHT, "add": toys.FORM["add"]})
    submission = mended([*found, toys.cell("code", toys.RIGHT["add"], "new")])
    assert submission.flags == []
    assert submission.notes == ["toys-add-answer: the answer was found in another cell"]
    assert marks(submission) == FULL


def test_an_answer_in_the_cell_of_the_check_is_found() -> None:
    found = toys.cells({**toys.RIGHT, "add": toys.FORM["add"]})
    found[5]["source"] = toys.RIGHT["add"] + "\n" + found[5]["source"]
    assert marks(mended(found)) == FULL


def test_a_renamed_function_is_taken() -> None:
    found = toys.cells({**toys.RIGHT, "add": "def my_sum(x, y):\n    return x + y"})
    submission = mended(found)
    assert submission.notes == ["toys-add-answer: my_sum was taken for add"]
    assert marks(submission) == FULL


@pytest.mark.parametrize(
    "answer",
    [
        "def my_sum(x):\n    return x",
        "def one(a, b):\n    1\ndef two(a, b):\n    2",
        "def add(",
        "3",
    ],
)
def test_what_is_not_certain_is_left_and_flagged_or_fails_by_itself(answer: str) -> None:
    submission = mended(toys.cells({**toys.RIGHT, "add": answer}))
    assert submission.source("toys-add-answer") == answer
    assert marks(submission) == {**FULL, "add": 0}
    said = any("nothing in it has the name add" in flag for flag in submission.flags)
    assert said == ("def add" not in answer)


def test_a_deleted_answer_costs_its_own_points_and_is_flagged() -> None:
    found = [c for c in toys.cells(toys.RIGHT) if c["id"] != "toys-double-answer"]
    submission = mended(found)
    assert submission.flags == ["toys-double-answer: there is no such cell and no answer"]
    assert marks(submission) == {**FULL, "double": 0}


def test_changed_checks_and_tests_are_as_released() -> None:
    found = toys.cells(toys.RIGHT)
    found[6]["source"] = "# Graded here: 2000 points.\nimport sys; sys.exit()"
    found[5]["source"] = "print('passed')"
    submission = mended(found)
    assert submission.source("toys-add-test") == "# Graded here: 2 points."
    assert submission.source("toys-add-check") == BUNDLE.cell("toys-add-check").source
    assert len(submission.notes) == 2


def test_own_cells_stay_where_they_stood() -> None:
    found = toys.cells({**toys.RIGHT, "add": USES_HELPER})
    submission = mended([*found[:4], HELPER, *found[4:]])
    assert (submission.notes, submission.flags) == ([], [])
    names = [cell.id for cell in submission.cells]
    assert names.index("own-1") == names.index("toys-add-answer") - 1
    assert marks(submission) == FULL


def test_a_proof_whose_cell_was_lost_is_found_behind_its_statement() -> None:
    bundle = proof_bundle()
    statement, form = bundle.cells[0].source, bundle.cells[1].source
    found = [toys.cell("markdown", statement, "x"), toys.cell("markdown", "$1+1=2$", "y")]
    assert repair(toys.notebook(found), bundle).source("toys-p-proof") == "$1+1=2$"
    found.append(toys.cell("markdown", "And so on.", "z"))
    submission = repair(toys.notebook(found), bundle)
    assert submission.source("toys-p-proof") == "$1+1=2$\n\nAnd so on."
    assert submission.flags == ["toys-p-proof: put together from 2 cells"]
    found = [toys.cell("markdown", form, "toys-p-proof", grade=True, solution=True)]
    assert repair(toys.notebook(found), bundle).source("toys-p-proof") == form


def proof_bundle() -> Any:
    from lecturelib.grading.bundle import Bundle, Cell

    statement = Cell("toys-p", "markdown", "statement", "toys-p", "## 1. Prove it")
    proof = Cell("toys-p-proof", "markdown", "proof", "toys-p", "*Your answer here.*", 3)
    return Bundle("toys", "Toys", (statement, proof), (), {"toys-p-proof": "Scheme"})


def test_a_notebook_of_many_cells_is_bounded() -> None:
    found = [*toys.cells(toys.RIGHT), *([HELPER] * repairing.MOST_CELLS)]
    submission = mended(found)
    assert len(submission.cells) <= repairing.MOST_CELLS + len(BUNDLE.cells)
    assert "2000 were read" in submission.flags[0]


# --- properties ---------------------------------------------------------------------------------

SIZE = len(toys.cells())


@given(st.lists(st.integers(0, SIZE - 1), max_size=2 * SIZE), st.booleans(), st.booleans())
def test_cuts_copies_and_orders_keep_the_mark_or_are_flagged(
    picked: list[int], named: bool, helped: bool
) -> None:
    found = toys.cells({**toys.RIGHT, "add": USES_HELPER} if helped else toys.RIGHT)
    if helped:
        found.insert(4, HELPER)
    chosen = [found[i] for i in picked]
    submission = mended(chosen if named else without_metadata(chosen))
    got = marks(submission)
    for name, full in FULL.items():
        if got[name] != full:
            helper_lost = helped and name == "add" and 4 not in picked
            flagged = any(f"toys-{name}-answer" in f or "order" in f for f in submission.flags)
            assert flagged or helper_lost, (name, got, submission.flags)


@given(st.permutations(range(SIZE)), st.booleans())
def test_any_order_gives_the_mark(order: list[int], named: bool) -> None:
    found = [toys.cells(toys.RIGHT)[i] for i in order]
    assert marks(mended(found if named else without_metadata(found))) == FULL


@given(st.integers(0, 3000), st.integers(0, 3000), st.binary(max_size=3))
def test_any_damage_is_mended_flagged_or_said(start: int, length: int, put: bytes) -> None:
    raw = toys.handed_in()
    try:
        submission = repair(raw[:start] + put + raw[start + length :], BUNDLE)
    except Unreadable:
        return
    assert {c.id for c in BUNDLE.cells} <= {c.id for c in submission.cells}


@given(
    st.recursive(
        st.none() | st.booleans() | st.floats() | st.text(max_size=5),
        lambda inner: (
            st.lists(inner, max_size=3)
            | st.dictionaries(
                st.sampled_from(["cells", "metadata", "source", "cell_type", "id", "nbgrader"]),
                inner,
                max_size=4,
            )
        ),
        max_leaves=20,
    )
)
def test_any_json_is_mended_flagged_or_said(data: Any) -> None:
    try:
        repair(json.dumps(data).encode(), BUNDLE)
    except Unreadable:
        return


# --- what code says -----------------------------------------------------------------------------


@pytest.mark.parametrize(
    ("source", "says"),
    [
        ("import sys\nsys._getframe(1)", "looks at the frames of its callers"),
        ("open('/proc/self/fd/3')", "names files of the system"),
        ("from lecturelib.exercises.checking import check", "names inner parts of the checks"),
        ("from lecturelib.exercises import given", ""),
        ("subprocess.run('ls')", "starts or ends processes"),
        ("f.__code__ = g.__code__", "reaches into functions"),
        ("x = 1  # ctypes, /proc/self", ""),
        ("total = a.sum()", ""),
        ("def broken(", ""),
    ],
)
def test_code_that_a_person_may_want_to_read(source: str, says: str) -> None:
    assert suspicions(source) == ([says] if says else [])
