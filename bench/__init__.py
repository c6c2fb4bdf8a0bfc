"""Benchmarks, side by side with peers where there are any. Run with `python -m bench [name ...]`."""
