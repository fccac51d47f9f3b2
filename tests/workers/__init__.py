"""Programs that tests run as worker processes."""
