"""Reports of one dispute at several sources become one complaint: compared in the background, linked or asked about.

Of linked reports one counts; the others say whose duplicates they are in a revision of their own, so that figures and
publications follow by the events that there are. Which one counts follows from the reports alone, in any order of their coming.
"""

from __future__ import annotations

from collections.abc import Collection, Mapping
from dataclasses import dataclass
from datetime import timedelta
from uuid import UUID

from services.intake.domain.decision import ComplaintChange
from services.intake.domain.disputes import Priority, admit_links, duplicates_of, group_linked, priority_of
from services.intake.domain.duplicates import Band, Judgement, Traits, judge
from services.intake.domain.match_keys import MatchKeys, unpack_keys
from services.intake.domain.named_days import named_days
from services.intake.domain.operators import name_key
from services.intake.domain.sketch import sketch
from services.intake.ingest import Intake
from services.intake.store import complaints, erasures, match_queue, report_pairs, report_traits
from services.intake.store.complaints import EmittedComplaint
from services.intake.store.report_pairs import LINKED, SEPARATE, VERDICTS, Pair, StoredPair
from shared.contracts import ComplaintRevised
from shared.contracts.facts_struct import FactsStruct, read_facts
from shared.contracts.reports import Channel, Kind
from shared.stream import UnitOfWork

SWEEP_LIMIT = 2_000
NO_LONGER_A_COMPLAINT = Judgement(Band.SEPARATE, (), 0)
Facts = FactsStruct | ComplaintRevised


@dataclass(frozen=True, slots=True)
class Compared:
    """What a batch of reports is compared by: as it is now, what has changed of it, and what is no complaint any more."""

    traits: Mapping[UUID, Traits]
    changed: frozenset[UUID]
    gone: frozenset[UUID]


class Matcher:
    """Compares reports and links those of one dispute."""

    def __init__(self, intake: Intake) -> None:
        self._intake = intake

    async def compare_waiting(self, uow: UnitOfWork) -> int:
        """Compare some of the reports that wait; return how many, 0 where none waits or another process compares."""
        if not await match_queue.try_lock_comparison(uow.connection):
            return 0
        packed = await match_queue.take(uow.connection)
        keys = {UUID(bytes=complaint_id): found for complaint_id, found in unpack_keys(packed)}
        if not keys:
            return 0
        compared = await self._compare(uow, keys)
        moved = await self._judge(uow, compared)
        await self.relink(uow, {*keys, *moved})
        return len(keys)

    async def relink(self, uow: UnitOfWork, complaint_ids: Collection[UUID]) -> None:
        """Let what holds of pairs hold for the complaints: one of linked ones counts, the others are emitted anew."""
        links = await report_pairs.fetch_links_around(uow.connection, complaint_ids)
        concerned = {*complaint_ids, *(each for link in links for each in link)}
        emitted = {each.complaint_id: each for each in await complaints.fetch_emitted(uow.connection, concerned)}
        linked = {each for link in links for each in link}
        alone = {each: None for each in emitted if each not in linked}
        priorities = {each: _priority(emitted[each]) for each in linked}
        wanted = alone | duplicates_of(group_linked(linked, links), priorities)
        moved = {each for each in emitted if emitted[each].duplicate_of != wanted[each]}
        if not moved:
            return
        states = await complaints.lock_by_ids(uow.connection, moved)
        changes = {
            key: ComplaintChange(
                state._replace(duplicate_of=wanted[state.complaint_id], revision=state.revision + 1), report_index=None
            )
            for key, state in states.items()
            if state.duplicate_of != wanted[state.complaint_id]
        }
        await self._intake.restate(uow, changes)

    async def _compare(self, uow: UnitOfWork, keys: Mapping[UUID, MatchKeys]) -> Compared:
        """Store what the reports are compared by where it has changed."""
        emitted = await complaints.fetch_emitted(uow.connection, keys)
        stored = await report_traits.fetch(uow.connection, keys)
        erased = await erasures.fetch_erased(uow.connection, keys)
        traits: dict[UUID, Traits] = {}
        gone: set[UUID] = set()
        for each in emitted:
            if each.complaint_id in erased:
                continue
            facts, before = _read(each.payload), stored.get(each.complaint_id)
            if facts.kind is not Kind.COMPLAINT:
                gone.add(each.complaint_id)
                continue
            found = keys[each.complaint_id]
            # A step of a clerk, or a report that moves to another operator, names nobody anew.
            known = before.keys if found.is_empty and before else found
            traits[each.complaint_id] = self._traits(each, facts, known)
        changed = frozenset(each for each, found in traits.items() if stored.get(each) != found)
        if gone & stored.keys():
            await report_traits.delete(uow.connection, gone & stored.keys())
        if changed:
            await report_traits.upsert(uow.connection, [traits[each] for each in sorted(changed)])
        return Compared(traits, changed, frozenset(gone))

    async def _judge(self, uow: UnitOfWork, compared: Compared) -> set[UUID]:
        """Judge the pairs of what has changed; return the complaints of the pairs of which something else holds now."""
        changed = [compared.traits[each] for each in compared.changed]
        known = await report_pairs.fetch_of(uow.connection, compared.changed | compared.gone)
        pairs = {*known, *(await report_traits.find_candidates(uow.connection, changed))} if changed else set(known)
        others = {each for pair in pairs for each in pair} - compared.traits.keys() - compared.gone
        traits = {**compared.traits, **await report_traits.fetch(uow.connection, others)} if others else compared.traits
        judged: dict[Pair, Judgement] = {}
        for pair in pairs:
            one, other = (traits.get(each) for each in pair)
            if one is not None and other is not None:
                judged[pair] = judge(one, other)
            elif compared.gone.intersection(pair):
                judged[pair] = NO_LONGER_A_COMPLAINT
        return await self._store(uow, judged, known)

    @staticmethod
    async def _store(uow: UnitOfWork, judged: Mapping[Pair, Judgement], known: Mapping[Pair, StoredPair]) -> set[UUID]:
        new = {pair: found for pair, found in judged.items() if _is_news(found, known.get(pair))}
        links = {pair for pair, found in new.items() if found.band is Band.LINK and not _holds(known.get(pair), LINKED)}
        refused = links - await _admit(uow, links) if links else set()
        rows = [(pair, found, VERDICTS[Band.ASK if pair in refused else found.band]) for pair, found in sorted(new.items())]
        if rows:
            await report_pairs.upsert(uow.connection, rows, uow.now)
        return {each for pair, _, verdict in rows if LINKED in {verdict, _verdict(known.get(pair))} for each in pair}

    def _traits(self, emitted: EmittedComplaint, facts: Facts, keys: MatchKeys) -> Traits:
        amount = int(facts.amount.replace(".", "")) if facts.amount else None
        return Traits(
            emitted.complaint_id, emitted.source_id, facts.operator.key, name_key(facts.operator.name), facts.received_on,
            amount, facts.goods, named_days(facts.title, facts.text), self._intake.match_keys.of_reference(facts.external_id),
            keys, sketch(facts.title, facts.text),
        )  # fmt: skip


async def sweep_traits(uow: UnitOfWork) -> None:
    """Forget what reports are compared by once no further report of their dispute is to be expected."""
    before = uow.now - timedelta(days=report_traits.KEPT_DAYS)
    oldest = await report_traits.find_oldest(uow.connection, before, SWEEP_LIMIT)
    if oldest:
        await report_traits.delete(uow.connection, oldest)


async def _admit(uow: UnitOfWork, links: Collection[Pair]) -> set[Pair]:
    """Return the links that join no reports which a clerk has told apart."""
    around = await report_pairs.fetch_links_around(uow.connection, {each for link in links for each in link})
    members = {each for link in (*links, *around) for each in link}
    stored = await report_pairs.fetch_of(uow.connection, members)
    separate = {pair for pair, each in stored.items() if each.decided_by and each.verdict == SEPARATE}
    return admit_links(links, around, separate) if separate else set(links)


def _is_news(found: Judgement, known: StoredPair | None) -> bool:
    if known is None:
        return found.band is not Band.SEPARATE
    return (found.band, found.agreements, found.likeness) != (known.band, known.agreements, known.likeness)


def _verdict(known: StoredPair | None) -> str | None:
    return known.verdict if known else None


def _holds(known: StoredPair | None, verdict: str) -> bool:
    return known is not None and (known.verdict == verdict or known.decided_by is not None)


def _priority(emitted: EmittedComplaint) -> Priority:
    facts = _read(emitted.payload)
    return priority_of(emitted.complaint_id, Channel(facts.channel), facts.status, facts.outcome, accepted=facts.accepted)


def _read(payload: bytes) -> Facts:
    return read_facts(payload) or ComplaintRevised.model_validate_json(payload)
