"""Complaints: the major ones become drafts. Nearly all records are neither, and are told apart without parsing them."""

from __future__ import annotations

import re
from collections.abc import Callable, Sequence
from dataclasses import dataclass
from decimal import Decimal, InvalidOperation

from aiokafka import ConsumerRecord
from pydantic import ValidationError

from services.publisher import drafting
from services.publisher.domain.major import worth_drafting
from services.publisher.office import Office
from services.publisher.store import items
from shared.contracts import Board, ComplaintRevised
from shared.contracts.complaints import COMPLAINTS
from shared.rules import MajorRules
from shared.stream import AT_LEISURE_S, Received, Refused, Subscription, Unit
from shared.stream.record import Decoded, Decoder, contract_decoder, header, refuse_invalid

TYPE = ComplaintRevised.type.encode()
AMOUNT = "ce_amount"
# Our own writer puts the id first; a record that begins otherwise is parsed.
ID_BEGINS = b'{"complaint_id":"'
ID_LENGTH = 36
TEXTS_BEGIN = b'"title":'

_contract = contract_decoder([(ComplaintRevised.type, ComplaintRevised)])


@dataclass(slots=True)
class Glimpse:
    """A complaint record of which only the id was read. `major`: amount or words say that the rule may hold."""

    complaint_id: str
    major: bool


def glimpse_decoder(office: Office) -> Decoder:
    """Return a decoder that reads the amount's header and looks for the rule's words in the raw bytes."""
    versions = [rules.major for rules in office.book.versions]
    least = min(rules.amount_from for rules in versions)
    harm = _harm(versions)

    def decode(record: ConsumerRecord) -> Decoded:
        if header(record, "ce_type") != TYPE:
            return _contract(record)
        value: bytes = record.value or b""
        if not value.startswith(ID_BEGINS):
            return _parsed(record)
        start = len(ID_BEGINS)
        complaint_id = value[start : start + ID_LENGTH].decode("ascii", "replace")
        major = _amount(header(record, AMOUNT)) >= least or harm(value)
        return Received(Glimpse(complaint_id, major), record)

    return decode


def _harm(versions: Sequence[MajorRules]) -> Callable[[bytes], bool]:
    """Return whether the JSON of a complaint may fall under a rule on harm.

    Words are looked for behind the title only, where people's own texts are: on raw bytes and over all of a record of
    Chinese text the search took 19 µs, so it takes 4.
    """
    categories = [f'"category":"{category}"'.encode() for rules in versions for category in sorted(rules.harm_categories)]
    words = sorted({word for rules in versions for word in rules.harm_words})
    said = re.compile("|".join(map(re.escape, words))) if words else None

    def holds(value: bytes) -> bool:
        if any(category in value for category in categories):
            return True
        texts = value[max(value.find(TEXTS_BEGIN), 0) :].decode("utf-8", "ignore")
        return said is not None and said.search(texts) is not None

    return holds


def _amount(value: bytes | None) -> Decimal:
    try:
        return Decimal(value.decode()) if value else Decimal(0)
    except (InvalidOperation, UnicodeDecodeError):
        return Decimal(0)


def _parsed(record: ConsumerRecord) -> Decoded:
    decoded = _contract(record)
    if isinstance(decoded, Received) and isinstance(decoded.event, ComplaintRevised):
        return Received(Glimpse(str(decoded.event.complaint_id), major=True), record)
    return decoded


def subscription(office: Office) -> Subscription:
    """Return the subscription of `gongshi.complaints`."""

    async def draft(unit: Unit, events: Sequence[Received[Glimpse]]) -> None:
        known = await items.among(unit.connection, Board.MAJOR, sorted({r.event.complaint_id for r in events}))
        newest: dict[str, ComplaintRevised] = {}
        for received in events:
            if received.event.major or received.event.complaint_id in known:
                complaint = _read(unit, received)
                if complaint and _newer(complaint, newest.get(str(complaint.complaint_id))):
                    newest[str(complaint.complaint_id)] = complaint
        rules = office.rules(unit.now).major
        wanted = [c for key, c in sorted(newest.items()) if key in known or (_major(c, rules) and worth_drafting(c))]
        fresh = await items.not_older(unit.connection, {str(c.complaint_id): c.revision for c in wanted})
        if fresh:
            await drafting.draft_major(unit, office, [c for c in wanted if str(c.complaint_id) in fresh])

    return Subscription(COMPLAINTS, glimpse_decoder(office), {Glimpse: draft}, batches=2, gather_s=AT_LEISURE_S)


def _read(unit: Unit, received: Received[Glimpse]) -> ComplaintRevised | None:
    try:
        return ComplaintRevised.model_validate_json(received.record.value or b"")
    except ValidationError as error:
        refused: Refused = refuse_invalid(received.record, error)
        unit.refuse(received, refused.reason, *refused.details)
        return None


def _newer(complaint: ComplaintRevised, known: ComplaintRevised | None) -> bool:
    return known is None or known.revision < complaint.revision


def _major(complaint: ComplaintRevised, rules: MajorRules) -> bool:
    amount = Decimal(complaint.amount) if complaint.amount else None
    text = f"{complaint.title or ''}{complaint.text or ''}"
    return rules.ground(amount=amount, category=complaint.category, text=text) is not None
