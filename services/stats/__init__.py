"""Stats: from complaint revisions to figures that anyone can recount.

Consumes `gongshi.complaints` and `gongshi.rulings`, produces `gongshi.figures`, owns the schema `stats`. The API under `/stats`
is for programs; its desk shows ops how complete the figures are.
"""
