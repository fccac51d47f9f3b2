"""Redaction: personal data is taken out of everything in a report that people can read, before it leaves intake.

The stage on the way in looks for what has a pattern (phones, identity numbers, bank cards, mail addresses) and for what the
report itself names as the complainant's. It fails closed: on any error title, text and goods are withheld.
"""

from services.intake.redaction.report import Redacted, redacted

__all__ = ["Redacted", "redacted"]
