"""The chapter ``dropout``: what it has beyond the library."""
