"""The chapter ``optimizers``: what it has beyond the library."""
