"""The chapter ``covariate_shift``: what it has beyond the library."""
