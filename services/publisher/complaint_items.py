"""Items that are drafted from handled complaints, by every kind that declares how; in transactions of some hundreds."""

from __future__ import annotations

from collections.abc import Mapping
from dataclasses import dataclass
from datetime import datetime
from uuid import UUID

import structlog
from pydantic import ValidationError

from services.publisher.bureau import (
    COMPLAINT_UPDATED,
    NOT_FOR_PUBLICATION,
    NOT_HANDLED,
    OPERATOR_CHANGED,
    SAME_DISPUTE,
    BureauContext,
)
from services.publisher.domain import drafting as decision
from services.publisher.domain.checks import kind_checks
from services.publisher.domain.desk_form import compose_form
from services.publisher.domain.drafting import ItemVersions
from services.publisher.domain.form import Form
from services.publisher.domain.personal_data import find_personal_data
from services.publisher.drafting import draft_proposals
from services.publisher.drafts import DraftProposal
from services.publisher.kinds import KINDS, Kind
from services.publisher.store import handled, item_versions
from shared.contracts import ComplaintRevised, PublicOperator, Status
from shared.contracts import Kind as ComplaintKind
from shared.stream import UnitOfWork

BATCH = 500
# What a complaint says in words, and a record can do without.
WORDS = ("consumer_words", "demand", "goods_class", "platform")
log = structlog.get_logger(__name__)


@dataclass(frozen=True, slots=True)
class LeftOut:
    """Why a complaint has no item of a kind: a code of our own, and the coded reason for withdrawing one that is public."""

    code: str
    reason: str


NOT_CLOSED = LeftOut("not_closed", NOT_HANDLED)
DUPLICATE = LeftOut("duplicate", SAME_DISPUTE)
NO_DISPUTE = LeftOut("no_dispute", NOT_FOR_PUBLICATION)
NO_RESULT = LeftOut("result", NOT_FOR_PUBLICATION)
BY_RULE = LeftOut("rule", NOT_FOR_PUBLICATION)
NO_CODE = LeftOut("operator", OPERATOR_CHANGED)


def natural_key(kind: Kind, complaint_id: UUID) -> str:
    """Return the natural key of the item of a complaint."""
    return f"{kind.name}/{complaint_id}"


async def draft_waiting(uow: UnitOfWork, bureau: BureauContext, limit: int = BATCH) -> int:
    """Draft, replace, revise or withdraw the items of complaints that wait for it; return how many complaints were read."""
    # Who drafts locks items; the order is that of every drafting transaction.
    await item_versions.lock_drafting(uow.connection)
    waiting = await handled.lock_waiting(uow.connection, limit)
    complaints = dict[UUID, ComplaintRevised]()
    for complaint_id, body in waiting.items():
        try:
            complaints[complaint_id] = ComplaintRevised.model_validate_json(body)
        except ValidationError:
            # The handler read its facts; a body that does not read as a whole is no item, and keeps nobody waiting.
            log.warning("handled_complaint_unreadable", complaint_id=str(complaint_id))
    left_out: dict[UUID, str | None] = dict.fromkeys(waiting, "unreadable") | dict.fromkeys(complaints, None)
    for kind in (each for each in KINDS.values() if each.is_drafted_by_program):
        left_out |= await _draft_kind(uow, bureau, kind, complaints)
    await handled.set_drafted(uow.connection, left_out)
    return len(waiting)


async def _draft_kind(
    uow: UnitOfWork, bureau: BureauContext, kind: Kind, complaints: Mapping[UUID, ComplaintRevised]
) -> dict[UUID, str | None]:
    keys = {natural_key(kind, complaint_id): complaint_id for complaint_id in complaints}
    known = await item_versions.lock_items(uow.connection, kind.board, list(keys)) if keys else {}
    proposals, left_out = list[DraftProposal](), dict[UUID, str | None]()
    for key, complaint_id in keys.items():
        proposal = propose(bureau, uow.now, kind, complaints[complaint_id], known.get(key))
        left_out[complaint_id] = proposal.code if isinstance(proposal, LeftOut) else None
        if isinstance(proposal, LeftOut):
            facts = {"complaint_revision": complaints[complaint_id].revision}
            proposal = DraftProposal(key, None, [], facts, proposal.reason)
        proposals.append(proposal)
    await draft_proposals(uow, bureau, kind.board, proposals, known, kind.name)
    return left_out


def propose(
    bureau: BureauContext, now: datetime, kind: Kind, complaint: ComplaintRevised, item: ItemVersions | None
) -> DraftProposal | LeftOut:
    """Return what a revision of a complaint proposes for its item, or why it can't have one."""
    rules = bureau.rules(now)
    public = item.public if item and item.public and item.public.purpose is decision.Purpose.PUBLISH else None
    under = (bureau.rules_of(public.rules_version, now) if public else rules).kinds.get(kind.name)
    composed = compose(kind, complaint)
    if isinstance(composed, LeftOut):
        return composed
    allowed = under.from_complaints if under else None
    if allowed is None or not allowed.publish or (composed.content or {}).get("result") not in allowed.results:
        return BY_RULE
    concealed = frozenset(
        name for name in WORDS if public and (public.form.content or {}).get(name) and not (composed.content or {}).get(name)
    )
    facts = {"complaint_revision": complaint.revision}
    checks = kind_checks(composed, rules, kind)
    return DraftProposal(natural_key(kind, complaint.complaint_id), composed, checks, facts, COMPLAINT_UPDATED, concealed)


def compose(kind: Kind, complaint: ComplaintRevised) -> Form | LeftOut:
    """Return the form of a complaint's item, or why it has none. Words in which a person may be named are left out."""
    if complaint.kind is not ComplaintKind.COMPLAINT or complaint.status is Status.REJECTED:
        return NO_DISPUTE
    if complaint.duplicate_of is not None:
        return DUPLICATE
    if complaint.status is not Status.CLOSED:
        return NOT_CLOSED
    content = kind.from_complaint(complaint) if kind.from_complaint else None
    if content is None:
        return NO_RESULT
    if complaint.operator.uscc is None:
        return NO_CODE
    known = complaint.operator
    operator = PublicOperator(key=known.key, name=known.name, uscc=known.uscc, address=known.address)
    form = compose_form(kind, content, operator, complaint.region)
    form = form.model_copy(update={"complaint_id": str(complaint.complaint_id)})
    for names in (("consumer_words",), WORDS):
        if not find_personal_data(form):
            break
        form = _without(form, names)
    if find_personal_data(form):
        # The address is the operator's; what its registration holds of persons is not needed here.
        form = form.model_copy(update={"operator": operator.model_copy(update={"address": None})})
    return form


def _without(form: Form, names: tuple[str, ...]) -> Form:
    content = {name: None if name in names else value for name, value in (form.content or {}).items()}
    return form.model_copy(update={"content": content})
