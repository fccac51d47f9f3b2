"""Permalinks: an item's page in both languages and its JSON, also of withdrawn items and of items that never were released."""

from __future__ import annotations

import re
from functools import partial
from http import HTTPStatus
from typing import Any

import lxml.html  # type: ignore[import-untyped]

from services.publisher.projection import public_history
from services.publisher.store import gate, release_record, rulings, verification
from services.publisher.store.gate import ReleaseEntry
from services.publisher.store.public_items import StoredItem
from services.publisher.verification.client import Answer
from services.publisher.verification.comparison import Comparison, differing_fields
from services.publisher.verification.recheck import Probe
from shared.contracts import Board, ItemState, PublicItem
from shared.web.languages import LANGUAGES

# The abbreviated digest of each version as a page prints it, the newest first.
DIGEST = re.compile(r"\b([0-9a-f]{4})…([0-9a-f]{4})\b")
SPACE = re.compile(r"[\s\u200b\u2060]+")
# Fields of an item's JSON beside its public form.
ENVELOPE_FIELDS = frozenset({"versions", "as_of", "lag", "coverage", "release_seq"})
# And of the problem document that a withdrawn one is.
PROBLEM_FIELDS = frozenset({"status", "code", "detail"})


async def probes(comparison: Comparison, sample: int | None) -> tuple[list[Probe], list[Probe], int]:
    """Return probes of the released items, probes of the unreleased ones, and how many were released.

    With `sample`: so many of all released items and as many that changed last, and so many unreleased ones.
    """
    async with comparison.database.snapshot() as connection:
        released = await release_record.sample_item_ids(connection, sample)
        unreleased = await release_record.fetch_unreleased_ids(connection, sample)
        counts = await verification.count_record(connection)
    released_probes: list[Probe] = [partial(_probe, comparison, item_id) for item_id in released]
    return released_probes, [partial(_probe, comparison, item_id) for item_id in unreleased], counts.items


async def _probe(comparison: Comparison, item_id: str) -> list[str]:
    async with comparison.database.snapshot() as connection:
        history = await gate.fetch_history(connection, item_id)
        under_review = await rulings.fetch_pending_application(connection, item_id) is not None
    path = f"/items/{item_id}"
    found = _compare_json(comparison, await comparison.client.json(f"/api{path}"), history, under_review=under_review)
    for language in LANGUAGES:
        found += [f"{what} ({language})" for what in _compare_page(await comparison.client.page(path, language), history)]
    return [f"{item_id}: {what}" for what in found]


def _compare_json(comparison: Comparison, answer: Answer, history: list[ReleaseEntry], *, under_review: bool) -> list[str]:
    status = _expected_status(history)
    if answer.status != status:
        return [_wrong_status(answer, status)]
    if not history:
        return []
    body, newest = answer.json(), history[0]
    released = comparison.current_json(StoredItem(newest.release_seq, newest.item, under_review))
    other_fields = ENVELOPE_FIELDS
    if newest.item.state is ItemState.WITHDRAWN:
        other_fields |= PROBLEM_FIELDS
        body |= {"title": released["title"]}
    fields = differing_fields({name: value for name, value in body.items() if name not in other_fields}, released)
    found = [f"{answer.path} differs from release {newest.release_seq} in {fields}"] if fields else []
    if [_served_version(version) for version in body.get("versions", ())] != _recorded_versions(history):
        found.append(f"{answer.path} tells other versions than were released")
    if newest.item.state is ItemState.WITHDRAWN:
        found += _withdrawn_content(answer, [entry.item for entry in history])
    return found


def _expected_status(history: list[ReleaseEntry]) -> HTTPStatus:
    if not history:
        return HTTPStatus.NOT_FOUND
    return HTTPStatus.GONE if history[0].item.state is ItemState.WITHDRAWN else HTTPStatus.OK


def _served_version(version: dict[str, Any]) -> tuple[object, ...]:
    names = ("version", "state", "release_seq", "digest", "reason_code", "reason", "changes")
    return tuple(version.get(name) for name in names)


def _recorded_versions(history: list[ReleaseEntry]) -> list[tuple[object, ...]]:
    versions = public_history([entry.item for entry in history])
    return [
        (
            item.version,
            item.state.value,
            entry.release_seq,
            entry.digest.hex(),
            item.reason_code,
            item.reason,
            [list(change) for change in item.changes],
        )
        for item, entry in zip(versions, history, strict=True)
    ]


def _compare_page(answer: Answer, history: list[ReleaseEntry]) -> list[str]:
    if not history:
        return [] if answer.status == HTTPStatus.NOT_FOUND else [_wrong_status(answer, HTTPStatus.NOT_FOUND)]
    newest = history[0].item
    if answer.status != _expected_status(history):
        return [_wrong_status(answer, _expected_status(history))]
    if newest.state is ItemState.WITHDRAWN:
        return _compare_withdrawn_page(answer, [entry.item for entry in history])
    digests = [entry.digest.hex() for entry in history]
    if DIGEST.findall(answer.text) != [(digest[:4], digest[-4:]) for digest in digests]:
        return [f"{answer.path} shows other versions than v{newest.version} and those before it"]
    text = page_text(answer.text)
    missing = [name for name, words in quoted_texts(newest).items() if plain_words(words) not in text]
    return [f"{answer.path} lacks the {', '.join(missing)} of v{newest.version}"] if missing else []


def _compare_withdrawn_page(answer: Answer, versions: list[PublicItem]) -> list[str]:
    has_reason = plain_reason(versions[0]) in page_text(answer.text)
    found = [] if has_reason else [f"{answer.path} does not tell why it was withdrawn"]
    return found + _withdrawn_content(answer, versions)


def _withdrawn_content(answer: Answer, versions: list[PublicItem]) -> list[str]:
    texts = withdrawn_texts_in(page_text(answer.text), versions)
    return [f"{answer.path} still tells the {name}" for name in texts]


def withdrawn_texts_in(text: str, versions: list[PublicItem]) -> list[str]:
    """Return the names of a withdrawn item's texts that a plain text still contains, apart from the released reason."""
    rest = text.replace(plain_reason(versions[0]), "")
    return sorted({name for item in versions[1:] for name, words in quoted_texts(item).items() if plain_words(words) in rest})


def plain_reason(item: PublicItem) -> str:
    """Return the coded reason as plain text, without the full stop that a line of its own omits."""
    return plain_words(f"{item.reason_code} {item.reason}").rstrip("。")


def quoted_texts(item: PublicItem) -> dict[str, str]:
    """Return the texts of an item that its page quotes verbatim, by name; the title of a month is composed in each language."""
    operator = item.operator
    names = {"operator": operator.name if operator else None, "code": operator.uscc if operator else None}
    if item.board is not Board.BASIC or item.period is None:
        names |= {"title": item.title, **{part: (item.content or {}).get(part) for part in ("issue", "result")}}
    return {name: words for name, words in names.items() if words}


def quoted_heading(item: PublicItem) -> str:
    """Return what every short form of an item quotes verbatim: of a month its operator, of others the title."""
    return quoted_texts(item).get("operator" if item.board is Board.BASIC and item.period else "title", "")


def page_text(html: str) -> str:
    """Return the text of a page without white space, as a browser reads it: angle brackets of a text are no tags."""
    return plain_words(lxml.html.document_fromstring(html).text_content()) if html.strip() else ""


def plain_words(words: str) -> str:
    """Return a text without white space."""
    return SPACE.sub("", words)


def _wrong_status(answer: Answer, status: HTTPStatus) -> str:
    return f"{answer.path} answers {answer.status}, not {status.value}"
