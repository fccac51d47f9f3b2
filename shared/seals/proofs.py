"""Proofs over a journal's Merkle tree, for somebody who has a seal and not the journal."""

from __future__ import annotations

from dataclasses import dataclass

import asyncpg

from shared.errors import PermanentError
from shared.seals.merkle import consistency_path, inclusion_path, leaf_hash, tree_root


class NoSuchEntry(PermanentError):
    """The journal does not have that many entries."""


@dataclass(frozen=True, slots=True)
class InclusionProof:
    """That an entry is in the tree of a size. Hashes are in hexadecimal; `leaf` is the leaf hash of `hash` (RFC 6962)."""

    journal: str
    entry: int
    size: int
    hash: str
    leaf: str
    path: list[str]
    root: str


@dataclass(frozen=True, slots=True)
class ConsistencyProof:
    """That the tree of a size is the beginning of a larger one."""

    journal: str
    old_size: int
    size: int
    path: list[str]
    old_root: str
    root: str


HASHES = "SELECT hash FROM journal WHERE seq <= $1 ORDER BY seq"
COUNT = "SELECT count(*) FROM journal"


async def prove_entry(connection: asyncpg.Connection, journal: str, entry: int, size: int | None = None) -> InclusionProof:
    """Return the proof that an entry, counted from 1, is among the first `size`, all if not given. Raises `NoSuchEntry`.

    `journal` names the schema, which is the first one in the connection's search path.
    """
    hashes = await _fetch_hashes(connection, size)
    if not 1 <= entry <= len(hashes):
        raise NoSuchEntry
    leaves = [leaf_hash(each) for each in hashes]
    path = [node.hex() for node in inclusion_path(leaves, entry - 1)]
    own = hashes[entry - 1].hex(), leaves[entry - 1].hex()
    return InclusionProof(journal, entry, len(leaves), *own, path, tree_root(leaves).hex())


async def prove_growth(
    connection: asyncpg.Connection, journal: str, old_size: int, size: int | None = None
) -> ConsistencyProof:
    """Return the proof that the first `old_size` entries are the beginning of the first `size`. Raises `NoSuchEntry`."""
    leaves = [leaf_hash(each) for each in await _fetch_hashes(connection, size)]
    if not 0 <= old_size <= len(leaves):
        raise NoSuchEntry
    path = [node.hex() for node in consistency_path(leaves, old_size)]
    roots = tree_root(leaves[:old_size]).hex(), tree_root(leaves).hex()
    return ConsistencyProof(journal, old_size, len(leaves), path, *roots)


async def _fetch_hashes(connection: asyncpg.Connection, size: int | None) -> list[bytes]:
    known = await connection.fetchval(COUNT)
    if size is not None and not 0 <= size <= known:
        raise NoSuchEntry
    return [row["hash"] for row in await connection.fetch(HASHES, known if size is None else size)]
