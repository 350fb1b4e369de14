"""The EPUB: metadata, navigation by landmarks, and pages without what only a browser needs."""

from __future__ import annotations

import re
import shutil
from pathlib import Path
from typing import Any
from urllib.parse import unquote

from sphinx.builders.epub3 import Epub3Builder

from book._ext.paper.formulas import Formulas, visit_block, visit_inline

STYLE = Path(__file__).with_name("epub.css")
SUMMARY = (
    "Figures have alternative texts, formulas are MathML with their TeX as alternative text, "
    "and movable figures are shown as some of their frames."
)
ACCESSIBILITY = {
    "schema:accessMode": ("textual", "visual"),
    "schema:accessModeSufficient": ("textual,visual", "textual"),
    "schema:accessibilityFeature": (
        "alternativeText",
        "displayTransformability",
        "MathML",
        "readingOrder",
        "structuralNavigation",
        "tableOfContents",
    ),
    "schema:accessibilityHazard": ("none",),
    "schema:accessibilitySummary": (SUMMARY,),
}


class CourseEpub(Epub3Builder):
    """Sphinx's EPUB with MathML, one style sheet, no scripts, and what validators ask for."""

    def init(self) -> None:
        self.config.templates_path = []  # those of the site
        self.config.pygments_style = "bw"  # bold and italic: legible on any colour of paper
        super().init()
        self.formulas = Formulas()

    def init_css_files(self) -> None:
        self._css_files = []
        self.add_css_file("pygments.css", priority=200)
        self.add_css_file(STYLE.name)

    def init_js_files(self) -> None:
        self._js_files = []

    def add_css_file(self, filename: str, **options: Any) -> None:
        """Take no style sheet of an extension: those are for the site."""
        if filename in ("pygments.css", STYLE.name):
            super().add_css_file(filename, **options)

    def add_js_file(self, filename: str, **options: Any) -> None:
        """Take no script."""

    def toc_metadata(self, level: int, navpoints: list[Any]) -> dict[str, Any]:
        """What older readers navigate by bears the identifier of the package."""
        identifier = {"uid": self.config.epub_identifier}
        return {**super().toc_metadata(level, navpoints), **identifier}

    def copy_static_files(self) -> None:
        folder = Path(self.outdir) / "_static"
        folder.mkdir(exist_ok=True)
        self.create_pygments_style_file()
        shutil.copy(STYLE, folder)

    def prepare_writing(self, docnames: set[str]) -> None:
        super().prepare_writing(docnames)
        # All formulas in one run of node: it takes longer to start than to work.
        self.formulas.learn(self.env.get_doctree(name) for name in sorted(docnames))

    def build_content(self) -> None:
        """Write the package file, then say in it what each page holds and how it can be read."""
        super().build_content()
        path = Path(self.outdir) / "content.opf"
        text = path.read_text(encoding="utf-8")
        metas = "".join(
            f'    <meta property="{name}">{value}</meta>\n'
            for name, values in ACCESSIBILITY.items()
            for value in values
        )
        text = text.replace("  </metadata>", f"{metas}  </metadata>")
        text = re.sub(r'<item (id="[^"]+" href="([^"]+\.xhtml)" [^>]*?)/>', self._declare, text)
        path.write_text(text, encoding="utf-8")

    def _declare(self, item: re.Match[str]) -> str:
        if "properties=" in item[1]:  # the navigation, which is written later
            return item[0]
        page = (Path(self.outdir) / unquote(item[2])).read_text(encoding="utf-8")
        found = [kind for kind, mark in (("mathml", "<math"), ("svg", "<svg")) if mark in page]
        if not found:
            return item[0]
        return f'<item {item[1].rstrip()} properties="{" ".join(found)}"/>'

    def build_navigation_doc(self) -> None:
        """Write the navigation, then add where the text begins."""
        super().build_navigation_doc()
        path = Path(self.outdir) / "nav.xhtml"
        start = self.refnodes[0]["refuri"]
        landmarks = (
            '    <nav epub:type="landmarks" hidden="hidden">\n'
            "      <h2>Landmarks</h2>\n      <ol>\n"
            f'        <li><a epub:type="bodymatter" href="{start}">Start</a></li>\n'
            "      </ol>\n    </nav>\n  </body>"
        )
        path.write_text(path.read_text("utf-8").replace("  </body>", landmarks), "utf-8")


def configure(app: Any, config: Any) -> None:
    """What the metadata say."""
    config.epub_title = config.project
    config.epub_author = config.epub_publisher = config.epub_contributor = config.author
    config.epub_copyright = f"{config.copyright}, text CC BY 4.0, code BSD-3-Clause"
    config.epub_identifier = config.html_baseurl or "book"
    config.epub_uid = "BookId"
    config.epub_scheme = "URL"
    config.epub_show_urls = "no"
    config.epub_basename = "deep_networks_tested"
    config.epub_theme = "epub"
    config.epub_use_index = False
    config.epub_tocdup = False
    config.epub_tocdepth = 2
    config.epub_description = "An open course on deep networks in which every claim is tested."
    config.epub_tocscope = "includehidden"


def leave_the_site(app: Any) -> None:
    """Formulas of this edition are no work for a script, and pages get nothing of the site's theme.

    What extensions add to a page (buttons, social cards, scripts) or make besides (a page for a
    missing address, a sitemap) belongs to a site.
    """
    if app.builder.name != "epub":
        return
    # Registered here alone: Sphinx prefers to MathJax whatever else there is.
    app.add_html_math_renderer("mathml", (visit_inline, None), (visit_block, None))
    app.config.html_math_renderer = "mathml"
    for event in ("html-page-context", "html-collect-pages"):
        app.events.listeners[event] = []
    kept = [one for one in app.events.listeners["build-finished"] if not _of_site(one.handler)]
    app.events.listeners["build-finished"] = kept


def _of_site(handler: Any) -> bool:
    """Whether a handler belongs to an extension that makes a site complete."""
    return handler.__module__.split(".")[0] in {"notfound", "sphinx_sitemap", "sphinx_thebe"}


def setup(app: Any) -> None:
    """Register with Sphinx."""
    app.add_builder(CourseEpub, override=True)
    app.connect("config-inited", configure)
    app.connect("builder-inited", leave_the_site)
