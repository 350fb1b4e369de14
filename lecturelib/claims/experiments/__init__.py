"""Experiments behind the claims: pure functions from settings and seeds to one value per seed."""
