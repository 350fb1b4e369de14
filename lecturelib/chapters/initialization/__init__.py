"""The chapter ``initialization``: what it has beyond the library."""
