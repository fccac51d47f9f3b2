"""The tables of stats: one function per statement."""
