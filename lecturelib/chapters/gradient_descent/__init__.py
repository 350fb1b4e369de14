"""The chapter ``gradient_descent``: what it has beyond the library."""
