"""Facts that several tools need: where the repository lives, which notebooks the book has."""

from __future__ import annotations

import functools
from pathlib import Path
from typing import Any

import yaml

ROOT = Path(__file__).resolve().parent.parent
EDITIONS = "book/colab"


@functools.cache
def config() -> dict[str, Any]:
    """The book's ``_config.yml``."""
    return dict(yaml.safe_load((ROOT / "_config.yml").read_text(encoding="utf-8")))


def repository() -> str:
    """Address of the repository, written down in ``_config.yml`` alone."""
    return str(config()["repository"]["url"]).rstrip("/")


def branch() -> str:
    """The branch that published links point to."""
    return str(config()["repository"]["branch"])


def colab_url(path: str) -> str:
    """Where Colab opens the notebook at ``path``, relative to the repository's root."""
    owner_and_name = repository().removeprefix("https://github.com/")
    return f"https://colab.research.google.com/github/{owner_and_name}/blob/{branch()}/{path}"


def site() -> str:
    """Address of the published site, with a slash at its end."""
    return str(config()["html"]["baseurl"]).rstrip("/") + "/"


def page_address(page: Path) -> str:
    """Where the published site has the page whose source is the file ``page``."""
    return f"{site()}{page.relative_to(ROOT).with_suffix('.html').as_posix()}"


def edition(notebook: Path) -> Path:
    """The Colab edition of one of the book's notebooks."""
    return ROOT / EDITIONS / notebook.name


@functools.cache
def _toc() -> Any:
    return yaml.safe_load((ROOT / "_toc.yml").read_text(encoding="utf-8"))


def pages() -> list[Path]:
    """The book's pages in reading order, as ``_toc.yml`` lists them."""
    return [_with_suffix(ROOT / name) for name in _names(_toc())]


def _names(entry: Any) -> list[str]:
    """The pages of a part of ``_toc.yml`` in reading order, as it writes them."""
    if isinstance(entry, list):
        return [name for item in entry for name in _names(item)]
    names = [entry[key] for key in ("root", "file") if key in entry]
    for key in ("parts", "chapters", "sections"):
        names += _names(entry.get(key, []))
    return names


def numbered_chapters() -> dict[Path, int]:
    """The number of the chapter that each page belongs to; pages without a number are left out."""
    chapters = [
        chapter for part in _toc()["parts"] if part.get("numbered") for chapter in part["chapters"]
    ]
    return {
        _with_suffix(ROOT / name): number
        for number, chapter in enumerate(chapters, start=1)
        for name in _names(chapter)
    }


def page_at(path: Path) -> Path | None:
    """The page whose source is ``path``, given with or without its suffix."""
    return next((page for page in pages() if path in (page, page.with_suffix(""))), None)


def notebooks() -> list[Path]:
    """The book's notebooks in reading order."""
    return [page for page in pages() if page.suffix == ".ipynb"]


def _with_suffix(page: Path) -> Path:
    for suffix in (".ipynb", ".md"):
        if page.with_suffix(suffix).exists():
            return page.with_suffix(suffix)
    raise FileNotFoundError(f"_toc.yml lists {page.relative_to(ROOT)}, which is no page")
