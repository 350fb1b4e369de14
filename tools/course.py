"""Facts that several tools need: where the repository lives, which notebooks the book has."""

from __future__ import annotations

import functools
from pathlib import Path
from typing import Any

import yaml

ROOT = Path(__file__).resolve().parent.parent


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


def pages() -> list[Path]:
    """The book's pages in reading order, as ``_toc.yml`` lists them."""
    toc = yaml.safe_load((ROOT / "_toc.yml").read_text(encoding="utf-8"))
    names: list[str] = []

    def walk(entry: Any) -> None:
        if isinstance(entry, list):
            for item in entry:
                walk(item)
        elif isinstance(entry, dict):
            names.extend(entry[key] for key in ("root", "file") if key in entry)
            for key in ("parts", "chapters", "sections"):
                walk(entry.get(key, []))

    walk(toc)
    return [_with_suffix(ROOT / name) for name in names]


def notebooks() -> list[Path]:
    """The book's notebooks in reading order."""
    return [page for page in pages() if page.suffix == ".ipynb"]


def _with_suffix(page: Path) -> Path:
    for suffix in (".ipynb", ".md"):
        if page.with_suffix(suffix).exists():
            return page.with_suffix(suffix)
    raise FileNotFoundError(f"_toc.yml lists {page.relative_to(ROOT)}, which is no page")
