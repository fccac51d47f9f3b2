"""The publisher: drafts, review, release, and every public channel of what was released.

Listens to `gongshi.figures` (figures to draft from, months that close), `gongshi.complaints` (major complaints) and
`gongshi.rulings` (applications and the decisions on them). Says `gongshi.publications`. Owns the schema `publisher`. Its pages
are the portal for everyone, `/screens` for display screens, and `/desk` for reviewers and gatekeepers.
"""
