"""`/ops/audit`: what the journals of all services hold, searched, filtered and exported, for auditors."""

from __future__ import annotations

import csv
import io
from datetime import date, datetime, time, timedelta
from typing import Annotated
from urllib.parse import urlencode
from zoneinfo import ZoneInfo

from fastapi import APIRouter, Depends, Query, Request, Response

from shared.accounts import Person, Role
from shared.accounts.audit import AuditEntry, EntryFilter, EntryPosition, find_entries
from shared.database.connections import acquire
from shared.spreadsheet import to_cell
from shared.stream import JournalEntry
from shared.stream.journal import JOURNALS
from shared.web.i18n import _
from shared.web.operations.actions import ACTIONS, SERVICE_NAMES
from shared.web.operations.frame import frame_context
from shared.web.pages import get_pages
from shared.web.parameters import PlainText
from shared.web.session import DatabaseDep, require_role, session_token

PATH = "/ops/audit"
PER_PAGE = 100
MAX_EXPORTED = 50_000
COLUMNS = ("time", "service", "number", "actor", "action", "subject", "detail")

router = APIRouter(include_in_schema=False)
Auditor = Annotated[Person, Depends(require_role(Role.AUDITOR))]
Word = Annotated[PlainText, Query(max_length=200)]


def parse_day(text: str) -> date | None:
    """Return the day of `YYYY-MM-DD`, or None."""
    try:
        return date.fromisoformat(text.strip())
    except ValueError:
        return None


def parse_position(text: str) -> EntryPosition | None:
    """Return the position of `time~service~number` in the address of a page, or None."""
    moment, _sep, rest = text.partition("~")
    service, _sep, number = rest.partition("~")
    try:
        at = datetime.fromisoformat(moment)
    except ValueError:
        return None
    is_position = at.tzinfo is not None and service in JOURNALS and number.isdecimal() and len(number) < len(str(2**63))
    return (at, service, int(number)) if is_position else None


def read_filter(
    request: Request,
    service: Word = "",
    actor: Word = "",
    action: Word = "",
    subject: Word = "",
    since: Word = "",
    until: Word = "",
) -> EntryFilter:
    """Return the conditions of an address; days are those of the bureau, `until` included."""
    zone = get_pages(request).site.zone
    first, last = parse_day(since), parse_day(until)
    return EntryFilter(
        service, actor.strip(), action, subject.strip(), _midnight(first, zone),
        _midnight(last + timedelta(days=1), zone) if last and last < date.max else None,
    )  # fmt: skip


def _midnight(day: date | None, zone: ZoneInfo) -> datetime | None:
    return datetime.combine(day, time(), zone) if day else None


Filter = Annotated[EntryFilter, Depends(read_filter)]


@router.get(PATH)
async def show_entries(
    request: Request, database: DatabaseDep, person: Auditor, criteria: Filter, before: Word = ""
) -> Response:
    """Show the newest entries that meet the conditions."""
    async with acquire(database.pool) as connection:
        found = await find_entries(
            connection, session_token(request), criteria, before=parse_position(before), limit=PER_PAGE + 1
        )
    shown = found[:PER_PAGE]
    typed = {name: request.query_params.get(name, "") for name in ("service", "actor", "action", "subject", "since", "until")}
    query = urlencode({name: value for name, value in typed.items() if value})
    older = urlencode({**typed, "before": _position(shown[-1])}) if len(found) > PER_PAGE else ""
    return get_pages(request).render(
        request, "operations/audit.html", entries=shown, actions=ACTIONS, names=SERVICE_NAMES, typed=typed, older=older,
        export=f"{PATH}.csv?{query}", most=MAX_EXPORTED,
        services=[("", _("全部")), *((name, SERVICE_NAMES[name]) for name in JOURNALS)],
        choices=[("", _("全部")), *ACTIONS.items()], **frame_context(person, PATH),
    )  # fmt: skip


def _position(entry: AuditEntry) -> str:
    return f"{entry.at.isoformat()}~{entry.service}~{entry.seq}"


@router.get(f"{PATH}.csv")
async def export_entries(request: Request, database: DatabaseDep, person: Auditor, criteria: Filter) -> Response:
    """Return the entries that meet the conditions as CSV, UTF-8 with a mark; the export is an entry itself."""
    async with database.unit_of_work() as uow:
        found = await find_entries(uow.connection, session_token(request), criteria, limit=MAX_EXPORTED)
        uow.journal(JournalEntry(person.name, "journal_exported", "journal", detail={"entries": len(found)}))
    headers = {"Content-Disposition": 'attachment; filename="gongshi-audit.csv"', "Cache-Control": "no-store"}
    return Response(write_csv(found, get_pages(request).site.zone), media_type="text/csv; charset=utf-8", headers=headers)


def write_csv(entries: list[AuditEntry], zone: ZoneInfo) -> bytes:
    """Return entries as CSV, times in the zone; nothing of it is a formula to a spreadsheet."""
    text = io.StringIO()
    writer = csv.writer(text, lineterminator="\r\n")
    writer.writerow(COLUMNS)
    for each in entries:
        at = each.at.astimezone(zone).isoformat(timespec="seconds")
        cells = (at, each.service, str(each.seq), each.actor, each.action, each.subject, each.detail)
        writer.writerow(map(to_cell, cells))
    return text.getvalue().encode("utf-8-sig")
