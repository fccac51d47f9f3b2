"""The desk of a drafting office: who is at it, and the kinds that the rules let the office draft."""

from __future__ import annotations

from collections.abc import Mapping
from dataclasses import dataclass
from http import HTTPStatus
from typing import Annotated, Any

from fastapi import Depends, HTTPException

from services.publisher.kinds import KINDS, Kind
from services.publisher.web.dependencies import BureauDep
from services.publisher.web.desk import layout_context
from shared.accounts import Person, Role, find_office
from shared.clock import now
from shared.rules import Rules
from shared.web.session import DatabaseDep, require_role


@dataclass(frozen=True, slots=True)
class OfficeDesk:
    """A person of a drafting office, the office, and the kinds that the rules let it draft."""

    person: Person
    office: str
    kinds: Mapping[str, Kind]

    def kind(self, name: str | None) -> Kind:
        """Return a kind of the office; 404 for any other."""
        kind = self.kinds.get(name or "")
        if kind is None:
            raise HTTPException(HTTPStatus.NOT_FOUND)
        return kind


def kinds_of(office: str, rules: Rules) -> dict[str, Kind]:
    """Return the kinds that the rules let an office draft."""
    own = {name: kind for name, kind in KINDS.items() if rules.boards[kind.board].drafted_by == office}
    return {name: kind for name, kind in own.items() if not kind.is_drafted_by_program}


async def get_office_desk(
    person: Annotated[Person, Depends(require_role(Role.DRAFTER))], database: DatabaseDep, bureau: BureauDep
) -> OfficeDesk:
    """Return the desk of the person's office."""
    async with database.snapshot() as connection:
        office = await find_office(connection, person.name) or ""
    return OfficeDesk(person, office, kinds_of(office, bureau.rules(now())))


OfficeDep = Annotated[OfficeDesk, Depends(get_office_desk)]


def office_layout(office: OfficeDesk, current: str, done: str | None) -> dict[str, Any]:
    """Return what the layout of an office's pages needs."""
    return layout_context(office.person, {}, current, done)
