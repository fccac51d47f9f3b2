"""Corrections: operators query and dispute what is published of them and get a written reply in time.

Consumes `gongshi.publications` (published items) and `gongshi.complaints` (the complaints behind the figures). Emits on
`gongshi.rulings` that an application was filed or withdrawn, and the ruling on it; it never edits an item or a figure.
Owns the schema `corrections`, with the only personal data outside intake: the contact of each applicant.

Operators use `/corrections` (apply, track, read the reply) and `/corrections/deadline`; officers use
`/corrections/desk`.
"""
