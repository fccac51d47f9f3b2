"""Redaction: personal data is removed from every field of a report that people read, before it leaves intake.

The stage finds what has a pattern (phones, identity numbers, bank cards, mail addresses), what a cue word announces, and what
the report itself names as the complainant's. It fails closed: on any error title, text and goods are withheld.
"""

from services.intake.redaction.report import RedactedReport, redact

__all__ = ["RedactedReport", "redact"]
