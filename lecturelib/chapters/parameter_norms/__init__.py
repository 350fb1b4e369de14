"""The chapter ``parameter_norms``: what it has beyond the library."""
