"""The course's own tools: each module has a command line, ``python -m tools.<name> --help``."""

import sys

# What jsonschema asks for to check addresses in all the world's letters: it builds 38 parsers when
# it is imported, over a second, and no notebook's schema has such an address.
sys.modules.setdefault("rfc3987_syntax", None)  # type: ignore[arg-type]
