"""Erasure of a complaint's words: here, and in a revision without words that takes them from every reader."""

from __future__ import annotations

from uuid import UUID

from services.intake.store import complaints, erasures, report_traits
from services.intake.store.complaints import ComplaintRow
from shared.contracts import ComplaintRevised
from shared.contracts.complaints import Redaction
from shared.stream import JournalEntry, UnitOfWork

WORDLESS = {
    **dict.fromkeys(("title", "text", "goods", "goods_class", "demand")),
    "unmapped": (),
    "redaction": Redaction.WITHHELD,
}


async def erase_words(uow: UnitOfWork, actor: str, complaint_id: UUID, reason: str) -> bool:
    """Take what people wrote out of a complaint for good, and emit the revision that says nothing of it.

    Facts stay, so that figures do. Return whether that was done now. For the database's owner, who acts in intake's schema.
    """
    found = await erasures.insert_erasure(uow.connection, complaint_id, uow.now)
    if found is None:
        return False
    key, state = found
    revised = state._replace(revision=state.revision + 1, withheld=False)
    payloads = await complaints.fetch_payloads(uow.connection, [complaint_id])
    before = ComplaintRevised.model_validate_json(payloads[complaint_id])
    wordless = before.model_copy(update={**WORDLESS, "revision": revised.revision})
    uow.emit(wordless)
    await complaints.upsert_complaints(uow.connection, [ComplaintRow(key, revised, uow.messages[-1].value or b"")], uow.now)
    await report_traits.delete(uow.connection, [complaint_id])
    await erasures.delete_words(uow.connection, complaint_id, before.source, before.external_id)
    uow.journal(JournalEntry(actor, "complaint_erased", str(complaint_id), detail={"reason": reason}))
    return True
