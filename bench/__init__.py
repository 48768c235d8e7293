"""Benchmarks: `python -m bench.NAME [--quick] [--json]`. Each prints its ratios to a baseline of the same run last."""
