"""The chapter ``parameter_sharing``: what it has beyond the library."""
