"""The chapter ``noise_and_generalization``: what it has beyond the library."""
