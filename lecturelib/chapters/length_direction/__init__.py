"""The chapter ``length_direction``: what it has beyond the library."""
