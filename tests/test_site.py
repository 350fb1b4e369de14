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
from PIL import Image

from lecturelib.contents import CHAPTERS
from lecturelib.fingerprint import Sources, reads
from tools import build, social_card
from tools.course import ROOT, config, pages, repository, site
from tools.waiting_sphinx import BUILT

pytest.importorskip("sphinx")

MATHJAX = ROOT / "book" / "_static" / "vendor" / "mathjax"
DRAW = """\
import matplotlib.pyplot as plt
fig, ax = plt.subplots(figsize=(3, 2), layout='constrained')
plt.show()"""


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


def build_book(folder: Path, numbered=(), **files) -> tuple[subprocess.CompletedProcess, Path]:
    """Build a book of the given pages with the course's own configuration and extensions.

    The pages ``numbered`` become chapters, each with its page of solutions.
    """
    (folder / "book").mkdir()
    for name in ("_ext", "_static", "references.bib"):
        (folder / "book" / name).symlink_to(ROOT / "book" / name)
    for name in ("lecturelib", "tools"):
        (folder / name).symlink_to(ROOT / name)
    (folder / "book" / "solutions").mkdir()
    (folder / "book" / "colab").mkdir()
    (folder / "book" / "colab" / "chapter.ipynb").touch()  # all that the button asks for
    shutil.copy(ROOT / "_config.yml", folder)
    for name, content in files.items():
        if isinstance(content, str):
            (folder / "book" / f"{name}.md").write_text(content, encoding="utf-8")
        else:
            nbformat.write(content, folder / "book" / f"{name}.ipynb")
    parts = [
        {"caption": "Pages", "chapters": [{"file": f"book/{name}"} for name in others(files)]},
        {"caption": "Part", "numbered": True, "chapters": [*map(with_solutions, numbered)]},
    ]
    toc = {"format": "jb-book", "root": "book/index", "parts": [p for p in parts if p["chapters"]]}
    (folder / "_toc.yml").write_text(yaml.safe_dump(toc))
    script = "from jupyter_book.cli.main import main; main()"
    command = [sys.executable, "-c", script, "build", str(folder), "-n", "-W", "--keep-going"]
    result = subprocess.run(command, cwd=folder, capture_output=True, text=True)
    return result, folder / "_build" / "html"


def others(files):
    """The pages that are no chapter, no solutions and not the first page."""
    return [
        name
        for name in files
        if f"solutions/{name}" not in files and name != "index" and "/" not in name
    ]


def with_solutions(name):
    pages = [{"file": f"book/solutions/{name}", "title": "Solutions"}]
    return {"file": f"book/{name}", "sections": pages}


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


CHAPTER = """# The chapter {slug}

**What you will learn.** Why this page has {slug} in it, and more than one sentence besides.

## The question

{{cite:t}}`ioffe2015`

## Exercises

| exercise | title | kind | difficulty | minutes |
|---|---|---|---|---|
| `{name}-one` | Say it | code | 1 of 3 | 15 |

### 1. Say it

*`{name}-one` · Code · difficulty 1 of 3 · 15 minutes*

Say it.

### Two more, on paper
"""
SOLUTIONS = """# Solutions: the chapter {slug}

What it says.

(solution-{name}-one)=
## 1. Say it

It.
"""
CHAPTERS_BUILT = ("gradient_descent", "optimizers")


def chapters_with_solutions():
    """Two chapters that build on each other, as pages of a small book."""
    files = {}
    for slug in CHAPTERS_BUILT:
        names = {"slug": slug, "name": slug.replace("_", "-")}
        files[slug] = CHAPTER.format(**names)
        files[f"solutions/{slug}"] = SOLUTIONS.format(**names)
    return files


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
        folded=notebook(
            new_markdown_cell("# Folded"),
            new_code_cell("from lecturelib import exercises\nexercises.list_quizzes()"),
            new_code_cell("import sys\nprint(1)\nprint(2, file=sys.stderr)\nprint(3)"),
        ),
        labels=LABELS,
        references="# References\n\n```{bibliography}\n```\n",
        numbered=CHAPTERS_BUILT,
        **chapters_with_solutions(),
    )
    assert result.returncode == 0, result.stdout + result.stderr
    return site


def test_a_figure_is_drawn_for_both_modes_and_keeps_its_text(book):
    page = (book / "book" / "chapter.html").read_text(encoding="utf-8")
    pictures = re.findall(r'<picture class="([^"]*)">(.*?)</picture>', page)
    assert [classes.split()[:2] for classes, _ in pictures] == [
        ["book-figure", "on-light"],
        ["book-figure", "on-dark"],
    ]
    for classes, markup in pictures:
        assert "dark-light" in classes  # or the theme puts a white plate behind it
        assert 'alt="An empty pair of axes."' in markup
        assert re.findall(r'(?:width|height)="(\d+)"', markup) == ["288", "192"]  # at 96 an inch
        (source,) = re.findall(r'src="([^"]*[.]svg)"', markup)
        svg = (book / "book" / source).read_text(encoding="utf-8")
        assert svg.startswith("<svg xmlns=")
        assert "var(" not in svg
        assert "<!--" not in svg


def test_a_call_that_only_shows_a_thing_is_folded(book):
    page = (book / "book" / "folded.html").read_text(encoding="utf-8")
    inputs = re.split(r'<div class="cell docutils container">', page)[1:]
    folded = ["<summary>Code</summary>" in cell for cell in inputs]
    assert folded == [True, False]
    assert "Toggle hidden content" not in page


def test_what_a_cell_prints_stands_in_one_box(book):
    page = (book / "book" / "folded.html").read_text(encoding="utf-8")
    assert page.count('<div class="output stream') == 1


def test_nothing_of_the_live_kernels_is_left(book):
    for page in book.rglob("*.html"):
        assert "thebe" not in page.read_text(encoding="utf-8").lower(), page.name


def test_icons_come_once(book):
    for page in book.rglob("book/*.html"):
        assert "fontawesome.js" not in page.read_text(encoding="utf-8"), page.name


def test_icons_are_those_that_pages_show(book):
    css = (book / "_static" / "styles" / "pydata-sphinx-theme.css").read_text(encoding="utf-8")
    page = (book / "book" / "index.html").read_text(encoding="utf-8")
    (github,) = {name for name in re.findall(r"fa-[a-z-]+", page) if name == "fa-github"}
    assert f".{github}:before" in css
    assert ".fa-dragon:before" not in css
    fonts = re.findall(r"url\(\.\./(vendor/fontawesome/[^)]*)\)", css)
    assert len(fonts) == 3
    assert sum((book / "_static" / font).stat().st_size for font in fonts) < 20_000


@pytest.mark.skipif(shutil.which("node") is None, reason="install Node (Debian: nodejs)")
def test_formulas_are_typeset_and_no_page_carries_mathjax(book):
    for page in book.rglob("*.html"):
        assert "tex-chtml" not in page.read_text(encoding="utf-8"), page.name
    assert (book / "book" / "labels.html").read_text(encoding="utf-8").count("<mjx-container") > 3


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
    assert '<th scope="col" class="head"><p>one</p></th>' in head
    assert 'scope="row"' not in page


def test_root_leads_to_the_first_page(book):
    assert "book/index.html" in (book / "index.html").read_text(encoding="utf-8")


def test_missing_page_links_from_the_root_and_offers_search_and_contents(book):
    page = (book / "404.html").read_text(encoding="utf-8")
    assert 'href="/course/book/index.html"' in page
    assert '"/en/latest/' not in page
    assert '<form class="missing-search" role="search" action="/course/search.html"' in page
    listed = page[page.index("<h2>Contents</h2>") :]
    assert '<li><a href="/course/book/optimizers.html">The chapter optimizers</a></li>' in listed
    assert 'rel="canonical"' not in page


# --- navigation ---------------------------------------------------------------------------------


def text_of(book, name):
    return (book / "book" / f"{name}.html").read_text(encoding="utf-8")


def led(page):
    """Where a page's "previous" and "next" lead."""
    area = page[page.index('"prev-next-area"') :]
    found = {
        side: re.search(rf'class="{side}"\s+href="([^"]+)"', area)
        for side in ("left-prev", "right-next")
    }
    return [match[1] if match else None for match in found.values()]


def test_the_main_path_leads_from_chapter_to_chapter(book):
    assert led(text_of(book, "gradient_descent")) == ["references.html", "optimizers.html"]
    assert led(text_of(book, "optimizers")) == ["gradient_descent.html", None]
    solutions = text_of(book, "solutions/gradient_descent")
    assert led(solutions) == ["../gradient_descent.html", "../optimizers.html"]
    assert '<link rel="next" title="2. The chapter optimizers"' in text_of(book, "gradient_descent")


def test_solutions_stand_beside_their_chapter_in_the_side_bar(book):
    page = text_of(book, "labels")
    tree = page[page.index('class="bd-links') : page.index("prev-next-area")]
    assert re.search(
        r'href="optimizers\.html">2\. The chapter optimizers</a><details>.*?'
        r'<li class="toctree-l2"><a [^>]*href="solutions/optimizers\.html">Solutions</a>',
        tree,
        re.DOTALL,
    )


HEADING = re.compile(r'<h[1-6]>((?:(?!</h).)*?)<a class="headerlink"', re.DOTALL)


def headings(page):
    return [re.sub(r"<[^>]+>", "", found) for found in HEADING.findall(page)]


def test_a_heading_has_one_number(book):
    assert headings(text_of(book, "optimizers")) == [
        "2. The chapter optimizers",
        "2.1. The question",
        "2.2. Exercises",
        "1. Say it",
        "Two more, on paper",
    ]
    solutions = text_of(book, "solutions/optimizers")
    assert headings(solutions) == ["Solutions: the chapter optimizers", "1. Say it"]
    for page in (solutions, text_of(book, "optimizers")):
        contents = page[page.index('id="pst-page-toc-nav"') :]
        assert re.search(r'href="#say-it">1\. Say it</a>', contents)


def test_a_chapter_says_what_it_builds_on_and_what_uses_it(book):
    def line(name):
        (found,) = re.findall(
            r'<div class="chapter-line[^>]*>(.*?)</div>', text_of(book, name), re.DOTALL
        )
        return re.sub(r"<[^>]+>", "", found).strip().split("\n")

    # Of their relatives, which the real pages name, this book has each other alone.
    assert line("gradient_descent") == ["Used in Optimizers", "Exercises statements, solutions"]
    assert line("optimizers") == ["Builds on Gradient descent", "Exercises statements, solutions"]
    assert '<a class="reference internal" href="optimizers.html">' in text_of(
        book, "gradient_descent"
    )


def test_exercises_and_solutions_lead_to_each_other(book):
    page = text_of(book, "optimizers")
    (table,) = re.findall(r'<table class="exercise-list.*?</table>', page, re.DOTALL)
    assert re.findall(r"<th[^>]*><p>(\w+)", table) == ["exercise", "kind", "difficulty", "minutes"]
    assert '<a class="reference internal" href="#exercise-optimizers-one">1. Say it</a>' in table
    assert 'id="exercise-optimizers-one"' in page
    assert 'href="solutions/optimizers.html#solution-optimizers-one"' in page
    solutions = text_of(book, "solutions/optimizers")
    assert 'id="solution-optimizers-one"' in solutions
    assert 'href="../optimizers.html#exercise-optimizers-one"' in solutions


# --- metadata -----------------------------------------------------------------------------------


def head_of(book, path):
    page = (book / path).read_text(encoding="utf-8")
    return page[: page.index("</head>")]


def test_addresses_are_the_published_ones(book):
    sitemap = (book / "sitemap.xml").read_text(encoding="utf-8")
    listed = set(re.findall(r"<loc>([^<]+)</loc>", sitemap))
    canonical = set()
    for path in book.rglob("book/**/*.html"):
        head = head_of(book, path)
        (address,) = re.findall(r'<link rel="canonical" href="([^"]+)"', head)
        assert f'<meta property="og:url" content="{address}" />' in head
        assert address == f"{site()}{path.relative_to(book).as_posix()}"
        canonical.add(address)
    assert listed == canonical


def test_a_page_describes_itself(book):
    said = "Why this page has optimizers in it, and more than one sentence besides."
    head = head_of(book, "book/optimizers.html")
    assert f'<meta name="description" content="{said}" />' in head
    assert f'<meta property="og:description" content="{said}" />' in head
    for path in book.rglob("book/**/*.html"):
        head = head_of(book, path)
        assert head.count('name="viewport"') == 1, path
        assert len(re.findall(r'\bname="description"', head)) <= 1, path
        (card,) = re.findall(r'property="og:image" content="([^"]+)"', head)
        chapter = path.parent.name == "book" and path.stem in CHAPTERS
        assert card.startswith(f"{site()}_static/{'cards/' if chapter else 'social_card.png'}")
        with Image.open(book / card.removeprefix(site())) as picture:
            assert picture.size == (social_card.WIDTH, social_card.HEIGHT)


def test_the_first_page_says_the_title_once(book):
    assert re.findall(r"<title>(.*?)</title>", head_of(book, "book/index.html")) == [
        "Deep Networks, Tested"
    ]
    (title,) = re.findall(r"<title>(.*?)</title>", head_of(book, "book/optimizers.html"))
    assert title == "2. The chapter optimizers &#8212; Deep Networks, Tested"


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
