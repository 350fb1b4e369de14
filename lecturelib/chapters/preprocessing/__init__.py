"""The chapter ``preprocessing``: what it has beyond the library."""
