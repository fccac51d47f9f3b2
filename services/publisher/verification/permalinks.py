"""Permanent addresses: an item's page in both languages and its JSON; what is withdrawn, and what never was released."""

from __future__ import annotations

import re
from functools import partial
from html import unescape
from http import HTTPStatus
from typing import Any

from services.publisher.store import gate, record, rulings, verification
from services.publisher.store.gate import Recorded
from services.publisher.store.public import Public
from services.publisher.verification.looking import Look
from services.publisher.verification.reader import Answer
from services.publisher.verification.sides import Sides, differing
from shared.contracts import Board, ItemState, PublicItem
from shared.web.languages import LANGUAGES

# What stands on a page of the digest of each version, the newest first.
DIGEST = re.compile(r"\b([0-9a-f]{4})…([0-9a-f]{4})\b")
TAG = re.compile(r"<[^>]*>")
SPACE = re.compile(r"[\s\u200b\u2060]+")
# Beside the item itself its JSON says these, which no release holds.
AROUND = frozenset({"versions", "as_of", "lag", "coverage", "release_seq"})


async def looks(sides: Sides, sample: int | None) -> tuple[list[Look], list[Look], int]:
    """Return a look at each item that was released, at each that was not, and how many were released.

    With `sample`: at so many of all released ones and as many that changed last, and at so many unreleased ones.
    """
    async with sides.store.reading() as connection:
        released = await record.item_ids(connection, sample)
        unreleased = await record.unreleased_ids(connection, sample)
        held = await verification.held(connection)
    return [partial(_look, sides, i) for i in released], [partial(_look, sides, i) for i in unreleased], held.items


async def _look(sides: Sides, item_id: str) -> list[str]:
    async with sides.store.reading() as connection:
        history = await gate.history(connection, item_id)
        waits = await rulings.waiting(connection, item_id) is not None
    path = f"/items/{item_id}"
    told = _of_interface(sides, await sides.reader.json(f"/api{path}"), history, under_review=waits)
    for language in LANGUAGES:
        told += [f"{what} ({language})" for what in _of_page(await sides.reader.page(path, language), history)]
    return [f"{item_id}: {what}" for what in told]


def _of_interface(sides: Sides, answer: Answer, history: list[Recorded], *, under_review: bool) -> list[str]:
    status = HTTPStatus.OK if history else HTTPStatus.NOT_FOUND
    if answer.status != status:
        return [_otherwise(answer, status)]
    if not history:
        return []
    body, newest = answer.json(), history[0]
    released = sides.shown(Public(newest.release_seq, newest.item, under_review))
    fields = differing({name: value for name, value in body.items() if name not in AROUND}, released)
    found = [f"{answer.path} differs from release {newest.release_seq} in {fields}"] if fields else []
    if [_outline(told) for told in body.get("versions", ())] != [_recorded(entry) for entry in history]:
        found.append(f"{answer.path} tells other versions than were released")
    return found


def _outline(told: dict[str, Any]) -> tuple[object, ...]:
    return tuple(told.get(name) for name in ("version", "state", "release_seq", "digest", "reason_code", "reason"))


def _recorded(entry: Recorded) -> tuple[object, ...]:
    item = entry.item
    return item.version, item.state.value, entry.release_seq, entry.digest.hex(), item.reason_code, item.reason


def _of_page(answer: Answer, history: list[Recorded]) -> list[str]:
    if not history:
        return [] if answer.status == HTTPStatus.NOT_FOUND else [_otherwise(answer, HTTPStatus.NOT_FOUND)]
    newest = history[0].item
    if newest.state is ItemState.WITHDRAWN:
        return _of_withdrawn(answer, [entry.item for entry in history])
    if answer.status != HTTPStatus.OK:
        return [_otherwise(answer, HTTPStatus.OK)]
    digests = [entry.digest.hex() for entry in history]
    if DIGEST.findall(answer.text) != [(digest[:4], digest[-4:]) for digest in digests]:
        return [f"{answer.path} shows other versions than v{newest.version} and those before it"]
    text = plain(answer.text)
    missing = [name for name, words in named(newest).items() if plain(words) not in text]
    return [f"{answer.path} lacks the {', '.join(missing)} of v{newest.version}"] if missing else []


def _of_withdrawn(answer: Answer, versions: list[PublicItem]) -> list[str]:
    if answer.status != HTTPStatus.GONE:
        return [_otherwise(answer, HTTPStatus.GONE)]
    text = plain(answer.text)
    found = [] if reason(versions[0]) in text else [f"{answer.path} does not tell why it was withdrawn"]
    return found + [f"{answer.path} still tells the {name}" for name in withdrawn_words(text, versions)]


def withdrawn_words(text: str, versions: list[PublicItem]) -> list[str]:
    """Return which names of a withdrawn item's versions a plain text still holds, beside the reason that was released."""
    beside = text.replace(reason(versions[0]), "")
    return sorted({name for item in versions[1:] for name, words in named(item).items() if plain(words) in beside})


def reason(item: PublicItem) -> str:
    """Return the coded reason as plain text holds it; where it stands in a line of its own it has no full stop."""
    return plain(f"{item.reason_code} {item.reason}").rstrip("。")


def named(item: PublicItem) -> dict[str, str]:
    """Return what a page must have of an item word for word; the title of a month is composed in each language."""
    names = {"operator": item.operator.name if item.operator else None}
    if item.board is not Board.BASIC:
        names |= {"title": item.title, **{part: (item.content or {}).get(part) for part in ("issue", "result")}}
    return {name: words for name, words in names.items() if words}


def heading(item: PublicItem) -> str:
    """Return what every short form of an item has word for word: of a month its operator, of others the title."""
    names = named(item)
    return names.get("operator" if item.board is Board.BASIC else "title", "")


def plain(html: str) -> str:
    """Return the text of a page without tags and without any space."""
    return SPACE.sub("", unescape(TAG.sub("", html)))


def _otherwise(answer: Answer, status: HTTPStatus) -> str:
    return f"{answer.path} answers {answer.status}, not {status.value}"
