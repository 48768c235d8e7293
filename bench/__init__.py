"""Benchmarks: `python -m bench.NAME [--quick] [--json]`. Each prints its ratios, against a baseline in the same run, last."""
