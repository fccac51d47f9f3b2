"""What the desk's lists are narrowed by: query parameters that stay in the address, also after a decision."""

from __future__ import annotations

from collections.abc import Mapping
from dataclasses import dataclass
from datetime import datetime, timedelta
from typing import Annotated
from urllib.parse import urlencode

from fastapi import Depends, Query

from services.publisher.domain.basic import OPERATOR_MONTH
from services.publisher.domain.drafting import State
from services.publisher.domain.major import MAJOR_COMPLAINT
from services.publisher.kinds import KINDS
from services.publisher.store.desk import VersionFilter
from services.publisher.web.decisions import MONTH
from services.publisher.web.list_address import NAMES
from shared.clock import now
from shared.contracts import Board
from shared.reference import regions
from shared.web.i18n import Text, _

CHECKS = frozenset({"fail", "warn", "pass"})
# Since how many days a version waits at least.
AGES = (1, 3, 5, 10, 20)
KIND_LABELS: Mapping[str, Text] = {
    OPERATOR_MONTH: _("基本投诉"), MAJOR_COMPLAINT: _("重大投诉"), **{name: kind.label for name, kind in KINDS.items()},
}  # fmt: skip


@dataclass(frozen=True, slots=True)
class ListFilter:
    """The conditions of a list as they stand in its address; what is none of them is dropped."""

    board: str = ""
    check: str = ""
    month: str = ""
    region: str = ""
    kind: str = ""
    age: str = ""
    q: str = ""

    def of_state(self, state: State) -> VersionFilter:
        """Return the conditions on open versions in a state."""
        return VersionFilter(
            state,
            Board(self.board) if self.board else None,
            self.check or None,
            self.q or None,
            self.month or None,
            self.region or None,
            self.kind or None,
            self._waiting_since(),
        )

    @property
    def is_set(self) -> bool:
        """Whether anything is narrowed."""
        return any(getattr(self, name) for name in NAMES)

    @property
    def query(self) -> str:
        """The conditions as a query string."""
        return urlencode({name: getattr(self, name) for name in NAMES if getattr(self, name)})

    def _waiting_since(self) -> datetime | None:
        return now() - timedelta(days=int(self.age)) if self.age else None


Parameter = Annotated[str, Query(max_length=100)]


def read_filter(
    board: Parameter = "", check: Parameter = "", month: Parameter = "", region: Parameter = "", kind: Parameter = "",
    age: Parameter = "", q: Parameter = "",
) -> ListFilter:  # fmt: skip
    """Return the conditions of an address."""
    return ListFilter(
        board if board in set(Board) else "",
        check if check in CHECKS else "",
        month if MONTH.fullmatch(month) else "",
        region if region in regions() else "",
        kind if kind in KIND_LABELS else "",
        age if age in {str(days) for days in AGES} else "",
        q.strip(),
    )


FilterDep = Annotated[ListFilter, Depends(read_filter)]
