"""Readers of files: whatever the format, sheets of rows of cells. What the first bytes say decides, not the name."""
