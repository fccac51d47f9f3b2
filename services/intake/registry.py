"""Cache of source ids, operator names and claims between batches: committed rows only.

Only what was read from the database is cached, never what the current transaction writes: that may roll back. These tables
only grow, so a cached row stays true whatever other processes do. The operator that a name resolves to may change and is read
in each transaction.
"""

from __future__ import annotations

from collections.abc import Iterable, Mapping, Sequence
from dataclasses import dataclass

import asyncpg

from services.intake.domain.operators import NameClaims, OperatorIdentity, provisional_key
from services.intake.domain.report import Operator as ReportedOperator
from services.intake.store import operators, sources
from services.intake.store.operators import NameClaim, Operator

MAX_CACHED = 200_000
NO_CLAIMS = NameClaims(())


@dataclass(frozen=True, slots=True)
class NameResolution:
    """The operator that each name of a batch resolves to, and the names that resolve to another one than before.

    `contested` names are claimed by several and decided by nobody: complaints that know the name only stay where they are.
    """

    by_name: Mapping[str, str | None]
    changed: frozenset[str]
    contested: frozenset[str] = frozenset()

    @classmethod
    def of(cls, claims: Mapping[str, NameClaims], changed: Iterable[str]) -> NameResolution:
        """Return the resolution of names by their claims; of those that changed only the ones that stand for somebody."""
        contested = frozenset(name for name, each in claims.items() if each.is_contested)
        return cls({name: each.operator for name, each in claims.items()}, frozenset(changed) - contested, contested)

    def operator_key(self, name: str) -> str:
        """Return the operator key of a name; the provisional key where no single operator claims it."""
        return self.by_name.get(name) or provisional_key(name)

    def changed_keys(self) -> dict[str, str]:
        """Return the operator keys that the changed names resolve to now."""
        return {name: self.operator_key(name) for name in sorted(self.changed)}


class Registry:
    """Sources and operators as one process has seen them."""

    def __init__(self) -> None:
        self._sources: dict[str, int] = {}
        self._names: set[str] = set()
        self._claims: set[OperatorIdentity] = set()

    async def source_ids(self, connection: asyncpg.Connection, names: set[str], entrance: str) -> Mapping[str, int]:
        """Return the ids of the sources; unknown ones are registered first."""
        if len(self._sources) > MAX_CACHED:
            self._sources.clear()
        unknown = names - self._sources.keys()
        if not unknown:
            return self._sources
        found = await sources.fetch_ids(connection, unknown)
        self._sources.update(found)
        missing = unknown - found.keys()
        if missing:
            found |= await sources.register(connection, missing, entrance)
        return self._sources | found

    async def resolve_names(
        self, connection: asyncpg.Connection, reported: Sequence[tuple[OperatorIdentity, ReportedOperator]]
    ) -> NameResolution:
        """Resolve the names of a batch after registering the claims (name with credit code) in it.

        Claims first: the order of reports within a batch must not matter.
        """
        new_claims = {who: operator for who, operator in reported if who.uscc and who not in self._claims}
        by_name = {who.name_key: operator for who, operator in reported if who.uscc is None}
        new_names = {name: operator for name, operator in by_name.items() if name not in self._names}
        changed = await self._register(connection, new_claims, new_names) if new_claims or new_names else {}
        locked = await operators.lock_claims(connection, by_name) if by_name else {}
        return NameResolution.of(changed | locked, (name for name, claims in changed.items() if claims.claimed_by))

    @staticmethod
    async def resolve_name(connection: asyncpg.Connection, name: str) -> NameResolution:
        """Resolve one name, reported as changed."""
        return NameResolution.of(await operators.lock_claims(connection, [name]), [name])

    async def _register(
        self,
        connection: asyncpg.Connection,
        new_claims: Mapping[OperatorIdentity, ReportedOperator],
        new_names: Mapping[str, ReportedOperator],
    ) -> dict[str, NameClaims]:
        usccs = await operators.fetch_registered_usccs(connection, {who.uscc for who in new_claims if who.uscc})
        claims = await operators.fetch_claims(connection, {who.name_key for who in new_claims} | new_names.keys())
        registered = {who for who in new_claims if _is_registered(who, claims.get(who.name_key, NO_CLAIMS))}
        self._cache(claims, {who for who in registered if who.uscc in usccs})
        await operators.add_operators(
            connection,
            (
                Operator(who.uscc, operator.name, operator.address, operator.scope)
                for who, operator in new_claims.items()
                if who.uscc and who.uscc not in usccs
            ),
        )
        wanted = [
            NameClaim(who.name_key, operator.name, who.uscc) for who, operator in new_claims.items() if who not in registered
        ]
        wanted += [NameClaim(name, operator.name, None) for name, operator in new_names.items() if name not in claims]
        return await operators.add_claims(connection, wanted) if wanted else {}

    def _cache(self, names: Mapping[str, object], claims: set[OperatorIdentity]) -> None:
        if len(self._claims) + len(self._names) > MAX_CACHED:
            self._claims.clear()
            self._names.clear()
        self._names.update(names)
        self._claims.update(claims)


def _is_registered(who: OperatorIdentity, claims: NameClaims) -> bool:
    """Return whether the claim adds nothing to the stored claims of the name."""
    return who.uscc in claims.claimed_by or len(claims.claimed_by) >= operators.MAX_CLAIMANTS
