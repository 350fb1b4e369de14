"""Sphinx extension: keep what says nothing out of the reference of the package."""

from __future__ import annotations


def _skip_aliases(app, what, name, obj, skip, options) -> bool | None:
    """The fields of a named tuple are explained by its own docstring."""
    if (getattr(obj, "__doc__", None) or "").startswith("Alias for field number"):
        return True
    return None


def setup(app) -> dict[str, bool]:
    app.connect("autodoc-skip-member", _skip_aliases)
    return {"parallel_read_safe": True, "parallel_write_safe": True}
