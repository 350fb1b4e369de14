"""The chapter ``backprop``: what it has beyond the library."""
