"""The chapter ``residual_connections``: what it has beyond the library."""
