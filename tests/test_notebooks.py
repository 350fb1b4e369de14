"""The notebook tool finds each fault of form, and writes the same bytes twice."""

from __future__ import annotations

import copy
from pathlib import Path

import nbformat
import pytest
from nbformat import NotebookNode
from nbformat.v4 import new_code_cell, new_markdown_cell, new_notebook, new_output

import lecturelib
from tools import notebooks as tool
from tools.course import ROOT, notebooks, pages

BOOK = notebooks()


def good_notebook() -> NotebookNode:
    """A notebook without a fault: a set-up cell, a figure with alt text, a printed line."""
    figure = new_output("display_data", {"text/plain": "<Figure size 640x480 with 1 Axes>"})
    return new_notebook(
        cells=[
            new_markdown_cell("# Title\n\nSome words.", id="title"),
            new_markdown_cell("", id="minutes"),
            new_code_cell(tool.setup_source(new_notebook()), id="setup", execution_count=1),
            new_code_cell(
                "draw()",
                id="figure",
                execution_count=2,
                outputs=[figure],
                metadata={"mystnb": {"image": {"alt": "A line that rises."}}},
            ),
            new_code_cell(
                "print(1)",
                id="line",
                execution_count=3,
                outputs=[new_output("stream", name="stdout", text="1\n")],
            ),
        ]
    )


def with_cell(number: int, **changes: object) -> NotebookNode:
    notebook = good_notebook()
    for name, value in changes.items():
        notebook.cells[number][name] = value
    return notebook


def test_a_good_notebook_has_no_fault() -> None:
    assert list(tool.faults(good_notebook())) == []


RICH = new_output("display_data", {"text/html": "<b>1</b>", "text/plain": "1"})
ERROR = new_output("error", ename="ValueError", evalue="no", traceback=["no"])
FAULTS = {
    "id": (with_cell(4, id="3f2a"), "wants an id in words"),
    "not executed": (with_cell(4, execution_count=None), "was not executed"),
    "semicolon": (with_cell(4, source="print(1);"), "ends with ';'"),
    "rich output": (with_cell(4, outputs=[RICH]), "stores more than text"),
    "error": (with_cell(4, outputs=[ERROR]), "stores an error"),
    "no reason": (with_cell(4, metadata={"tags": ["nbval-ignore-output"]}), "gives no reason"),
    "no alt": (with_cell(3, metadata={}), "without an alt text"),
    "setup": (with_cell(2, source="import sys"), "differs from the generated"),
    "torch": (with_cell(4, source="torch.randn(3)"), "torch.randn draws from an unseeded"),
    "numpy": (with_cell(4, source="np.random.rand(3)"), "np.random.rand draws from"),
    "default_rng": (with_cell(4, source="np.random.default_rng()"), "default_rng draws from"),
    "python": (with_cell(4, source="random.random()"), "random.random draws from"),
}


@pytest.mark.parametrize(("notebook", "words"), FAULTS.values(), ids=FAULTS)
def test_each_fault_is_found_and_nothing_else(notebook: NotebookNode, words: str) -> None:
    found = list(tool.faults(notebook))
    assert len(found) == 1
    assert words in found[0]


def test_a_notebook_without_any_output_would_compare_nothing() -> None:
    notebook = good_notebook()
    for cell in notebook.cells[2:]:
        cell.outputs = []
    assert any("stores no output" in fault for fault in tool.faults(notebook))


@pytest.mark.parametrize(
    "source",
    [
        "torch.manual_seed(0)\ntorch.randn(3)",
        "torch.randn(3, generator=generator)",
        "np.random.default_rng(0)",
        "random.Random(3)",
    ],
)
def test_seeded_randomness_is_no_fault(source: str) -> None:
    assert list(tool.faults(with_cell(4, source=source))) == []


def test_outputs_keep_their_text_and_lose_the_rest() -> None:
    outputs = [
        new_output("stream", name="stdout", text="a\n"),
        new_output("stream", name="stdout", text="b\n"),
        new_output("stream", name="stderr", text="progress"),
        new_output("display_data", {"image/png": "…", "text/plain": "<Figure>"}),
        new_output("display_data", {"image/png": "…"}),
    ]
    kept = tool.text_only(copy.deepcopy(outputs))
    assert [o.output_type for o in kept] == ["stream", "display_data"]
    assert kept[0].text == "a\nb\n"
    assert dict(kept[1].data) == {"text/plain": "<Figure>"}


def test_running_twice_writes_the_same_bytes(tmp_path: Path) -> None:
    cells = [
        new_markdown_cell("", id="minutes"),
        new_code_cell("", id="setup"),
        new_code_cell("from IPython.display import HTML\nHTML('<b>bold</b>')", id="html"),
        new_code_cell("print('one')\nprint('two')", id="print"),
    ]
    path = tmp_path / "example.ipynb"
    nbformat.write(new_notebook(cells=cells), path)
    assert tool.run(path, measure=True)
    first = path.read_bytes()
    written = nbformat.read(path, 4)
    assert written.cells[0].source.startswith("*1 minute to read; under a minute of CPU")
    assert "google.colab" in written.cells[1].source
    assert written.cells[2].outputs[0].data == {"text/plain": "<IPython.core.display.HTML object>"}
    assert not tool.run(path)
    assert path.read_bytes() == first


def test_the_setup_cell_speaks_of_a_gpu_where_the_notebook_gains_from_one() -> None:
    plain = new_notebook()
    assert "GPU" not in tool.setup_source(plain)
    assert tool.setup_source(plain).endswith("report_environment()")
    plain.metadata["course"] = {"gpu": "The cells on ResNet take 2 instead of 40 minutes."}
    source = tool.setup_source(plain)
    assert source.endswith("(gpu='The cells on ResNet take 2 instead of 40 minutes.')")
    assert list(tool.faults(with_cell(2, source=source))) == [
        "setup: differs from the generated set-up cell"
    ]


def test_the_setup_cell_names_the_packages_version_and_shows_what_pip_says() -> None:
    source = tool.setup_source(new_notebook())
    assert f'!= ["{lecturelib.__version__}"]:' in source
    assert "--quiet" not in source


def test_generating_writes_the_generated_cells_and_nothing_else(tmp_path: Path) -> None:
    path = tmp_path / "example.ipynb"
    notebook = with_cell(2, source="import sys")
    nbformat.write(notebook, path)
    assert tool.main(["generate", str(path)]) == 0
    written = nbformat.read(path, 4)
    assert written.cells[2].source == tool.setup_source(notebook)
    assert written.cells[3:] == notebook.cells[3:]
    assert not tool.regenerate(path)


def test_the_call_of_a_movable_figure_is_folded() -> None:
    page = new_notebook(
        cells=[
            new_code_cell('widget("norm_zoo")', metadata={"tags": ["slow"]}),
            new_code_cell("explore(draw)", metadata={"tags": ["hide-cell"]}),
            new_code_cell("explored = 1"),
        ]
    )
    tool.generate(page)
    assert [tool.tags(cell) for cell in page.cells] == [["hide-input", "slow"], ["hide-cell"], []]


def test_minutes_grow_with_all_that_there_is_to_read() -> None:
    page = new_notebook(cells=[new_markdown_cell("word " * 1500)])
    assert tool.reading_minutes(page) == 10
    page.cells.append(new_markdown_cell("$$ a = b $$ " * 20))
    assert tool.reading_minutes(page) == 20
    page.cells.append(new_code_cell("x = 1\n" * 120))
    assert tool.reading_minutes(page) == 30
    page.cells.append(new_markdown_cell("**Predict.** 1 "))
    page.cells.append(new_code_cell('explore("x")', metadata={"tags": ["hide-input"]}))
    page.cells.append(new_code_cell('exercises.quiz("x")', metadata={"tags": ["remove-input"]}))
    assert tool.reading_minutes(page) == 34
    page.cells.append(new_markdown_cell("word " * 900, id="exercise-one"))
    page.cells.append(new_code_cell("x = 1\n" * 120, metadata={"tags": ["hide-input"]}))
    assert tool.reading_minutes(page) == 34


def test_the_index_page_states_the_pace() -> None:
    stated = " ".join((ROOT / "book" / "index.md").read_text(encoding="utf-8").split())
    assert "150 words a minute" in stated
    for kind in tool.PACE.keys() - {"word"}:
        seconds = tool.PACE[kind]
        time = f"{seconds:.0f} seconds" if seconds < 60 else f"{seconds / 60:.0f} minute"
        assert f"{time}{'s' * (seconds > 60)} for a {kind}" in stated, kind


def test_the_command_line_names_the_fault_and_fails(
    tmp_path: Path, capsys: pytest.CaptureFixture[str]
) -> None:
    path = tmp_path / "example.ipynb"
    nbformat.write(FAULTS["semicolon"][0], path)
    assert tool.main(["check", str(path)]) == 1
    assert f"{path}: line: ends with ';'" in capsys.readouterr().out


@pytest.mark.parametrize("path", BOOK, ids=lambda path: path.stem)
def test_the_books_notebooks_have_no_fault(path: Path) -> None:
    assert list(tool.faults(nbformat.read(path, 4))) == []


@pytest.mark.parametrize("path", BOOK, ids=lambda path: path.stem)
def test_the_books_notebooks_state_measured_minutes(path: Path) -> None:
    notebook = nbformat.read(path, 4)
    if not any(cell.id == tool.MINUTES_ID for cell in notebook.cells):
        pytest.skip("a page without a chapter's frame")
    stated = next(cell.source for cell in notebook.cells if cell.id == tool.MINUTES_ID)
    assert notebook.metadata["course"]["run_seconds"] > 0
    assert stated.startswith(f"*{tool.reading_minutes(notebook)} minute")


def test_pages_of_the_contents_exist_and_lie_in_the_book() -> None:
    assert all(page.exists() and page.is_relative_to(ROOT / "book") for page in pages())
