"""One pass over a journal: its hash chain, and its state at every size that was ever sealed."""

from __future__ import annotations

from collections.abc import Sequence
from dataclasses import dataclass, field

from shared.contracts.seals import JournalHead
from shared.seals.merkle import Frontier
from shared.stream.journal import GENESIS, StoredEntry, chain_fault


@dataclass(frozen=True, slots=True)
class SealedHead:
    """What a seal says of one journal. `where`: which copy of the seals says it, for the sentence about a difference."""

    number: int
    head: JournalHead
    where: str = "seal"


@dataclass(slots=True)
class JournalCheck:
    """Takes the entries of a journal in order, and says at the end what is wrong with them.

    Finds an entry that was edited, dropped, inserted, moved or cut off: those inside the chain by its hashes, and where
    the chain was computed anew, or its end is gone, by the seals.
    """

    sealed: Sequence[SealedHead] = ()
    faults: list[str] = field(default_factory=list)
    frontier: Frontier = field(default_factory=Frontier)
    last_hash: bytes = GENESIS
    _last_seq: int = 0
    _by_size: dict[int, list[SealedHead]] = field(default_factory=dict)

    def __post_init__(self) -> None:
        for each in self.sealed:
            self._by_size.setdefault(each.head.entries, []).append(each)
        self._compare()

    def add(self, entry: StoredEntry) -> None:
        """Take the next entry."""
        self.faults += chain_fault(self._last_seq, self.last_hash, entry)
        self._last_seq, self.last_hash = entry.seq, entry.hash
        self.frontier.append(entry.hash)
        self._compare()

    def finish(self) -> list[str]:
        """Return the sentences about everything that is wrong; an empty list if nothing is."""
        here = self.frontier.size
        if beyond := [size for size in self._by_size if size > here]:
            seal = self._by_size[max(beyond)][-1]
            self.faults.append(f"the last {max(beyond) - here} entries are gone: {seal.where} {seal.number} has {max(beyond)}")
        return self.faults

    def head(self, journal: str) -> JournalHead:
        """Return the state of the journal up to here."""
        root = self.frontier.root().hex()
        return JournalHead(journal=journal, entries=self.frontier.size, head=self.last_hash.hex(), root=root)

    def _compare(self) -> None:
        for each in self._by_size.get(self.frontier.size, ()):
            if (each.head.head, each.head.root) != (self.last_hash.hex(), self.frontier.root().hex()):
                self.faults.append(f"the first {self.frontier.size} entries are not those of {each.where} {each.number}")
