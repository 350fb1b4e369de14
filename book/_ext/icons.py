"""Sphinx extension: of the theme's two thousand icons, pages load those that they show.

The theme's style sheet names every icon of Font Awesome, and brings fonts that hold them all: 300
kB for some thirty pictures. Once the pages are written, the icons of pages and scripts are looked
up; the rules of the others are dropped and the fonts cut down.
"""

from __future__ import annotations

import re
from collections.abc import Iterable
from pathlib import Path
from typing import Any

import pydata_sphinx_theme

from book._ext.font_subsets import subset

THEME = Path(pydata_sphinx_theme.__file__).parent / "theme" / "pydata_sphinx_theme" / "static"
SHEET = "styles/pydata-sphinx-theme.css"
FONTS = "vendor/fontawesome/webfonts"

_NAME = re.compile(r"\bfa-[a-z0-9-]+")
_RULE = re.compile(r"((?:\.fa-[a-z0-9-]+:before,?)+)\{content:\"([^\"]*)\"\}")
_PRIVATE = re.compile(r"\\([ef][0-9a-f]{3})|([\ue000-\uf8ff])")
_SOURCES = re.compile(r"src:url\((\.\./vendor/fontawesome/webfonts/([\w-]+))\.woff2\)[^;}]*")


def used_icons(folder: Path) -> set[str]:
    """The names of icons in the pages and scripts of a site.

    A script's map holds its source once more, and the theme's own script of icons is not loaded.
    """
    files = [*folder.rglob("*.html"), *folder.rglob("*.js")]
    texts = (f.read_text(encoding="utf-8") for f in files if f.name != "fontawesome.js")
    return {name for text in texts for name in _NAME.findall(text)}


def lighten(css: str, names: Iterable[str]) -> tuple[str, set[int]]:
    """A style sheet without the rules of other icons, and the characters that it still shows.

    >>> lighten('.fa-at:before{content:"\\\\f1fa"}.fa-xmark:before{content:"\\\\f00d"}', ["fa-at"])
    ('.fa-at:before{content:"\\\\f1fa"}', {61946})
    """
    wanted = {f".{name}:before" for name in names}
    kept = _RULE.sub(lambda m: m[0] if wanted & set(m[1].split(",")) else "", css)
    characters = {int(m[1], 16) if m[1] else ord(m[2]) for m in _PRIVATE.finditer(kept)}
    ascii_signs = {ord(m[2]) for m in _RULE.finditer(kept) if len(m[2]) == 1}
    return _SOURCES.sub(r'src:url(\1.woff) format("woff")', kept), characters | ascii_signs


def _lighten_site(app: Any, exception: BaseException | None) -> None:
    if exception is not None or app.builder.name != "html":
        return
    static = Path(app.outdir) / "_static"
    names = used_icons(Path(app.outdir))
    css, characters = lighten((THEME / SHEET).read_text(encoding="utf-8"), names)
    (static / SHEET).write_text(css, encoding="utf-8")
    for font in (THEME / FONTS).glob("*.ttf"):
        (static / FONTS / f"{font.stem}.woff").write_bytes(subset(font, characters))
    for font in (static / FONTS).glob("*.*"):
        if font.suffix != ".woff":
            font.unlink()


def setup(app: Any) -> dict[str, bool]:
    """Register with Sphinx."""
    app.connect("build-finished", _lighten_site)
    return {"parallel_read_safe": True, "parallel_write_safe": True}
