"""Measurements: each prints one JSON line last, and compares with a peer in the same run where there is one."""
