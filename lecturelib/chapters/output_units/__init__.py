"""The chapter ``output_units``: what it has beyond the library."""
