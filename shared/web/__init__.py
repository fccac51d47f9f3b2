"""Server-rendered pages: one frame, one set of components and one look for all four services."""
