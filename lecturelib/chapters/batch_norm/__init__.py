"""The chapter ``batch_norm``: what it has beyond the library."""
