"""What the site is built from: its extensions, its configuration and what is vendored.

The extensions are tried on small books that are built here; the browser tests read the real one.
"""

from __future__ import annotations

import hashlib
import importlib
import itertools
import os
import re
import shutil
import subprocess
import sys
from pathlib import Path

import nbformat
import pytest
import yaml
from nbformat.v4 import new_code_cell, new_markdown_cell, new_notebook, new_output

from lecturelib.fingerprint import Sources, reads
from tools import build
from tools.course import ROOT, config, pages, repository
from tools.waiting_sphinx import BUILT

pytest.importorskip("sphinx")

MATHJAX = ROOT / "book" / "_static" / "vendor" / "mathjax"
DRAW = "import matplotlib.pyplot as plt\nfig, ax = plt.subplots(figsize=(1, 1))\nplt.show()"


def extension(name):
    """A module of ``book/_ext``."""
    return importlib.import_module(f"book._ext.{name}")


# --- vendored and configured -------------------------------------------------------------------


def test_mathjax_is_the_released_one():
    lines = (MATHJAX / "SHA256SUMS").read_text(encoding="ascii").splitlines()
    listed = {name.removeprefix("./"): digest for digest, name in map(str.split, lines)}
    found = {
        path.relative_to(MATHJAX).as_posix(): hashlib.sha256(path.read_bytes()).hexdigest()
        for path in MATHJAX.rglob("*")
        if path.is_file() and path.name not in {"SHA256SUMS", "README.md"}
    }
    assert found == listed
    assert {"LICENSE", "tex-chtml.js"} <= set(found)


def test_mathjax_says_its_version_and_licence():
    script = (MATHJAX / "tex-chtml.js").read_text(encoding="utf-8")
    assert 'VERSION="3.2.2"' in script
    assert "# MathJax 3.2.2" in (MATHJAX / "README.md").read_text(encoding="utf-8")
    assert "Apache License" in (MATHJAX / "LICENSE").read_text(encoding="utf-8")


def test_no_static_folder_at_the_root():
    # Jupyter Book would load every script and style sheet in it on every page.
    assert not (ROOT / "_static").exists()


def test_each_listed_page_exists_and_each_page_is_listed():
    listed = set(pages())
    written = {p for p in (ROOT / "book").glob("*") if p.suffix in {".md", ".ipynb"}}
    assert written <= listed


def test_claims_lead_to_pages_that_exist():
    from lecturelib.contents import CHAPTERS, is_written

    written = [page.stem for page in pages() if page.stem in CHAPTERS]
    assert list(dict.fromkeys(written)) == [chapter for chapter in CHAPTERS if is_written(chapter)]


def test_configuration_is_valid_and_names_the_repository_once():
    from jupyter_book.config import validate_yaml

    validate_yaml(config(), raise_on_errors=True)
    text = (ROOT / "_config.yml").read_text(encoding="utf-8")
    assert text.count(repository()) == 1


# --- the cache of executed notebooks ------------------------------------------------------------


PACKAGE = {
    "__init__": "_SHORTCUTS = {}\n",
    "losses": "from lecturelib import base\ndef loss(x): return base.twice(x)\n",
    "base": "def twice(x): return 2 * x\n",
    "unused": "y = 1\n",
}


@pytest.fixture
def project(tmp_path):
    """A folder with a package, and a notebook that uses a part of it."""
    (tmp_path / "lecturelib").mkdir()
    for name, text in PACKAGE.items():
        (tmp_path / "lecturelib" / f"{name}.py").write_text(text)
    (tmp_path / "book").mkdir()
    cell = new_code_cell("from lecturelib.losses import loss")
    nbformat.write(new_notebook(cells=[cell]), tmp_path / "book" / "page.ipynb")
    return tmp_path


def test_a_notebook_is_stale_when_what_it_runs_has_changed(project):
    module, page = extension("execution_cache"), project / "book" / "page.ipynb"

    def now():
        return module.fingerprint(page, project)

    def write(name, text):
        path = project / "lecturelib" / name
        path.parent.mkdir(exist_ok=True)
        path.write_text(text)
        os.utime(path, ns=(next(ticks), next(ticks)))

    ticks = itertools.count(10**18, 10**9)
    first = now()
    write("unused.py", "y = 2\n")
    write("base.py", "# said better\ndef twice(x):\n    'Two times x.'\n    return 2*x\n")
    write("__pycache__/base.pyc", "0")
    assert now() == first
    write("base.py", "def twice(x): return x + x\n")
    second = now()
    assert second != first
    write("results/one.json", "{}")
    assert now() != second


def test_a_shortcut_leads_to_its_module_alone(project):
    def reached(source):
        return set(Sources(project).closure(reads(source).names))

    shortcuts = '_SHORTCUTS = {"loss": "lecturelib.losses", "y": "lecturelib.unused"}\n'
    typing = "if TYPE_CHECKING:\n    from lecturelib.unused import y\n"
    (project / "lecturelib" / "__init__.py").write_text(typing + shortcuts)
    alone = {"lecturelib"}
    assert reached("import lecturelib") == alone
    by_name = reached("import lecturelib\nlecturelib.loss(1)")
    assert by_name == alone | {"lecturelib.losses", "lecturelib.base"}
    assert reached("from lecturelib import loss") == by_name


@pytest.mark.parametrize(
    "page", [page for page in pages() if page.suffix == ".ipynb"], ids=lambda p: p.stem
)
def test_an_edited_exercise_executes_no_chapter_again(page):
    cells = nbformat.read(ROOT / page, as_version=4).cells
    read = reads("\n".join(cell.source for cell in cells if cell.cell_type == "code"))
    reached = Sources(ROOT).closure(read.names, chapter=page.stem, gathered=read.gathered)
    assert [name for name in reached if ".exercises" in name and ".chapters." in name] == []


def test_a_result_is_dropped_with_its_stamp(project):
    from jupyter_cache import get_cache
    from jupyter_cache.base import CacheBundleIn

    module, page = extension("execution_cache"), project / "book" / "page.ipynb"
    assert module.stale(project, [page]) == [page]
    bundle = CacheBundleIn(nbformat.read(page, as_version=4), str(page))
    get_cache(module.cache_path(project)).cache_notebook_bundle(bundle, check_validity=False)
    assert module.stale(project, [page]) == [page]  # nobody says what it was made with
    get_cache(module.cache_path(project)).cache_notebook_bundle(bundle, check_validity=False)
    module.remember(project, [page])
    assert module.stale(project, [page]) == []
    (project / "lecturelib" / "base.py").write_text("def twice(x): return x + x + 0\n")
    assert module.stale(project, [page]) == [page]


def test_the_build_executes_what_is_stale_and_nothing_else(project, monkeypatch, capsys):
    module, page = extension("execution_cache"), project / "book" / "page.ipynb"
    nbformat.write(new_notebook(cells=[new_code_cell("print(6 * 7)")]), page)
    for name in ("LECTURELIB_EXPLORE", "LECTURELIB_CACHE", "OMP_NUM_THREADS"):
        monkeypatch.setenv(name, os.environ.get(name, ""))  # what the build sets is undone
    monkeypatch.setattr(build, "ROOT", project)
    monkeypatch.setattr(build, "notebooks", lambda: [page])
    build.execute_notebooks()
    assert "1 to execute, 0 unchanged" in capsys.readouterr().out
    assert outputs_in_the_cache(project) == ["42\n"]
    build.execute_notebooks()
    assert "0 to execute, 1 unchanged" in capsys.readouterr().out
    nbformat.write(new_notebook(cells=[new_code_cell("print(1 / 0)")]), page)
    with pytest.raises(SystemExit, match="ZeroDivisionError"):
        build.execute_notebooks()
    assert module.stale(project, [page]) == [page]


def outputs_in_the_cache(project):
    """What the one notebook of the project has printed."""
    _, record = extension("execution_cache")._cached(project, project / "book" / "page.ipynb")
    path = extension("execution_cache").cache_path(project) / "executed" / record.hashkey
    cells = nbformat.read(path / "base.ipynb", as_version=4).cells
    return [output.text for cell in cells for output in cell.outputs]


@pytest.mark.parametrize(("passed", "kept"), [(2, True), (1, False)])
def test_a_notebook_whose_cells_have_all_passed_is_kept_for_the_build(project, passed, kept):
    module, page = extension("execution_cache"), project / "book" / "page.ipynb"
    cells = [new_code_cell(f"print({number})") for number in range(2)]
    nbformat.write(new_notebook(cells=cells), page)
    outputs = {n: [new_output("stream", text=f"{n}\n")] for n in range(passed)}
    module.keep_outputs(project, page, outputs, {"name": "python"}, 1.0)
    assert (module.stale(project, [page]) == []) == kept
    if kept:
        assert outputs_in_the_cache(project) == ["0\n", "1\n"]


def test_cache_follows_versions(project, monkeypatch):
    module = extension("execution_cache")
    first = module.cache_path(project)
    monkeypatch.setattr(module, "_version", lambda name: "0")
    assert module.cache_path(project) != first


# --- small books -------------------------------------------------------------------------------


def build_book(folder: Path, **files) -> tuple[subprocess.CompletedProcess, Path]:
    """Build a book of the given pages with the course's own configuration and extensions."""
    (folder / "book").mkdir()
    for name in ("_ext", "_static", "references.bib"):
        (folder / "book" / name).symlink_to(ROOT / "book" / name)
    for name in ("lecturelib", "tools"):
        (folder / name).symlink_to(ROOT / name)
    (folder / "book" / "colab").mkdir()
    (folder / "book" / "colab" / "chapter.ipynb").touch()  # all that the button asks for
    shutil.copy(ROOT / "_config.yml", folder)
    for name, content in files.items():
        if isinstance(content, str):
            (folder / "book" / f"{name}.md").write_text(content, encoding="utf-8")
        else:
            nbformat.write(content, folder / "book" / f"{name}.ipynb")
    chapters = [{"file": f"book/{name}"} for name in files if name != "index"]
    toc = {"format": "jb-book", "root": "book/index", "chapters": chapters}
    (folder / "_toc.yml").write_text(yaml.safe_dump(toc))
    script = "from jupyter_book.cli.main import main; main()"
    command = [sys.executable, "-c", script, "build", str(folder), "-n", "-W", "--keep-going"]
    result = subprocess.run(command, cwd=folder, capture_output=True, text=True)
    return result, folder / "_build" / "html"


def notebook(*cells):
    kernel = {"name": "python3", "display_name": "Python 3", "language": "python"}
    return new_notebook(cells=list(cells), metadata={"kernelspec": kernel})


def figure(**metadata):
    return notebook(new_markdown_cell("# Figure"), new_code_cell(DRAW, metadata=metadata))


def test_a_figure_without_alternative_text_fails_the_build(tmp_path):
    with_text = {"mystnb": {"image": {"alt": "An empty pair of axes."}}}
    with_blank = {"mystnb": {"image": {"alt": " "}}}
    result, _ = build_book(
        tmp_path,
        index="# Home\n",
        bare=figure(),
        blank=figure(**with_blank),
        good=figure(**with_text),
    )
    assert result.returncode != 0
    lines = [line for line in result.stderr.splitlines() if "no alternative text" in line]
    assert len(lines) == 2
    assert any("bare" in line for line in lines)
    assert any("blank" in line for line in lines)


LABELS = """# Labels

$$ a $$ (eq-Dollars)

```{math}
:label: eq_directive
b
```

> $$
> c
> $$ (eq-quote)

1. In a list

   $$ d $$ (eq-list)

:::{note}
$$ e $$ (eq-note)
:::

(a-section)=
## A section

### Which $p$, and why β?

```{figure} _static/logo.svg
:name: a-figure
:alt: The logo of the course
A caption.
```

:::{prf:theorem} A theorem
:label: a-theorem
True.
:::

{ref}`a-section`, {numref}`a-figure`, {prf:ref}`a-theorem`, {eq}`eq-quote`
"""


LINKS = "[a figure](chapter.ipynb#figure), [why β](labels.md#which--and-why-β)"


@pytest.fixture(scope="module")
def book(tmp_path_factory):
    """A small book that builds, with one of everything that the extensions touch."""
    table = "|   | one |\n|---|---|\n| row | 1 |\n"
    alt = {"mystnb": {"image": {"alt": "An empty pair of axes."}}}
    result, site = build_book(
        tmp_path_factory.mktemp("book"),
        index=f"# Home\n\n{table}\n{{cite:t}}`ioffe2015`\n\n{LINKS}\n",
        chapter=figure(**alt),
        without_edition=figure(**alt),
        labels=LABELS,
        references="# References\n\n```{bibliography}\n```\n",
    )
    assert result.returncode == 0, result.stdout + result.stderr
    return site


def test_figures_keep_their_text_and_are_not_given_a_white_plate(book):
    page = (book / "book" / "chapter.html").read_text(encoding="utf-8")
    (image,) = re.findall(r"<img [^>]*_images[^>]*>", page)
    assert 'alt="An empty pair of axes."' in image
    assert "dark-light" in image


def test_nothing_of_the_live_kernels_is_left(book):
    for page in book.rglob("*.html"):
        assert "thebe" not in page.read_text(encoding="utf-8").lower(), page.name


def test_icons_come_once(book):
    for page in book.rglob("book/*.html"):
        assert "fontawesome.js" not in page.read_text(encoding="utf-8"), page.name


def test_no_script_or_style_of_another_host(book):
    remote = re.compile(
        r'<(?:script|link|img|iframe)\b[^>]*?(?:src|href)="(?:https?:)?//[^"]*"[^>]*>'
    )
    for page in book.rglob("*.html"):
        loaded = remote.findall(page.read_text(encoding="utf-8"))
        # A page names its own published address, which loads nothing.
        assert [tag for tag in loaded if 'rel="canonical"' not in tag] == [], page.name


def test_bibliography_is_a_list_of_items(book):
    page = (book / "book" / "references.html").read_text(encoding="utf-8")
    assert re.search(
        r'<div role="list" class="citation-list">\s*<div class="citation"[^>]* role="listitem"',
        page,
    )
    assert "doc-biblioentry" not in page


def test_an_empty_corner_is_no_header(book):
    page = (book / "book" / "index.html").read_text(encoding="utf-8")
    head = page[page.index("<thead>") : page.index("</thead>")]
    assert re.search(r"<td class=\"head\">\s*(<p></p>)?\s*</td>", head)
    assert re.search(r"<th class=\"head\"><p>one</p></th>", head)


def test_root_leads_to_the_first_page(book):
    assert "book/index.html" in (book / "index.html").read_text(encoding="utf-8")


def test_missing_page_links_from_the_root(book):
    page = (book / "404.html").read_text(encoding="utf-8")
    assert 'href="/course/book/index.html"' in page
    assert '"/en/latest/' not in page


def test_colab_button_derives_from_the_configuration(book):
    owner_and_name = repository().removeprefix("https://github.com/")
    for name, path in [("chapter", "colab/chapter"), ("without_edition", "without_edition")]:
        page = (book / "book" / f"{name}.html").read_text(encoding="utf-8")
        buttons = re.findall(r'href="(https://colab[^"]*)"', page)
        assert buttons == [
            f"https://colab.research.google.com/github/{owner_and_name}/blob/main/book/{path}.ipynb"
        ]


def test_labels_are_found_in_every_form_as_sphinx_finds_them(book):
    from tools.labels import anchor, labelled

    page = (book / "book" / "labels.html").read_text(encoding="utf-8")
    found = list(labelled(LABELS))
    equations = [label for kind, label, _ in found if kind == "equation"]
    places = [page.index(f'id="equation-{anchor(label)}"') for label in equations]
    numbers = re.findall(r'<span class="eqno">\((\d+)\)', page)
    assert numbers == [str(n) for n in range(1, len(equations) + 1)]
    assert places == sorted(places)
    others = {(kind, title): label for kind, label, title in found if kind != "equation"}
    assert others == {
        ("section", "A section"): "a-section",
        ("figure", ""): "a-figure",
        ("statement", "A theorem"): "a-theorem",
    }
    for label in others.values():
        assert f'id="{anchor(label)}"' in page, label
    assert "Fig. 1" in page


def test_a_link_may_end_in_a_heading(book):
    page = (book / "book" / "index.html").read_text(encoding="utf-8")
    for text, name in [("a figure", "chapter"), ("why β", "labels")]:
        (anchor,) = re.findall(rf'href="{name}\.html#([^"]+)"><span[^>]*>{text}', page)
        assert f'id="{anchor}"' in (book / "book" / f"{name}.html").read_text(encoding="utf-8")


def test_an_entry_of_the_bibliography_has_its_key_as_a_second_name(book):
    page = (book / "book" / "references.html").read_text(encoding="utf-8")
    entry = page[page.index('class="citation"') :]
    assert '<span id="ioffe2015"></span>' in entry
    assert re.search(r'<div class="citation" id="id\d+"', page)  # the name that the site uses


# --- building while serving ---------------------------------------------------------------------


@pytest.fixture
def in_memory(book):
    """Build the small book again, by a process that has it in memory; the exit code."""
    folder = book.parents[1]
    command = [sys.executable, "-m", "tools.waiting_sphinx", str(folder)]
    pipe = subprocess.PIPE
    with subprocess.Popen(command, cwd=folder, stdin=pipe, stdout=pipe, text=True) as process:

        def again():
            process.stdin.write("build\n")
            process.stdin.flush()
            said = (line for line in process.stdout if line.startswith(BUILT))
            return next(said).removeprefix(BUILT).split()[0]

        yield again
        process.stdin.close()


def test_edits_are_built_alone_by_a_process_that_has_the_book(book, in_memory):
    source = book.parents[1] / "book" / "labels.md"
    page, other = book / "book" / "labels.html", book / "book" / "references.html"
    untouched = other.stat().st_mtime_ns
    for sentence in ("A first new sentence.", "A second new sentence."):
        with source.open("a", encoding="utf-8") as file:
            file.write(f"\n{sentence}\n")
        assert in_memory() == "0"
        assert sentence in page.read_text(encoding="utf-8")
    assert other.stat().st_mtime_ns == untouched
    # The script of `make serve` is in no file.
    assert not [path for path in book.rglob("*.html") if b"EventSource" in path.read_bytes()]
