"""The chapter ``signal_propagation``: what it has beyond the library."""
