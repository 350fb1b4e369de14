"""The course's own tools: each module has a command line, ``python -m tools.<name> --help``."""
