"""How fast the package is beside its peers. Run ``python -m benchmarks``; see harness.py.

Each file of this folder that has a function ``benchmarks()`` takes part; a new benchmark is a new
small file.
"""
