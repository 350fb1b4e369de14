"""Take the pictures that show the site: of the README and of the landing page.

    python -m tools.pictures    from the built site, with Chromium, into book/_static

They show one place of a chapter. Take them again when it looks different.
"""

from __future__ import annotations

import os
import shutil
import sys
import threading
from io import BytesIO
from pathlib import Path
from typing import Any

from tools.course import ROOT
from tools.serve import SITE, Server

STATIC = ROOT / "book" / "_static"
PAGE, PLACE = "book/batch_norm.html", "the-forward-pass"
PICTURE_SIZE = (1360, 780)
"""Width and height of the window that is shown, in its pixels; files have half as many again."""
SHARP = 1.5
FLAGS = (
    "--no-sandbox",
    "--disable-gpu",
    "--host-resolver-rules=MAP * ~NOTFOUND, EXCLUDE 127.0.0.1",
)


def take(browser: Any, address: str, mode: str) -> bytes:
    """The window with the place of the chapter, as PNG."""
    width, height = PICTURE_SIZE
    context = browser.new_context(
        color_scheme=mode,
        viewport={"width": width, "height": height},
        device_scale_factor=SHARP,
        reduced_motion="reduce",
    )
    page = context.new_page()
    page.set_default_timeout(180_000)
    page.goto(f"{address}{PAGE}", wait_until="load")
    page.evaluate("() => window.MathJax?.startup?.promise")
    page.wait_for_load_state("networkidle")
    page.evaluate("id => document.getElementById(id).scrollIntoView()", PLACE)
    page.wait_for_timeout(500)
    picture: bytes = page.screenshot()
    context.close()
    return picture


def save(png: bytes, mode: str, folder: Path = STATIC) -> None:
    """Write the picture of a mode, and the README's where it is light."""
    from PIL import Image

    with Image.open(BytesIO(png)) as picture:
        picture.convert("RGB").save(folder / f"product_{mode}.webp", quality=82, method=6)
        if mode == "light":
            small = picture.convert("RGB").resize(PICTURE_SIZE, Image.Resampling.LANCZOS)
            small.quantize(128).save(folder / "readme.png", optimize=True)


def main() -> None:
    """Take all pictures."""
    from playwright.sync_api import sync_playwright

    chromium = os.environ.get("CHROMIUM") or shutil.which("chromium")
    if not chromium or not (SITE / PAGE).is_file():
        sys.exit("pictures: wanted are Chromium and the built site (make book)")
    with Server(SITE) as server, sync_playwright() as playwright:
        threading.Thread(target=server.serve_forever, daemon=True).start()
        browser = playwright.chromium.launch(executable_path=chromium, args=list(FLAGS))
        for mode in ("light", "dark"):
            save(take(browser, server.address, mode), mode)
        browser.close()
        server.shutdown()


if __name__ == "__main__":
    main()
