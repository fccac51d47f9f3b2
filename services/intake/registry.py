"""What intake remembers between batches: ids of sources, and names with their claims, all known to be committed.

Only what was read from the database goes in, never what a transaction has just written: that may roll back. All of it only
ever grows in the database, so what is remembered stays true whatever other processes do. Whom a name stands for may change,
and is therefore asked each time.
"""

from __future__ import annotations

from collections.abc import Mapping, Sequence
from dataclasses import dataclass

import asyncpg

from services.intake.domain.operators import Attribution, holder, provisional_key
from services.intake.store import operators, sources
from services.intake.store.operators import Claim, Operator
from shared.contracts.reports import ReportedOperator

MOST = 200_000
AMBIGUOUS = 2


@dataclass(frozen=True, slots=True)
class Holders:
    """Whom each name of a batch stands for, and the names that stand for somebody else than before."""

    by_name: Mapping[str, str | None]
    changed: frozenset[str]

    def operator(self, name: str) -> str:
        """Return the key of the operator that a name stands for; of nobody known, the provisional key of the name."""
        return self.by_name.get(name) or provisional_key(name)

    def operators(self) -> dict[str, str]:
        """Return the keys of the operators that the changed names stand for now."""
        return {name: self.operator(name) for name in sorted(self.changed)}


class Registry:
    """The sources and operators of one process."""

    def __init__(self) -> None:
        self._sources: dict[str, int] = {}
        self._names: set[str] = set()
        self._claims: set[Attribution] = set()

    async def sources(self, connection: asyncpg.Connection, names: set[str], entrance: str) -> Mapping[str, int]:
        """Return the ids of the sources; those seen for the first time are registered."""
        if len(self._sources) > MOST:
            self._sources.clear()
        unknown = names - self._sources.keys()
        if not unknown:
            return self._sources
        found = await sources.find(connection, unknown)
        self._sources.update(found)
        missing = unknown - found.keys()
        if missing:
            found |= await sources.register(connection, missing, entrance)
        return self._sources | found

    async def holders(
        self, connection: asyncpg.Connection, reported: Sequence[tuple[Attribution, ReportedOperator]]
    ) -> Holders:
        """Return whom the names stand for, once every claim that comes with the reports is registered.

        Claims first: the order of reports within a batch must not matter.
        """
        fresh = {who: operator for who, operator in reported if who.uscc and who not in self._claims}
        by_name = {who.name_key: operator for who, operator in reported if who.uscc is None}
        unknown = {name: operator for name, operator in by_name.items() if name not in self._names}
        changed = await self._register(connection, fresh, unknown) if fresh or unknown else {}
        held = await operators.claims_held(connection, by_name) if by_name else {}
        return Holders(
            {name: holder(claimed_by) for name, claimed_by in (changed | held).items()},
            frozenset(name for name, claimed_by in changed.items() if claimed_by),
        )

    @staticmethod
    async def stands_for(connection: asyncpg.Connection, name: str) -> Holders:
        """Return whom a name stands for, as one that has changed."""
        held = await operators.claims_held(connection, [name])
        return Holders({each: holder(claimed_by) for each, claimed_by in held.items()}, frozenset({name}))

    async def _register(
        self,
        connection: asyncpg.Connection,
        fresh: Mapping[Attribution, ReportedOperator],
        unknown: Mapping[str, ReportedOperator],
    ) -> dict[str, tuple[str, ...]]:
        usccs = await operators.known_operators(connection, {who.uscc for who in fresh if who.uscc})
        claims = await operators.claims(connection, {who.name_key for who in fresh} | unknown.keys())
        told = {who for who in fresh if _is_told(who, claims.get(who.name_key, ()))}
        self._remember(claims, {who for who in told if who.uscc in usccs})
        await operators.add_operators(
            connection,
            (Operator(who.uscc, o.name, o.address, o.scope) for who, o in fresh.items() if who.uscc and who.uscc not in usccs),
        )
        wanted = [Claim(who.name_key, operator.name, who.uscc) for who, operator in fresh.items() if who not in told]
        wanted += [Claim(name, operator.name, None) for name, operator in unknown.items() if name not in claims]
        return await operators.add_claims(connection, wanted) if wanted else {}

    def _remember(self, names: Mapping[str, object], claims: set[Attribution]) -> None:
        if len(self._claims) + len(self._names) > MOST:
            self._claims.clear()
            self._names.clear()
        self._names.update(names)
        self._claims.update(claims)


def _is_told(who: Attribution, claimed_by: Sequence[str]) -> bool:
    """Return whether the claim adds nothing to what is stored of the name."""
    return who.uscc in claimed_by or len(claimed_by) >= AMBIGUOUS
