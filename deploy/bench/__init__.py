"""Benchmarks: each prints one JSON line last; some compare with a peer in the same run."""
