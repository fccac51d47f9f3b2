"""The demo: a synthetic city's hotlines replayed through the real system, and the desks' work done through their own pages."""
