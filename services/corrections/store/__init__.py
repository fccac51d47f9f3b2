"""The schema `corrections`: typed functions over one connection, by subject; records never leave this package."""
