"""Sphinx extension: mend what the theme gets wrong for a site without foreign requests."""

from __future__ import annotations


def _drop_thebe(app, pagename, templatename, context, doctree) -> None:
    """Live kernels in the page are off, yet their scripts are added: twice, which is an error."""

    def wanted(asset) -> bool:
        body = getattr(asset, "attributes", {}).get("body") or ""
        return "thebe" not in str(getattr(asset, "filename", asset)) and "THEBE" not in body

    for kind in ("script_files", "css_files"):
        context[kind] = [asset for asset in context.get(kind, []) if wanted(asset)]


def setup(app) -> dict[str, bool]:
    # Late: after every other extension has added its files.
    app.connect("html-page-context", _drop_thebe, priority=900)
    return {"parallel_read_safe": True, "parallel_write_safe": True}
