"""The demo: a synthetic city's hotlines replayed through the real system, and the desk staff's work done by their own pages."""
