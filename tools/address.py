"""Write the addresses of ``_config.yml`` into the files that must repeat them.

    python -m tools.address

Notebooks get theirs from ``tools.notebooks``; pages derive theirs at build time.
"""

from __future__ import annotations

import re

from tools.course import ROOT, branch, repository, site

# Read by people and services that never see _config.yml.
DERIVED = (
    "README.md",
    "CITATION.cff",
    "CONTRIBUTING.md",
    "book/colab_and_gpus.md",
    "lecturelib/interactive/published.py",
)

_ADDRESS = re.compile(r"https://github\.com/[\w.-]+/[\w.-]+?(?=(?:\.git)?(?:/|\)|\s|\"|'|`|$))")
_COLAB = re.compile(r"https://colab\.research\.google\.com/github/[\w.-]+/[\w.-]+/blob/[\w.-]+/")
_SITE = re.compile(r'(?<=^SITE = ")[^"]*', re.MULTILINE)


def rewritten(name: str) -> str:
    """The text of file ``name`` with the address of ``_config.yml`` in place of any other."""
    text = (ROOT / name).read_text(encoding="utf-8")
    colab = repository().replace("https://github.com/", "https://colab.research.google.com/github/")
    text = _SITE.sub(site(), text)
    text = _COLAB.sub(f"{colab}/blob/{branch()}/", text)
    return _ADDRESS.sub(repository(), text)


def main() -> None:
    """Rewrite every derived file, and say which changed."""
    for name in DERIVED:
        new = rewritten(name)
        changed = new != (ROOT / name).read_text(encoding="utf-8")
        (ROOT / name).write_text(new, encoding="utf-8")
        print(f"{name}: {'written' if changed else 'unchanged'}")


if __name__ == "__main__":
    main()
