"""Bringing released items to targets: the worker, what it sends by, and what staff do with targets."""
