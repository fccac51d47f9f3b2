"""What the publisher decides, pure: forms of items, their checks, what changed, what becomes public, signed leases."""
