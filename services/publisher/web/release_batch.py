"""What a batch is made of that the gatekeeper is about to release: by board and by month or kind."""

from __future__ import annotations

from collections import Counter
from collections.abc import Iterable
from dataclasses import dataclass

from services.publisher.domain.drafting import Purpose
from services.publisher.kinds import find_kind
from services.publisher.store.versions import Version
from shared.contracts import Board


@dataclass(frozen=True, slots=True)
class BatchPart:
    """A part of a batch: a board and there a month or a kind (empty for a withdrawal); how much is released and withdrawn."""

    board: Board
    name: str
    released: int
    withdrawn: int


def count_parts(selected: Iterable[Version]) -> list[BatchPart]:
    """Return the parts of a batch in the order of boards and names."""
    counts = Counter((row.board, _name(row), row.purpose) for row in selected)
    keys = sorted({(board, name) for board, name, _ in counts})
    return [BatchPart(*key, counts[*key, Purpose.PUBLISH], counts[*key, Purpose.WITHDRAW]) for key in keys]


def _name(row: Version) -> str:
    kind = find_kind(row.form.kind)
    return kind.name if kind else row.form.period or ""
