"""Stats: from complaint revisions to figures that anyone can recount.

Listens to `gongshi.complaints` and `gongshi.rulings`, says `gongshi.figures`, owns the schema `stats`. Its answers under
`/stats` are for programs; its desk shows ops how complete the figures are.
"""
