"""The chapter ``cost_functions``: what it has beyond the library."""
