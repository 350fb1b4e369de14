"""Build the course: execute its notebooks in parallel, then make the site, the PDF or the EPUB.

    python -m tools.build            the site, incrementally
    python -m tools.build --clean    the site from nothing but the notebooks' cache
    python -m tools.build --pdf      the whole book as one PDF
    python -m tools.build --epub     the whole book as one EPUB
    python -m tools.build --publish  those that are made, into the site

Warnings are errors. An incremental build shows only the warnings of the pages it writes, so after a
failure the next build writes every page.
"""

from __future__ import annotations

import argparse
import hashlib
import json
import logging
import multiprocessing
import os
import re
import shutil
import subprocess
import sys
import time
from collections.abc import Sequence
from concurrent.futures import ProcessPoolExecutor, as_completed
from importlib import metadata
from pathlib import Path

from book._ext import execution_cache
from tools import typesetting
from tools.course import ROOT, notebooks

BUILD = ROOT / "_build"
HOME = BUILD / "html" / "book" / "index.html"
STAMP = BUILD / "built.json"
TIMEOUT = 600
KEPT_CACHES = 3
INPUTS = ("_config.yml", "_toc.yml", "CHANGELOG.md", "book", "lecturelib", "tools")
PDF = BUILD / "latex" / "deep_networks_tested.pdf"
EPUB = BUILD / "epub" / "deep_networks_tested.epub"
DOWNLOADS = "downloads"
"""Folder of the published site for the PDF and the EPUB."""
PLACE = re.compile("<!-- downloads -->.*?<!-- / -->", re.DOTALL)
"""Where the first page of the site offers them."""
PDF_NEEDS = {
    "xelatex": "texlive-xetex texlive-latex-extra texlive-fonts-recommended fonts-texgyre "
    "fonts-dejavu-core",
    "latexmk": "latexmk",
    "rsvg-convert": "librsvg2-bin",
}
EPUB_NEEDS = {"node": "nodejs", "epubcheck": "epubcheck", "java": "default-jre-headless"}


def say(text: str) -> None:
    """A line of progress, at once even where the output is a pipe."""
    print(text, flush=True)


def inputs_hash() -> str:
    """A digest of everything that the site is made from."""
    # Without Node the site is another one: browsers typeset its formulas.
    digest = hashlib.sha256(f"{sys.version} {shutil.which('node') is None}".encode())
    for distribution in ("jupyter-book", "myst-nb", "sphinx", "sphinx-book-theme"):
        digest.update(metadata.version(distribution).encode() + b"\0")
    files = [p for name in INPUTS for p in (ROOT / name, *sorted((ROOT / name).rglob("*")))]
    for path in files:
        if path.is_file() and not {"__pycache__", ".ipynb_checkpoints"} & set(path.parts):
            digest.update(path.relative_to(ROOT).as_posix().encode() + b"\0")
            digest.update(hashlib.sha256(path.read_bytes()).digest())
    return digest.hexdigest()


# --- notebooks ---------------------------------------------------------------------------------


def execute(path: Path, root: Path) -> tuple[Path, float, str | None]:
    """Run one notebook into the cache; return its path, the seconds, and what went wrong if so."""
    # Errors reach the parent as text. What kernels and libraries remark besides goes to a file.
    logging.disable(logging.CRITICAL)
    with (execution_cache.cache_path(root) / "kernels.log").open("a") as log:
        os.dup2(log.fileno(), sys.stderr.fileno())
    from jupyter_cache.executors.utils import single_nb_execution
    from nbformat import read

    start = time.perf_counter()
    notebook = read(path, as_version=4)
    result = single_nb_execution(
        notebook, cwd=str(path.parent), timeout=TIMEOUT, allow_errors=False
    )
    seconds = time.perf_counter() - start
    if result.err is not None:
        return path, seconds, result.exc_string or str(result.err)
    execution_cache.keep(root, path, notebook, seconds)
    return path, seconds, None


def execute_notebooks() -> None:
    """Execute, on all cores, the notebooks whose cells have changed, or what these run."""
    execution_cache.prepare_kernels(ROOT)
    stale = execution_cache.stale(ROOT, notebooks())
    say(f"== notebooks: {len(stale)} to execute, {len(notebooks()) - len(stale)} unchanged")
    if not stale:
        return
    workers = min(len(stale), os.cpu_count() or 1)
    failures = []
    context = multiprocessing.get_context("spawn")
    with ProcessPoolExecutor(workers, mp_context=context) as pool:
        # The longest files first, so that no core waits at the end.
        order = sorted(stale, key=lambda path: -path.stat().st_size)
        jobs = [pool.submit(execute, path, ROOT) for path in order]
        for done, job in enumerate(as_completed(jobs), start=1):
            path, seconds, problem = job.result()
            verdict = "failed" if problem else "done"
            say(f"   [{done}/{len(stale)}] {path.relative_to(ROOT)}: {verdict} in {seconds:.0f} s")
            if problem:
                failures.append(f"{path.relative_to(ROOT)}:\n{problem}")
    if failures:
        sys.exit("\n\n".join(["== these notebooks stop with an error", *failures]))


def drop_old_caches(current: Path) -> None:
    """Keep the caches of the last few sets of versions, to go back and forth quickly."""
    os.utime(current)
    folders = [p for p in current.parent.glob("?" * len(current.name)) if p != current]
    for folder in sorted(folders, key=lambda p: p.stat().st_mtime)[: -KEPT_CACHES + 1]:
        shutil.rmtree(folder)


# --- site and PDF ------------------------------------------------------------------------------


def jupyter_book(*options: str) -> int:
    """Run Jupyter Book on the course with warnings as errors; return its exit code."""
    command = [
        sys.executable,
        "-c",
        "import tools; from jupyter_book.cli.main import main; main()",
        "build",
    ]
    command += [str(ROOT), "-n", "-W", "--keep-going"]
    # Frozen modules hide paths from the debugger of the kernels, which warns about it.
    environment = os.environ | {"PYDEVD_DISABLE_FILE_VALIDATION": "1"}
    return subprocess.run([*command, *options], cwd=ROOT, env=environment).returncode


def build_site(*, clean: bool, if_changed: bool) -> None:
    """Make the site in ``_build/html``, or do nothing where nothing has changed."""
    before = inputs_hash()
    stamp = json.loads(STAMP.read_text()) if STAMP.is_file() else {}
    whole = stamp.get("clean") or not clean  # only a clean build shows every warning
    same = HOME.is_file() and stamp.get("inputs") == before and stamp.get("passed")
    if same and whole and if_changed:
        say("== site: nothing has changed")
        return
    execute_notebooks()
    drop_old_caches(execution_cache.cache_path(ROOT))
    if clean:
        shutil.rmtree(BUILD, ignore_errors=True)
    say("== site")
    failed_before = not clean and stamp.get("passed") is False
    code = jupyter_book("--quiet", *(["--all"] if failed_before else []))
    BUILD.mkdir(exist_ok=True)
    cleanly = clean or bool(stamp.get("clean") and same)
    STAMP.write_text(json.dumps({"inputs": before, "passed": code == 0, "clean": cleanly}))
    if code:
        sys.exit(code)


def demand(what: str, needs: dict[str, str]) -> None:
    """Stop with one line that says what to install where a program is missing."""
    missing = [packages for program, packages in needs.items() if not shutil.which(program)]
    if missing:
        sys.exit(f"{what}: install what is missing (Debian: apt-get install {' '.join(missing)})")


def build_pdf() -> Path:
    """Make the PDF, or say what is missing, sticks out or has no character in the fonts."""
    demand("pdf", PDF_NEEDS)
    execute_notebooks()
    say("== pdf: LaTeX sources")
    shutil.rmtree(PDF.parent, ignore_errors=True)
    if code := jupyter_book("--quiet", "--builder", "latex", "--all"):
        sys.exit(code)
    say("== pdf: typesetting")
    output = PDF.with_name("typesetting.log")
    command = ["latexmk", "-xelatex", "-interaction=nonstopmode", "-halt-on-error"]
    with output.open("w") as file:
        result = subprocess.run(
            [*command, PDF.with_suffix(".tex").name], cwd=PDF.parent, stdout=file, stderr=file
        )
    if result.returncode:
        sys.exit(f"pdf: xelatex stopped; its report is {output}")
    log = PDF.with_suffix(".log").read_text(encoding="utf-8", errors="replace")
    say(f"   {typesetting.summary(log)}")
    if faults := typesetting.faults(log, PDF.with_suffix(".tex")):
        sys.exit("\n".join(["pdf: what a reader would see:", *faults]))
    return PDF


def build_epub() -> Path:
    """Make the EPUB and have epubcheck read it: an error or a warning of it stops the build."""
    demand("epub", EPUB_NEEDS)
    execute_notebooks()
    say("== epub")
    shutil.rmtree(EPUB.parent, ignore_errors=True)
    if code := jupyter_book("--quiet", "--builder", "custom", "--custom-builder", "epub", "--all"):
        sys.exit(code)
    check = [*typesetting.java_program("epubcheck"), "--failonwarnings", "--quiet", str(EPUB)]
    if subprocess.run(check).returncode:
        sys.exit("epub: epubcheck finds what is listed above")
    return EPUB


def publish(home: Path = HOME, files: Sequence[Path] = (PDF, EPUB)) -> Path:
    """Put what is made of the PDF and the EPUB into the site, and links on its first page."""
    folder = home.parents[1] / DOWNLOADS
    folder.mkdir(exist_ok=True)
    links = []
    for path in filter(Path.is_file, files):
        shutil.copy(path, folder)
        size = f"{path.stat().st_size / 1e6:.0f} MB"
        name = f"{path.suffix[1:].upper()} ({size})"
        links.append(f'<a href="../{DOWNLOADS}/{path.name}" download>{name}</a>')
    text = f'<p class="downloads">The whole book to keep: {", ".join(links)}.</p>' if links else ""
    page = home.read_text(encoding="utf-8")
    if not PLACE.search(page):
        sys.exit(f"publish: {home} has no place for the links, <!-- downloads --><!-- / -->")
    home.write_text(PLACE.sub(f"<!-- downloads -->{text}<!-- / -->", page, count=1), "utf-8")
    return folder


def main() -> None:
    """Build what the command line asks for, and say where it is."""
    parser = argparse.ArgumentParser(description="Build the course.")
    parser.add_argument("--clean", action="store_true", help="build every page anew, as CI does")
    parser.add_argument(
        "--if-changed", action="store_true", help="with --clean: not where nothing has changed"
    )
    for name, what in {
        "pdf": "build the PDF instead of the site",
        "epub": "build the EPUB instead of the site",
        "publish": "put the PDF and the EPUB into the site",
    }.items():
        parser.add_argument(f"--{name}", action="store_true", help=what)
    options = parser.parse_args()
    start = time.perf_counter()
    if options.pdf:
        result = build_pdf()
    elif options.epub:
        result = build_epub()
    elif options.publish:
        result = publish()
    else:
        build_site(clean=options.clean, if_changed=options.if_changed or not options.clean)
        result = HOME
    say(f"== {result}   ({time.perf_counter() - start:.0f} s)")


if __name__ == "__main__":
    main()
