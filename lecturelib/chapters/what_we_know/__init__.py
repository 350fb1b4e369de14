"""The chapter ``what_we_know``: what it has beyond the library."""
