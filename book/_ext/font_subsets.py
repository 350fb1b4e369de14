"""Cut a font down to the characters that the site shows."""

from __future__ import annotations

from collections.abc import Iterable
from io import BytesIO
from pathlib import Path


def subset(font: Path, characters: Iterable[int]) -> bytes:
    """A font with these characters alone, as WOFF; those that it lacks are left out.

    Args:
        font: a file in any format of OpenType; WOFF2 needs the package ``brotli``.
        characters: Unicode code points.
    """
    from fontTools.subset import Options, Subsetter
    from fontTools.ttLib import TTFont

    # At the sizes of a screen of today hints change nothing, and they are half of such a font.
    options = Options(hinting=False, notdef_outline=True, ignore_missing_unicodes=True)
    options.drop_tables += ["FFTM"]  # FontForge's time stamps
    subsetter = Subsetter(options)
    subsetter.populate(unicodes=list(characters))
    with TTFont(font, recalcTimestamp=False) as opened:
        subsetter.subset(opened)
        opened.flavor = "woff"
        content = BytesIO()
        opened.save(content, reorderTables=False)
    return content.getvalue()
