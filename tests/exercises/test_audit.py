"""The audit: no points for nothing, nothing of later chapters, right answers in every style."""

from __future__ import annotations

import copy

import nbformat
import pytest

from lecturelib.exercises.names import chapters
from tests.exercises import answers
from tests.exercises.test_catalogue import MODULES
from tools import audit, exercises

MASTERS = {path.stem: nbformat.read(path, as_version=4) for path in exercises.masters()}


@pytest.mark.parametrize("chapter", MASTERS)
def test_no_graded_cell_gives_points_for_nothing(chapter):
    graded = audit.unanswered(MASTERS[chapter], chapter)
    assert len(graded) >= (1 if chapter == "what_we_know" else 6)  # which closes the book
    assert sum(cell.points for cell in graded) > 0
    assert [cell.cell for cell in graded if cell.passed] == []


def test_points_for_nothing_are_found():
    master = copy.deepcopy(MASTERS["backprop"])
    test = next(cell for cell in master.cells if cell.id.endswith("-test"))
    test.source = "### BEGIN HIDDEN TESTS\nassert True\n### END HIDDEN TESTS"
    free = [cell for cell in audit.unanswered(master, "backprop") if cell.passed]
    assert [cell.cell for cell in free] == [test.id]


@pytest.mark.parametrize("chapter", chapters())
def test_no_check_needs_a_later_chapter(chapter):
    assert audit.needs_later(chapter) == []


@pytest.mark.parametrize(
    ("module", "chapter"),
    [
        ("lecturelib.chapters.backprop.exercises.order", "backprop"),
        ("lecturelib.chapters.optimizers.experiments", "optimizers"),
        ("lecturelib.normalization.batch_norm", "batch_norm"),
        ("lecturelib.exercises.trial.Case", ""),
        ("lecturelib.losses.cross_entropy", ""),
        ("torch.nn", ""),
    ],
)
def test_modules_belong_to_chapters(module, chapter):
    assert audit._chapter_of(module) == chapter


@pytest.mark.no_cover  # the catalogue runs the same lines
@pytest.mark.parametrize("slug", MODULES)
def test_right_answers_pass_in_every_style(slug):
    refused = [
        (style, says) for style, passes, says in audit.in_styles(MODULES[slug]) if not passes
    ]
    assert refused == []


def test_the_tool_prints_the_audit(capsys, monkeypatch):
    one = {"batch-norm-forward": MODULES["batch-norm-forward"]}
    monkeypatch.setattr(answers, "catalogue", lambda: one)
    monkeypatch.setattr(exercises, "masters", lambda: [])
    assert exercises.main(["audit"]) == 0
    assert "1 catalogues, 4 styles tried: 0 refused" in capsys.readouterr().out
