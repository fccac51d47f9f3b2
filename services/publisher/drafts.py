"""What drafting writes: proposals become new versions, and open versions are replaced or dropped."""

from __future__ import annotations

from collections.abc import Sequence
from dataclasses import dataclass, field
from datetime import date
from typing import Any, assert_never

from services.publisher.domain import drafting as decision
from services.publisher.domain.checks import Check, count_results, withdrawal_checks
from services.publisher.domain.drafting import DRAFTER, State
from services.publisher.domain.form import Form
from services.publisher.kinds import find_kind
from services.publisher.store import batches, versions
from services.publisher.store.versions import NewVersion
from shared.rules import Rules
from shared.stream import JournalEntry, UnitOfWork


@dataclass(frozen=True, slots=True)
class DraftProposal:
    """A form proposed for the item of a natural key, with its checks and its inputs (`facts`).

    Without a form the item can't be public any more, for the reason of `code`. `concealed` fields are never quoted as old.
    `drafted_by` is the person whose words are in the form, else the program.
    """

    key: str
    form: Form | None
    checks: Sequence[Check]
    facts: dict[str, Any]
    code: str
    concealed: frozenset[str] = frozenset()
    drafted_by: str = DRAFTER


@dataclass(slots=True)
class Drafts:
    """What drafting writes: new versions (also by natural key), and open versions to replace or drop (item id, number)."""

    versions: list[NewVersion] = field(default_factory=list)
    keys: list[str] = field(default_factory=list)
    replaced: list[tuple[str, int]] = field(default_factory=list)
    dropped: list[tuple[str, int]] = field(default_factory=list)

    def add(
        self,
        item_id: str,
        decided: decision.DraftDecision,
        proposal: DraftProposal,
        rules: Rules,
        *,
        held: bool = False,
        withdraw_by: date | None = None,
    ) -> None:
        """Add what a decision on an item brings about. `held`: it waits until a person's proposal to withdraw is refused.

        `withdraw_by`: the day until which a withdrawal is to be released.
        """
        match decided:
            case decision.WriteVersion(number, form, purpose, urgent, replaces):
                withdraws = purpose is decision.Purpose.WITHDRAW
                checks = withdrawal_checks(form, rules, withdraw_by) if withdraws else proposal.checks
                self.keys.append(proposal.key)
                author = DRAFTER if withdraws else proposal.drafted_by
                state = State.REJECTED if held else State.DRAFT
                self.versions.append(
                    NewVersion(item_id, number, form, checks, proposal.facts, author, purpose, state, urgent=urgent)
                )
                if replaces is not None:
                    self.replaced.append((item_id, replaces))
            case decision.DropDraft(number):
                self.dropped.append((item_id, number))
            case decision.NoChange():
                pass
            case never:
                assert_never(never)

    async def _batch(self, uow: UnitOfWork) -> None:
        """Put first versions of which no check says anything into the open batch of their kind, where the kind has batches."""
        clean: dict[str, list[str]] = {}
        for version in self.versions:
            kind = find_kind(version.form.kind)
            is_first = version.version == 1 and version.state is State.DRAFT
            if kind and kind.is_drafted_by_program and is_first and not any(count_results(version.checks)):
                clean.setdefault(kind.name, []).append(version.item_id)
        for kind_name, item_ids in clean.items():
            await batches.add_first_versions(uow.connection, kind_name, item_ids, uow.now)

    async def write(self, uow: UnitOfWork, rules: Rules) -> None:
        """Write it, with the journal's entries."""
        closed = [*self.replaced, *self.dropped]
        if closed:
            await versions.set_state(uow.connection, closed, State.REJECTED, by=DRAFTER, at=uow.now)
        if self.versions:
            await versions.upsert_versions(uow.connection, self.versions, at=uow.now, rules_version=rules.version)
            await self._batch(uow)
        for version in self.versions:
            detail = {"version": version.version, "rules": rules.version, **version.facts}
            uow.journal(
                JournalEntry(version.drafted_by, "drafted", version.item_id, None, version.form.model_dump(mode="json"), detail)
            )
        for item_id, number in closed:
            uow.journal(JournalEntry(DRAFTER, "draft_dropped", item_id, detail={"version": number}))
