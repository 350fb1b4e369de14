"""The chapter ``universal_approximation``: what it has beyond the library."""
