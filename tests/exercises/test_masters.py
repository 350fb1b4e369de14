"""Masters: they pass with their solutions, fail without, and nothing of a solution leaks."""

from __future__ import annotations

import copy
import itertools
import json
import os
import re
import shutil
import subprocess
import sys
import sysconfig
import zipfile
from pathlib import Path

import nbformat
import pytest
from nbformat import NotebookNode
from nbformat.v4 import new_markdown_cell, new_notebook

import lecturelib
from lecturelib.exercises import Reply
from tools import exercises as tool
from tools.course import ROOT

MASTERS = {path.stem: nbformat.read(path, as_version=4) for path in tool.masters()}
EXERCISES = lecturelib.list_exercises()
SOLUTION, HIDDEN = "planted-solution-5f1c", "planted-hidden-9d2e"


@pytest.fixture(params=MASTERS)
def name(request) -> str:
    return request.param


@pytest.fixture
def master(name) -> NotebookNode:
    return copy.deepcopy(MASTERS[name])


def exercises_of(master: NotebookNode) -> list[str]:
    """The slugs of the exercises that a master holds."""
    return [cell.id for cell in master.cells if cell.source.startswith("## ")]


def proofs_of(master: NotebookNode) -> int:
    return sum(cell.id.endswith("-proof") for cell in master.cells)


def planted(master: NotebookNode) -> NotebookNode:
    """The master with a marker in every solution, hidden test and output."""
    marked = copy.deepcopy(master)
    for cell in marked.cells:
        sign = "" if cell.cell_type == "markdown" else "#: "
        cell.source = re.sub(
            r"^([ \t]*)(### BEGIN SOLUTION)$",
            lambda found: f"{found[0]}\n{found[1]}{sign}{SOLUTION}",  # noqa: B023
            cell.source,
            flags=re.MULTILINE,
        )
        cell.source = cell.source.replace(
            "### BEGIN HIDDEN TESTS", f"### BEGIN HIDDEN TESTS\n# {HIDDEN}"
        )
        if cell.cell_type == "code" and cell.outputs:
            cell.outputs = [nbformat.v4.new_output("stream", text=f"{SOLUTION} {HIDDEN}\n")]
    count = len(exercises_of(master))
    marks = [SOLUTION in cell.source for cell in marked.cells]
    assert sum(marks) == count + proofs_of(master)
    assert sum(HIDDEN in cell.source for cell in marked.cells) == count > 0
    return marked


def run(notebook: NotebookNode) -> tuple[dict[str, Reply], dict[str, BaseException]]:
    """Execute the code cells one after the other; the replies, and the cells that stopped."""
    scope: dict = {"__name__": "__main__"}
    replies, stopped = {}, {}
    for cell in notebook.cells:
        if cell.cell_type != "code" or cell.id == "setup":
            continue
        try:
            if cell.id.endswith("-check"):
                replies[cell.id.removesuffix("-check")] = eval(cell.source, scope)
            else:
                exec(cell.source, scope)
        except Exception as error:
            stopped[cell.id] = error
    return replies, stopped


# --- with and without solutions -----------------------------------------------------------------


def test_a_master_passes_with_its_solutions_and_with_secret_hidden_tests(master):
    cells = []
    for cell in master.cells:
        secret = copy.deepcopy(cell)
        secret.source = tool.with_secret(cell.source, "a secret")
        cells += [cell] if secret.source == cell.source else [cell, secret]
    assert len(cells) > len(master.cells)
    replies, stopped = run(nbformat.from_dict({**master, "cells": cells}))
    assert not stopped
    assert list(replies) == exercises_of(master)
    assert all(replies.values())


def test_every_check_of_a_stripped_master_says_not_answered_yet(master, name):
    replies, stopped = run(tool.student(master, name))
    assert not stopped  # the student's notebook runs from top to bottom before anything is answered
    assert {reply.status for reply in replies.values()} == {"not answered"}
    assert list(replies) == exercises_of(master)


def test_every_hidden_test_fails_without_the_solution(master):
    for cell in master.cells:
        cell.source = tool._SOLUTION.sub(
            lambda found: found["indent"] + "pass" * bool(found["indent"]), cell.source
        )
    replies, stopped = run(master)
    assert not any(replies.values())
    tests = {cell.id for cell in master.cells if cell.id.endswith("-test")}
    assert set(stopped) == tests
    assert len(tests) == len(exercises_of(master))


# --- form ---------------------------------------------------------------------------------------


def test_a_master_has_no_fault(master):
    assert list(tool.faults(master)) == []


def cell_of(master: NotebookNode, end: str) -> NotebookNode:
    return next(cell for cell in master.cells if cell.id.endswith(end))


def spoil(kind: str, master: NotebookNode) -> None:
    answer, test = cell_of(master, "-answer"), cell_of(master, "-test")
    if kind == "twice":
        test.metadata.nbgrader.grade_id = answer.metadata.nbgrader.grade_id
    elif kind == "no end":
        answer.source = answer.source.replace("### END SOLUTION", "")
    elif kind == "no begin":
        test.source = test.source.replace("### BEGIN HIDDEN TESTS", "")
    elif kind == "no solution cell":
        answer.metadata.nbgrader.solution = False
    elif kind == "empty solution cell":
        answer.source = "pass"
    elif kind == "placeholder of its own":
        answer.source = "# Your answer here\n" + answer.source
    elif kind == "open test":
        test.metadata.nbgrader.locked = False
    elif kind == "no points":
        test.metadata.nbgrader.points = 0


FAULTS = {
    "twice": "two cells have this grade_id",
    "no end": "no partner",
    "no begin": "no partner",
    "no solution cell": "is no solution cell",
    "empty solution cell": "without a solution",
    "placeholder of its own": "says anyway",
    "open test": "no locked cell",
    "no points": "no points",
}


@pytest.mark.parametrize("kind", FAULTS)
def test_each_fault_of_a_master_is_found(master, kind):
    spoil(kind, master)
    assert any(FAULTS[kind] in fault for fault in tool.faults(master))


@pytest.mark.parametrize("exercise", EXERCISES, ids=lambda exercise: exercise.slug)
def test_statement_and_record_agree(exercise):
    assert exercise.chapter in MASTERS
    cells = {cell.id: cell for cell in MASTERS[exercise.chapter].cells}
    statement = cells[exercise.slug].source
    heading, details = statement.split("\n\n")[:2]
    assert heading.endswith(f". {exercise.title}")
    found = re.fullmatch(
        r"\*(\w+) · difficulty (\d) of 3 · (\d+) minutes · (\d+) points\*", details
    )
    assert found[1].lower() == exercise.kind
    assert (int(found[2]), int(found[3])) == (exercise.difficulty, exercise.minutes)
    parts = [
        cell for name, cell in cells.items() if re.match(rf"{exercise.slug}-(test|proof)", name)
    ]
    assert int(found[4]) == sum(cell.metadata.nbgrader.points for cell in parts)
    assert f'"{exercise.slug}"' in cells[f"{exercise.slug}-check"].source
    assert (exercise.kind == "proof") == (f"{exercise.slug}-proof" in cells)


def test_statements_stand_in_the_order_of_the_list(master, name):
    listed = [exercise.slug for exercise in lecturelib.list_exercises(name)]
    assert exercises_of(master) == listed


def test_what_is_generated_is_up_to_date():
    assert [str(path) for path in tool.build(write=False)] == []


def test_building_again_changes_nothing(tmp_path, monkeypatch, capsys):
    shutil.copytree(ROOT / "book" / "exercises", tmp_path / "book" / "exercises")
    monkeypatch.setattr(tool, "ROOT", tmp_path)
    shutil.rmtree(tmp_path / "book" / "exercises" / "student")
    assert tool.main(["check"]) == 1
    assert "is out of date" in capsys.readouterr().out
    assert tool.main(["build"]) == 0
    assert tool.main(["check"]) == 0
    for name in MASTERS:
        page = tmp_path / "book" / "solutions" / f"{name}.md"
        assert "{solutions}" in page.read_text()


def test_a_faulty_master_stops_the_tool(tmp_path, monkeypatch, capsys, master):
    monkeypatch.setattr(tool, "ROOT", tmp_path)
    (tmp_path / "book" / "exercises").mkdir(parents=True)
    spoil("no points", master)
    nbformat.write(master, tmp_path / "book" / "exercises" / "faulty.ipynb")
    assert tool.main(["build"]) == 1
    assert "faulty.ipynb: " in capsys.readouterr().out


# --- for students -------------------------------------------------------------------------------


def test_the_students_notebook_opens_in_colab_and_sets_itself_up(master, name):
    notebook = tool.student(master, name)
    cells = {cell.id: cell for cell in notebook.cells}
    assert f"/book/exercises/student/{name}.ipynb" in cells["colab-badge"].source
    assert "colab.research.google.com/github/" in cells["colab-badge"].source
    assert "pip install" in cells["setup"].source
    nbformat.validate(notebook)
    for cell in notebook.cells:
        grading = cell.metadata.get("nbgrader")
        if grading:
            assert cell.metadata["deletable"] is False
            assert cell.metadata.get("editable", True) is not grading["locked"]


def test_placeholders_keep_their_indentation():
    source = "def f(x):\n    y = 1\n    ### BEGIN SOLUTION\n    return y\n    ### END SOLUTION\n"
    assert tool.without_solutions(source, code=True).split("\n") == [
        "def f(x):",
        "    y = 1",
        "    # Your answer here.",
    ]
    text = "**Proof.**\n\n### BEGIN SOLUTION\nObvious.\n### END SOLUTION"
    assert tool.without_solutions(text, code=False) == "**Proof.**\n\n*Your answer here.*"


@pytest.mark.parametrize("missing", ["exercises", "exercises-list"])
def test_a_chapter_without_a_place_for_its_exercises_is_refused(missing):
    name = next(iter(MASTERS))
    kept = [i for i in ("exercises", "exercises-list") if i != missing]
    cells = [nbformat.v4.new_markdown_cell(i, id=i) for i in kept]
    with pytest.raises(ValueError, match=f"{name}: the chapter has no cell '{missing}'"):
        tool.with_exercises(
            nbformat.v4.new_notebook(cells=cells), copy.deepcopy(MASTERS[name]), name
        )


def test_each_exercise_stands_on_its_chapters_page(master, name):
    page = nbformat.read(ROOT / "book" / f"{name}.ipynb", as_version=4)
    text = "\n".join(c.source for c in page.cells if c.id.startswith("exercise-"))
    assert all(f"`{slug}`" in text for slug in exercises_of(master))


def test_a_chapter_gets_the_statements_behind_its_list(master, name):
    cells = [nbformat.v4.new_markdown_cell(i, id=i) for i in ("exercises", "exercises-list", "b")]
    chapter = nbformat.v4.new_notebook(cells=cells)
    for _ in range(2):  # a second time renews them
        tool.with_exercises(chapter, planted(master), name)
        ids = [cell.id for cell in chapter.cells]
        assert ids[:2] == ["exercises", "exercises-list"]
        assert f"book/exercises/student/{name}.ipynb" in chapter.cells[0].source
        assert ids[-1] == "b"
        rows = chapter.cells[1].source.splitlines()[2:]
        assert [row.split("`")[1] for row in rows] == [
            exercise.slug for exercise in lecturelib.list_exercises(name)
        ]
        prefix = name.replace("_", "-") + "-"
        short = [e.slug.removeprefix(prefix) for e in lecturelib.list_exercises(name)]
        assert ids[2:-1] == [f"exercise-{slug}" for slug in short]
    first = lecturelib.list_exercises(name)[0]
    assert chapter.cells[2].source.startswith(f"### 1. {first.title}\n\n*`{first.slug}` · ")
    assert "points" not in chapter.cells[2].source
    assert chapter.cells[2].source.endswith(f"*Wanted:* {first.wants}.")
    assert SOLUTION not in nbformat.writes(chapter)
    assert HIDDEN not in nbformat.writes(chapter)


# --- nothing leaks ------------------------------------------------------------------------------


def test_planted_markers_do_not_reach_students(master, name):
    text = nbformat.writes(tool.student(planted(master), name))
    assert SOLUTION not in text
    assert HIDDEN not in text
    assert "SOLUTION" not in text
    assert "HIDDEN" not in text


def test_published_solutions_hold_no_hidden_test(master):
    text = tool.solutions(planted(master))
    count = len(exercises_of(master)) + proofs_of(master)
    assert text.count(SOLUTION) == count
    assert HIDDEN not in text
    assert text.count("::::{dropdown}") == count
    assert "    ### " not in text


CONF = """
import sys
sys.path.insert(0, {ext!r})
project = "test"
extensions = ["myst_nb", "sphinx_design", "solutions", "search_sections", "previews"]
myst_enable_extensions = ["dollarmath", "colon_fence"]
exclude_patterns = ["book/exercises", "_build"]
suppress_warnings = ["myst.header"]
course_solutions = {published}
nb_execution_mode = "off"
myst_heading_anchors = 3
"""


def built_site(folder: Path, *, published: bool) -> dict[str, str]:
    """All files of a small site that holds the solution pages of all masters, each planted."""
    source, out = folder / "src", folder / "out"
    (source / "book" / "exercises").mkdir(parents=True)
    (source / "book" / "solutions").mkdir()
    for name, master in MASTERS.items():
        nbformat.write(planted(copy.deepcopy(master)), source / f"book/exercises/{name}.ipynb")
        page = tool.solution_page(master, name)
        (source / "book" / "solutions" / f"{name}.md").write_text(page)
        chapter = new_notebook(cells=[new_markdown_cell("# A chapter\n\n## Exercises")])
        nbformat.write(chapter, source / "book" / f"{name}.ipynb")
    pages = "\n".join(f"book/{name}\nbook/solutions/{name}" for name in MASTERS)
    (source / "index.md").write_text(f"# Home\n\n```{{toctree}}\n{pages}\n```\n")
    conf = CONF.format(ext=str(ROOT / "book" / "_ext"), published=published)
    (source / "conf.py").write_text(conf)
    command = [sys.executable, "-m", "sphinx", "-q", "-W", "-b", "html", str(source), str(out)]
    done = subprocess.run(command, capture_output=True, text=True, cwd=ROOT, check=False)
    assert done.returncode == 0, done.stderr
    files = [path for path in out.rglob("*") if path.is_file() and ".doctrees" not in path.parts]
    return {str(path.relative_to(out)): path.read_text("utf-8", "replace") for path in files}


def test_a_site_with_the_switch_off_holds_nothing_of_a_solution(tmp_path):
    site = built_site(tmp_path, published=False)
    assert [name for name, text in site.items() if SOLUTION in text or HIDDEN in text] == []
    assert not any("planted-solution" in text or "planted-hidden" in text for text in site.values())
    for name in MASTERS:
        assert f"_sources/book/solutions/{name}.md.txt" in site
        assert f"book/solutions/{name}" in site["_static/search/sections.js"]
        assert "your instructor has them" in site[f"book/solutions/{name}.html"]


def test_a_site_with_the_switch_on_holds_solutions_on_their_page_alone(tmp_path):
    site = built_site(tmp_path, published=True)
    pages = {f"book/solutions/{name}.html": master for name, master in MASTERS.items()}
    assert {name for name, text in site.items() if SOLUTION in text} == set(pages)
    assert not any(HIDDEN in text for text in site.values())
    for page, master in pages.items():
        count = len(exercises_of(master))
        assert site[page].count("<details") == count + proofs_of(master), page
        assert site[page].count("<h2>") == count, page


def telling(lines: str) -> set[str]:
    """Lines of a solution or a hidden test that could stand nowhere else by chance."""
    stripped = (line.strip() for line in lines.split("\n"))
    return {line for line in stripped if len(line) > 30 and not line.startswith("###")}


def secrets_of(master: NotebookNode, pattern: re.Pattern) -> set[str]:
    """The telling lines of all solutions, or of all hidden tests, of a master."""
    bodies = [match["body"] for cell in master.cells for match in pattern.finditer(cell.source)]
    student = nbformat.writes(tool.student(master, "any"))
    return {line for body in bodies for line in telling(body) if line not in student}


@pytest.fixture(scope="module")
def wheel(tmp_path_factory) -> tuple[list[str], str]:
    """The names of the files in the package's wheel, and their texts in one."""
    tmp_path = tmp_path_factory.mktemp("wheel")
    for part in ("lecturelib", "pyproject.toml", "README.md", "LICENSE"):
        source = ROOT / part
        if source.is_dir():
            shutil.copytree(source, tmp_path / part, ignore=shutil.ignore_patterns("__pycache__"))
        else:
            shutil.copy(source, tmp_path / part)
    for extra in ROOT.glob("LICENSE*"):
        shutil.copy(extra, tmp_path / extra.name)
    command = [sys.executable, "-m", "pip", "wheel", "--no-deps", "--no-build-isolation"]
    command += ["--quiet", "--wheel-dir", "dist", "."]
    done = subprocess.run(command, cwd=tmp_path, capture_output=True, text=True, check=False)
    assert done.returncode == 0, done.stderr[-2000:]
    (wheel,) = (tmp_path / "dist").glob("*.whl")
    with zipfile.ZipFile(wheel) as archive:
        names = archive.namelist()
        return names, "\n".join(archive.read(name).decode("utf-8", "replace") for name in names)


def test_the_wheel_holds_no_master(wheel):
    names, text = wheel
    assert any(name.startswith("lecturelib/chapters/") for name in names)
    assert not any(name.endswith(".ipynb") or "tests/" in name for name in names)
    assert not tool._SOLUTION.search(text)


def test_the_wheel_holds_no_line_of_a_solution_or_hidden_test(wheel, master):
    _, text = wheel
    lines = secrets_of(master, tool._SOLUTION) | secrets_of(master, tool._HIDDEN)
    assert len(lines) > 6
    assert {line for line in lines if line in text} == set()


def test_no_page_of_the_book_holds_a_line_of_a_solution(master, name):
    """Pages are searched as they are: the site copies them to _sources."""
    lines = secrets_of(master, tool._SOLUTION) | secrets_of(master, tool._HIDDEN)
    escaped = {json.dumps(line, ensure_ascii=False)[1:-1] for line in lines}
    pages = [*(ROOT / "book").glob("*.ipynb"), *(ROOT / "book").glob("**/*.md")]
    pages.append(ROOT / "book" / "exercises" / "student" / f"{name}.ipynb")
    for page in pages:
        text = page.read_text(encoding="utf-8")
        assert {line for line in escaped if line in text} == set(), page


# --- nbgrader -----------------------------------------------------------------------------------


def test_a_release_draws_its_hidden_tests_from_a_secret(tmp_path, capsys):
    assert tool.main(["release", str(tmp_path / "one"), "--secret", "one"]) == 0
    assert tool.main(["release", str(tmp_path / "other")]) == 0
    assert "keep source/ to yourself" in capsys.readouterr().out
    for name in MASTERS:
        texts = {}
        for folder in ("one", "other"):
            source = tmp_path / folder / "source" / name / f"{name}.ipynb"
            handed_out = tmp_path / folder / "release" / name / f"{name}.ipynb"
            texts[folder] = source.read_text()
            assert "BEGIN HIDDEN TESTS" in texts[folder]
            assert '"hidden-1' not in texts[folder]
            assert "HIDDEN" not in handed_out.read_text()
            assert "SOLUTION" not in handed_out.read_text()
            assert "code_stub" in (tmp_path / folder / "nbgrader_config.py").read_text()
        assert texts["one"] != texts["other"]
    again = tool.with_secret('check(f, key="hidden-1")', "one")
    assert again == tool.with_secret('check(f, key="hidden-1")', "one")


@pytest.fixture(scope="module")
def nbgrader(tmp_path_factory):
    """nbgrader in a course folder that holds all assignments as the tool releases them."""
    apps = pytest.importorskip("nbgrader.apps", reason="nbgrader is not installed")
    from traitlets.config import PyFileConfigLoader

    folder = tmp_path_factory.mktemp("course")
    tool.release(folder, "a secret")
    config = PyFileConfigLoader("nbgrader_config.py", path=str(folder)).load_config()
    config.CourseDirectory.root = str(folder)
    with pytest.MonkeyPatch.context() as patch:  # it looks for its `alembic` there
        patch.setenv("PATH", sysconfig.get_path("scripts"), prepend=os.pathsep)
        yield apps.NbGraderAPI(config=config)


def test_nbgrader_makes_the_same_release(nbgrader, name):
    path = Path(nbgrader.coursedir.root) / "release" / name / f"{name}.ipynb"
    ours = nbformat.read(path, as_version=4)
    path.unlink()
    done = nbgrader.generate_assignment(name, force=True)
    assert done["success"], done
    theirs = nbformat.read(path, as_version=4)
    without_badge = [cell for cell in ours.cells if cell.id != "colab-badge"]
    assert [cell.source for cell in theirs.cells] == [cell.source for cell in without_badge]
    for cell, twin in zip(theirs.cells, without_badge, strict=True):
        added = ("checksum", "cell_type")  # nbgrader's own, drawn from its database
        grading = {k: v for k, v in cell.metadata.get("nbgrader", {}).items() if k not in added}
        assert grading == dict(twin.metadata.get("nbgrader", {}))
        assert cell.metadata.get("deletable") == twin.metadata.get("deletable")
        assert cell.metadata.get("editable") == twin.metadata.get("editable")


# --- the guide ----------------------------------------------------------------------------------


def test_the_guide_quotes_a_reply_as_it_is():
    def batch_norm_forward(x, gamma, beta, eps):
        return gamma * (x - x.mean(0)) / (x.var(0) + eps).sqrt() + beta

    guide = (ROOT / "book" / "instructors.md").read_text(encoding="utf-8")
    quoted = re.search(r"```text\n(.*?)\n```", guide, flags=re.DOTALL)[1]
    assert quoted == repr(lecturelib.check("batch-norm-forward", batch_norm_forward))


# --- report -------------------------------------------------------------------------------------


def test_the_report_lists_wrong_answers_and_what_they_get(capsys, monkeypatch):
    rows = list(itertools.islice(tool.report(), 30))
    assert all(expected == code and len(says) > 10 for _, expected, code, says in rows)
    assert any(expected.startswith("(") for _, expected, *_ in rows)
    monkeypatch.setattr(tool, "report", lambda: iter(rows))
    assert tool.main(["report"]) == 0
    out = capsys.readouterr().out
    assert "| exercise | wrong answer | diagnosis | words |" in out
    assert "30 wrong answers, 0 without their own diagnosis" in out
    assert "**" not in out


def test_the_report_fails_where_a_diagnosis_is_missed(capsys, monkeypatch):
    rows = [("a-slug", "mean-missing", "mean-missing", "…"), ("a-slug", "sign", "factor", "…")]
    monkeypatch.setattr(tool, "report", lambda: iter(rows))
    assert tool.main(["report"]) == 1
    assert "| a-slug | sign | **factor** | … |" in capsys.readouterr().out
