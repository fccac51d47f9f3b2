"""Corrections: operators see and dispute what is published of them, and are answered in writing, in time.

Listens to `gongshi.publications` (what is published) and `gongshi.complaints` (what the figures count). Says on
`gongshi.rulings` that an application was filed or taken back, and what was decided on it; nothing here edits an item or
a figure. Owns the schema `corrections`, and in it the only personal data outside intake: who to answer.

Operators use `/corrections` (apply, follow, read the reply) and `/corrections/deadline`; officers use
`/corrections/desk`.
"""
