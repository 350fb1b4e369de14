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


def convert_late(app: Any, doctree: nodes.document, docname: str) -> None:
    """Pictures that an extension put in place after the transforms, in a format of LaTeX's."""
    if app.builder.name != "latex":
        return
    folder = Path(app.doctreedir) / "paper"
    for image in doctree.findall(nodes.image):
        source = Path(app.srcdir) / image["uri"]
        converter, suffix = LATE.get(source.suffix, (None, ""))
        if converter is None:
            continue
        folder.mkdir(exist_ok=True)
        path = folder / f"{source.stem}{suffix}"
        converter(source, path)
        image["uri"], image["candidates"] = str(path), {"*": str(path)}
        app.env.images.add_file(docname, str(path))


def vector_to_pdf(source: str | Path, target: str | Path) -> None:
    """Write an SVG as PDF, unless that was done since it was changed last."""
    if not Path(target).is_file() or Path(target).stat().st_mtime < Path(source).stat().st_mtime:
        command = ["rsvg-convert", "--format=pdf", "--output", str(target), str(source)]
        subprocess.run(command, check=True)


def webp_to_png(source: str | Path, target: str | Path) -> None:
    """Write a WebP as PNG."""
    from PIL import Image

    Image.open(source).save(target)


LATE = {".svg": (vector_to_pdf, ".pdf"), ".webp": (webp_to_png, ".png")}


class VectorsToPdf(ImageConverter):
    """SVG as PDF by rsvg-convert, which keeps lines and text sharp."""

    conversion_rules = (("image/svg+xml", "application/pdf"),)

    def is_available(self) -> bool:
        """The build has looked for the program before it started."""
        return True

    def convert(self, _from: str | Path, _to: str | Path) -> bool:
        """Write the other format."""
        vector_to_pdf(_from, _to)
        return True


class WebpToPng(ImageConverter):
    """WebP as PNG."""

    conversion_rules = (("image/webp", "image/png"),)

    def is_available(self) -> bool:
        """Pillow comes with the package."""
        return True

    def convert(self, _from: str | Path, _to: str | Path) -> bool:
        """Write the other format."""
        webp_to_png(_from, _to)
        return True
