"""The Colab editions: up to date, the same code, and nothing of MyST in any generated notebook."""

from __future__ import annotations

import re

import nbformat
import pytest

from tools import colab
from tools.course import ROOT, edition, notebooks, page_address, pages, site
from tools.plain_markdown import NoForm

pytest.importorskip("myst_parser")

from tests.test_plain_markdown import myst_tokens

STUDENT = sorted((ROOT / "book" / "exercises" / "student").glob("*.ipynb"))
GENERATED = [*map(edition, notebooks()), *STUDENT]

# As a reader sees it, without any parser: a role, a fence with a name, a label, a label's name.
RAW = re.compile(
    r"\{[a-zA-Z][\w:.-]*\}`|^[ >]*(?:`{3,}|:{3,}|~{3,})[ ]*\{|^:{3,}|^[ >]*\([\w:. -]+\)=\s*$"
    r"|\$\$[ \t]*\([\w:.-]+\)|\beq-[a-z]+|\]\((?!https?:|mailto:)",
    re.MULTILINE,
)


def prose(path) -> dict[str, str]:
    cells = nbformat.read(path, as_version=4).cells
    return {cell.id: cell.source for cell in cells if cell.cell_type == "markdown"}


def shown(path):
    return path.relative_to(ROOT / "book").as_posix()


def test_the_committed_editions_are_those_that_are_made():
    assert colab.build(write=False) == [], "run `make editions`"


def test_each_notebook_with_a_colab_button_has_an_edition():
    assert sorted(map(edition, notebooks())) == sorted((ROOT / "book" / "colab").glob("*.ipynb"))


def test_a_stale_edition_is_reported_and_the_command_says_so(monkeypatch, capsys, tmp_path):
    page = notebooks()[0]
    monkeypatch.setattr(colab, "built", lambda: {edition(page): "other\n"})
    monkeypatch.setattr(colab, "EDITIONS", str(tmp_path))
    assert colab.main(["check"]) == 1
    assert f"colab/{page.name}: differs" in capsys.readouterr().out


@pytest.mark.parametrize("path", GENERATED, ids=shown)
def test_nothing_of_myst_is_left(path):
    for cell, text in prose(path).items():
        assert RAW.findall(text) == [], cell
        assert myst_tokens(text) == [], cell


def test_both_ways_of_looking_find_what_is_raw():
    # The chapters themselves are full of it, so that neither is blind.
    for path in notebooks()[:3]:
        text = "\n\n".join(prose(path).values())
        assert len(RAW.findall(text)) > 20
        assert len(myst_tokens(text)) > 20


@pytest.mark.parametrize("path", notebooks(), ids=shown)
def test_an_edition_has_the_same_cells_and_code_and_no_outputs(path):
    chapter = nbformat.read(path, as_version=4)
    made = nbformat.read(edition(path), as_version=4)
    nbformat.validate(made)
    assert [cell.id for cell in made.cells] == [cell.id for cell in chapter.cells]
    for ours, theirs in zip(made.cells, chapter.cells, strict=True):
        assert ours.cell_type == theirs.cell_type
        if ours.cell_type == "code":
            assert ours.source == theirs.source
            assert ours.metadata == theirs.metadata
            assert (ours.outputs, ours.execution_count) == ([], None)


@pytest.mark.parametrize("path", notebooks(), ids=shown)
def test_an_edition_starts_with_its_title_and_a_link_to_the_typeset_page(path):
    title, empty, link = nbformat.read(edition(path), as_version=4).cells[0].source.split("\n")[:3]
    assert title.startswith("# ")
    assert empty == ""
    assert link.endswith(f"[{title[2:]}]({page_address(path)}).*")


@pytest.mark.parametrize("path", GENERATED, ids=shown)
def test_links_to_the_site_lead_to_pages_of_the_book(path):
    known = {page_address(page) for page in pages()}
    for cell, text in prose(path).items():
        for address in re.findall(rf"{re.escape(site())}[^)#\s]*", text):
            assert address in known, cell


@pytest.mark.parametrize("path", GENERATED, ids=shown)
def test_each_tag_is_the_only_one_of_its_formula(path):
    numbers = []
    for cell, text in prose(path).items():
        for formula in re.findall(r"\$\$.+?\$\$", text, re.DOTALL):
            tags = re.findall(r"\\tag\{([\d.]+)\}", formula)
            assert len(tags) <= 1, cell
            numbers += tags
            if tags:  # legal only outside of environments
                before = formula[: formula.index("\\tag")]
                assert before.count("\\begin") == before.count("\\end"), cell
    assert len(numbers) == len(set(numbers))


def test_a_fault_names_the_notebook_and_the_cell():
    page = notebooks()[0]
    chapter = nbformat.read(page, as_version=4)
    chapter.cells[1].source = "{odd}`role`"
    with pytest.raises(NoForm, match=rf"{page.name}, cell {chapter.cells[1].id}: the role {{odd}}"):
        colab.colab_edition(chapter, page)


def test_making_an_edition_leaves_the_notebook_as_it_is():
    page = notebooks()[0]
    chapter = nbformat.read(page, as_version=4)
    before = nbformat.writes(chapter)
    colab.colab_edition(chapter, page)
    assert nbformat.writes(chapter) == before


def test_a_students_notebook_is_made_without_myst():
    from tools.exercises import MASTERS, student

    path = ROOT / MASTERS / "batch_norm.ipynb"
    master = nbformat.read(path, as_version=4)
    master.cells[0].source += "\n\n{cite:t}`ioffe2015`, {eq}`eq-bn-forward`"
    text = student(master, "batch_norm").cells[0].source
    assert myst_tokens(text) == []
    assert "[Ioffe and Szegedy (2015)](" in text
    assert f"batch_norm.html#equation-{'eq-bn-forward'})" in text


def test_a_course_for_nbgrader_is_without_myst_on_both_sides(tmp_path):
    from tools.exercises import masters, release, without_solutions

    release(tmp_path, "a secret")
    for path in masters():
        source, given = (
            {cell.id: cell.source for cell in nbformat.read(file, as_version=4).cells}
            for file in (tmp_path / kind / path.stem / path.name for kind in ("source", "release"))
        )
        for cell, text in prose(tmp_path / "source" / path.stem / path.name).items():
            assert myst_tokens(text) == [], cell
            assert without_solutions(source[cell], code=False) == given[cell], cell


def test_the_table_of_claims_links_to_the_site_unless_it_is_part_of_it(monkeypatch):
    from lecturelib import claims

    def links() -> set[str]:
        return set(re.findall(r'href="([^"#]+)#claim-', claims.table()._repr_html_()))

    monkeypatch.setenv("LECTURELIB_EXPLORE", "static")
    inside = links()
    monkeypatch.setenv("LECTURELIB_EXPLORE", "live")
    assert links() == {f"{site()}book/{name}" for name in inside}
    assert links() <= {page_address(page) for page in pages()}
    assert len(inside) > 5
