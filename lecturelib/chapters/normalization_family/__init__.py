"""The chapter ``normalization_family``: what it has beyond the library."""
