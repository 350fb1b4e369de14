"""The chapter ``hidden_units``: what it has beyond the library."""
