"""The chapter ``batch_norm_in_networks``: what it has beyond the library."""
