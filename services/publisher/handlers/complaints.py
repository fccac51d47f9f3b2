"""Complaints: major ones become drafts, and handled ones wait for their items.

Nearly all records are not major, which is decided without parsing them; of handled ones the facts are read.
"""

from __future__ import annotations

from collections.abc import Callable, Sequence
from dataclasses import dataclass
from decimal import Decimal, InvalidOperation

from aiokafka import ConsumerRecord
from pydantic import ValidationError

from services.publisher import drafting
from services.publisher.bureau import BureauContext
from services.publisher.domain.major import can_be_published, is_major
from services.publisher.staging import DraftingPace, StagedRecord, stage
from services.publisher.store import items
from shared.contracts import Board, ComplaintRevised
from shared.contracts.complaints import COMPLAINTS
from shared.rules import HarmSearch
from shared.rules.harm import HEADER as HARM
from shared.stream import RELAXED_LINGER_S, ReceivedEvent, RefusedRecord, Subscription, UnitOfWork
from shared.stream.record import DecodedRecord, Decoder, contract_decoder, refuse_invalid

TYPE = ComplaintRevised.type.encode()
AMOUNT = "ce_amount"
# Our own writer puts the id first; a record that begins otherwise is parsed.
ID_PREFIX = b'{"complaint_id":"'
ID_LENGTH = 36
# The revision follows the id. Of a first revision no item can be older.
FIRST_REVISION = b'","revision":1,'
TEXTS_MARKER = b'"title":'
# Complaints that no item can be made of (`can_be_published`), as our own writer writes them: nothing else of a record does.
CLOSED = b'"status":"closed"'
NOT_PUBLISHABLE = (b'"status":"received"', b'"status":"rejected"', b'"kind":"tip_off"')

_contract = contract_decoder([(ComplaintRevised.type, ComplaintRevised)])


@dataclass(slots=True)
class PartialComplaint:
    """A complaint record of which only the id was read. `major`: by amount or words the rule may apply, to one to be published.

    `first`: there is no earlier revision that could have made an item. `closed`: it may be a handled complaint.
    """

    complaint_id: str
    major: bool
    first: bool = False
    closed: bool = True


def partial_decoder(bureau: BureauContext) -> Decoder:
    """Return a decoder that reads headers, and searches the raw bytes for the words of the rules where none tells of harm."""
    versions = [rules.major for rules in bureau.rule_book.versions]
    least = min(rules.amount_from for rules in versions)
    harm = HarmSearch(versions)
    search_json = _json_search(harm)

    def decode(record: ConsumerRecord) -> DecodedRecord:
        # Of several headers of one name the first counts.
        headers = dict(reversed(record.headers))
        if headers.get("ce_type") != TYPE:
            return _contract(record)
        value: bytes = record.value or b""
        if not value.startswith(ID_PREFIX):
            return _parse_record(record)
        start, end = len(ID_PREFIX), len(ID_PREFIX) + ID_LENGTH
        answer = harm.read_header(headers.get(HARM))
        may_be_major = (search_json(value) if answer is None else answer) or _amount(headers.get(AMOUNT)) >= least
        major = may_be_major and not any(mark in value for mark in NOT_PUBLISHABLE)
        complaint_id = value[start:end].decode("ascii", "replace")
        return ReceivedEvent(
            PartialComplaint(complaint_id, major, value.startswith(FIRST_REVISION, end), CLOSED in value), record
        )

    return decode


def _json_search(harm: HarmSearch) -> Callable[[bytes], bool]:
    """Return a predicate: the JSON of a complaint may fall under a rule on harm. For records without the header that says it.

    Words are searched for from the title on, where the free texts are: over all of a record of Chinese text the search
    took 19 µs, from the title on it takes 4.
    """
    categories = [f'"category":"{category}"'.encode() for category in sorted(harm.categories)]

    def matches(value: bytes) -> bool:
        if any(category in value for category in categories):
            return True
        texts = value[max(value.find(TEXTS_MARKER), 0) :].decode("utf-8", "ignore")
        return harm.matches(None, texts)

    return matches


def _amount(value: bytes | None) -> Decimal:
    try:
        return Decimal(value.decode()) if value else Decimal(0)
    except (InvalidOperation, UnicodeDecodeError):
        return Decimal(0)


def _parse_record(record: ConsumerRecord) -> DecodedRecord:
    decoded = _contract(record)
    if isinstance(decoded, ReceivedEvent) and isinstance(decoded.event, ComplaintRevised):
        return ReceivedEvent(PartialComplaint(str(decoded.event.complaint_id), major=True), record)
    return decoded


def subscription(bureau: BureauContext, pace: DraftingPace) -> Subscription:
    """Return the subscription of `gongshi.complaints`."""
    kinds = [kind for rules in bureau.rule_book.versions for kind in rules.kinds.values()]
    drafts_from_complaints = any(kind.from_complaints and kind.from_complaints.publish for kind in kinds)

    async def draft(uow: UnitOfWork, events: Sequence[ReceivedEvent[PartialComplaint]]) -> None:
        revised = sorted({received.event.complaint_id for received in events if not received.event.first})
        known = await items.existing_keys(uow.connection, Board.MAJOR, revised)
        candidates = known | {received.event.complaint_id for received in events if received.event.major}
        newest: dict[str, ComplaintRevised] = {}
        for received in events:
            if received.event.complaint_id in candidates:
                complaint = _read(uow, received)
                if complaint and _is_newer(complaint, newest.get(str(complaint.complaint_id))):
                    newest[str(complaint.complaint_id)] = complaint
        rules = bureau.rules(uow.now).major
        relevant = [c for key, c in sorted(newest.items()) if key in known or (is_major(c, rules) and can_be_published(c))]
        fresh = await items.newer_than_drafted(uow.connection, {str(c.complaint_id): c.revision for c in relevant})
        if fresh:
            await drafting.draft_major(uow, bureau, [c for c in relevant if str(c.complaint_id) in fresh])
        if drafts_from_complaints:
            pace.staged(await stage(uow, [_staged(received) for received in events]), uow.now)

    return Subscription(
        COMPLAINTS,
        partial_decoder(bureau),
        {PartialComplaint: draft},
        batch_factor=2,
        lingers_under_load=True,
        linger_s=RELAXED_LINGER_S,
    )


def _staged(received: ReceivedEvent[PartialComplaint]) -> StagedRecord:
    partial = received.event
    return StagedRecord(partial.complaint_id, partial.first, partial.closed, received.record.value or b"")


def _read(uow: UnitOfWork, received: ReceivedEvent[PartialComplaint]) -> ComplaintRevised | None:
    try:
        return ComplaintRevised.model_validate_json(received.record.value or b"")
    except ValidationError as error:
        refused: RefusedRecord = refuse_invalid(received.record, error)
        uow.refuse(received, refused.reason, *refused.findings)
        return None


def _is_newer(complaint: ComplaintRevised, known: ComplaintRevised | None) -> bool:
    return known is None or known.revision < complaint.revision
