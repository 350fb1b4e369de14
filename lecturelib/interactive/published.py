"""Where the course is published, for what a notebook shows far away from its pages."""

from __future__ import annotations

SITE = "https://deep-networks-tested.github.io/course/"  # by `python -m tools.address`


def page_address(name: str) -> str:
    """The address of one of the book's pages, for a link in a cell's output.

    In the book's own build it is relative, so that the site can be read anywhere. A notebook has no
    such page beside it, in Colab not even an address of its own, so there it is absolute.

    Args:
        name: the page's name, such as ``batch_norm``.

    >>> page_address("batch_norm").endswith("batch_norm.html")
    True
    """
    from lecturelib.interactive.modes import mode  # late: the package of figures is large

    return f"{name}.html" if mode() == "static" else f"{SITE}book/{name}.html"
