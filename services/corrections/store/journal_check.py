"""Decisions beside the journal entries that tell of them."""

from __future__ import annotations

from dataclasses import dataclass
from uuid import UUID

import asyncpg

from services.corrections.domain.ruling import decision_digest


@dataclass(frozen=True, slots=True)
class JournaledDecision:
    """A decision as it is stored. `journaled_digest`: that in the journal, None for one that is older than these."""

    receipt: str
    ruling_id: UUID
    decision: str
    reason_code: str
    public_reason: str
    reply: str
    reply_number: str
    decided_by: str
    rules_version: str
    response: str | None
    journaled_digest: str | None

    def digest(self) -> str:
        """Return the digest of the decision as it is now."""
        words = self.decision, self.reason_code, self.public_reason, self.reply
        admitted = (self.response,) if self.response is not None else ()
        return decision_digest(self.ruling_id, *words, self.reply_number, self.decided_by, self.rules_version, *admitted)


DECISIONS = """
SELECT a.receipt, d.ruling_id, d.decision, d.reason_code, d.public_reason, d.reply, d.reply_number, d.decided_by,
       d.rules_version, d.response, j.detail ->> 'content' AS journaled_digest
  FROM corrections.decisions d
  JOIN corrections.applications a USING (application_id)
  JOIN corrections.journal j ON j.action = 'application_decided' AND j.subject = a.receipt
 ORDER BY a.receipt
"""


async def fetch_decisions(connection: asyncpg.Connection) -> list[JournaledDecision]:
    """Return every decision that the journal tells of."""
    return [JournaledDecision(**dict(row)) for row in await connection.fetch(DECISIONS)]


# Returns (receipt, what is wrong).
DIFFERENCES = """
SELECT a.receipt, 'the journal does not tell of the decision' AS what
  FROM corrections.decisions d
  JOIN corrections.applications a USING (application_id)
 WHERE NOT EXISTS (
       SELECT FROM corrections.journal j
        WHERE j.action = 'application_decided' AND j.subject = a.receipt AND j.detail ->> 'decision' = d.decision)
 UNION ALL
SELECT j.subject, 'entry ' || j.seq || ' of the journal tells of a decision that is not there'
  FROM corrections.journal j
 WHERE j.action = 'application_decided'
   AND NOT EXISTS (
       SELECT FROM corrections.decisions d
         JOIN corrections.applications a USING (application_id)
        WHERE a.receipt = j.subject AND d.decision = j.detail ->> 'decision')
"""


async def find_differences(connection: asyncpg.Connection) -> list[tuple[str, str]]:
    """Return receipt and sentence of every decision without an entry, and every entry without a decision."""
    return [(row[0], row[1]) for row in await connection.fetch(DIFFERENCES)]
