"""What intake decides, as pure functions: whether a report is sound, who its operator is, and what it changes."""
