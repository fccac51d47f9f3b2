"""Urgency: whether a new form contradicts the public one, so that it has to be released before anything else."""

from __future__ import annotations

from services.publisher.domain.form import Form

# What came of a complaint, and how much was at stake: if one of these changes, the public version states what is not so.
RESULT_FIELDS = ("status", "outcome", "result", "amount", "recovered", "issue")
# What somebody said, and may take back.
CONSUMER_WORDS = ("consumer_words",)
# Counts of a month that a source takes back by lowering them; a count that grows only adds to what is public.
COUNTS = ("complaints", "accepted", "resolved", "mediations", "mediation_successes", "closed")


def contradicts(public: Form, form: Form) -> bool:
    """Return whether the form contradicts the public one: another result of a complaint, or lower counts of a month."""
    before, after = public.content or {}, form.content or {}
    changed = any(before.get(name) != after.get(name) for name in RESULT_FIELDS)
    takes_back = any(before.get(name) and before.get(name) != after.get(name) for name in CONSUMER_WORDS)
    return changed or takes_back or any(_count(after, name) < _count(before, name) for name in COUNTS)


def _count(content: dict[str, object], name: str) -> int:
    value = content.get(name)
    return value if isinstance(value, int) else 0
