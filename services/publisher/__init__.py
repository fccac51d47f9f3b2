"""The publisher: drafts, review, release, and every public channel of released items.

Consumes `gongshi.figures` (figures to draft from, closes of months), `gongshi.complaints` (major complaints) and
`gongshi.rulings` (applications and the rulings on them). Publishes `gongshi.publications`. Owns the schema `publisher`. Its
pages are the portal for everyone, `/screens` for display screens, and `/desk` for reviewers and gatekeepers.
"""
