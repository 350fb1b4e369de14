"""The chapter ``loss_smoothness``: what it has beyond the library."""
