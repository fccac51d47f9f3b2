"""Editing of a draft at the desk: the case summary of a major item."""

from __future__ import annotations

from collections.abc import Sequence
from dataclasses import dataclass

from services.publisher.domain.case_summary import (
    CaseSummary,
    concealed_summary,
    doubt_names,
    normalize_summary,
    recheck,
    with_summary,
)
from services.publisher.domain.drafting import Purpose, State
from services.publisher.domain.form import Form
from services.publisher.releasing import ContentChanged, SeenVersion, lock_as_seen
from services.publisher.store import case_summaries, item_versions, versions
from services.publisher.store.versions import Version
from shared.contracts import Board
from shared.errors import PermanentError
from shared.personal_data.second_stage.search import NameSearch
from shared.personal_data.spans import merge_spans
from shared.stream import Database, JournalEntry, UnitOfWork

EDITABLE = (State.DRAFT, State.RETURNED)


class NotEditable(PermanentError):
    """Only a draft or returned version of a major item has a case summary to edit."""


def is_editable(version: Version) -> bool:
    """Return whether the version's case summary can be edited."""
    return version.board is Board.MAJOR and version.purpose is Purpose.PUBLISH and version.state in EDITABLE


@dataclass(frozen=True, slots=True)
class SearchedSummary:
    """A summary as it is stored, and what the model takes for names and addresses in it."""

    text: str
    possible_names: Sequence[str]


async def search_summary(database: Database, seen: SeenVersion, text: str, search: NameSearch) -> SearchedSummary:
    """Search what was typed, before the transaction that stores it: the model may take a minute to start.

    The operator of the version that was seen is nobody's secret. Raises `BadSummary`, and what `NameSearch.find_spans` does.
    """
    line = normalize_summary(text)
    async with database.snapshot() as connection:
        form = await versions.fetch_form(connection, seen.item_id, seen.digest)
    operator = form.operator if form else None
    (spans,) = await search.find_spans([line], (operator.name, operator.address) if operator else ())
    return SearchedSummary(line, list(dict.fromkeys(line[start:end] for start, end, _ in merge_spans(spans))))


async def edit_summary(uow: UnitOfWork, person: str, seen: SeenVersion, searched: SearchedSummary) -> None:
    """Give a draft another case summary. It is the person's draft from then on, so that another one has to approve it.

    A returned version becomes a draft again. Later revisions of the complaint keep the summary.
    Raises `ContentChanged` and `NotEditable`.
    """
    summary = CaseSummary(searched.text, person)
    await item_versions.lock_drafting(uow.connection)
    (version,) = await lock_as_seen(uow, [seen], *EDITABLE)
    if not is_editable(version):
        raise NotEditable
    form = await _revise(uow, version, with_summary(version.form, summary.text))
    checks = doubt_names(recheck(version.checks, form), searched.possible_names)
    await versions.rewrite_version(uow.connection, version.item_id, version.version, form, checks, by=person, at=uow.now)
    await case_summaries.store_summary(uow.connection, version.item_id, summary, uow.now)
    detail = {"version": version.version, "rules": version.rules_version}
    uow.journal(JournalEntry(person, "summary_edited", version.item_id, None, form.model_dump(mode="json"), detail))


async def _revise(uow: UnitOfWork, version: Version, form: Form) -> Form:
    """Return the form with what it changes of the public version, of which a written summary is not quoted."""
    item = await item_versions.lock_item(uow.connection, version.item_id)
    if item is None:
        raise ContentChanged
    if item.public is None or item.public.purpose is Purpose.WITHDRAW:
        return form
    public = item.public.form
    code, reason = version.form.reason_code or "", version.form.reason or ""
    return form.as_revision_of(public, code, reason, concealed_summary(public))
