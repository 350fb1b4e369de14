"""Pictures of the PDF and the EPUB: written where the build finds them, in formats that both know.

LaTeX draws no SVG, and neither knows WebP.
"""

from __future__ import annotations

import hashlib
import subprocess
from pathlib import Path
from typing import Any

from docutils import nodes
from sphinx.transforms.post_transforms.images import ImageConverter
from sphinx.util.images import guess_mimetype

from book._ext.paper.movable import Picture


def show(env: Any, docname: str, picture: Picture) -> nodes.image:
    """An image node of a picture that no file holds yet."""
    folder = Path(env.doctreedir) / "paper"
    folder.mkdir(exist_ok=True)
    path = folder / (hashlib.sha256(picture.content).hexdigest()[:20] + picture.suffix)
    if not path.is_file():
        path.write_bytes(picture.content)
    env.images.add_file(docname, str(path))
    candidates = {guess_mimetype(str(path)): str(path)}
    return nodes.image(uri=str(path), candidates=candidates, alt=picture.alt)


class VectorsToPdf(ImageConverter):
    """SVG as PDF by rsvg-convert, which keeps lines and text sharp."""

    conversion_rules = (("image/svg+xml", "application/pdf"),)

    def is_available(self) -> bool:
        """The build has looked for the program before it started."""
        return True

    def convert(self, _from: str | Path, _to: str | Path) -> bool:
        """Write the other format, unless that was done before."""
        if not Path(_to).is_file() or Path(_to).stat().st_mtime < Path(_from).stat().st_mtime:
            command = ["rsvg-convert", "--format=pdf", "--output", str(_to), str(_from)]
            subprocess.run(command, check=True)
        return True


class WebpToPng(ImageConverter):
    """WebP as PNG."""

    conversion_rules = (("image/webp", "image/png"),)

    def is_available(self) -> bool:
        """Pillow comes with the package."""
        return True

    def convert(self, _from: str | Path, _to: str | Path) -> bool:
        """Write the other format."""
        from PIL import Image

        Image.open(_from).save(_to)
        return True
