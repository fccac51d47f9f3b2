"""Paged Atom feeds (RFC 5005) per board, operator, region and industry; a withdrawn item stays as a tombstone (RFC 6721).

In the feed of its board it is also an entry that says so. The other feeds have a tombstone of every withdrawal: a withdrawn
item says no more whom and what it was about, so neither does a feed that has it.
"""

from __future__ import annotations

from collections import OrderedDict
from dataclasses import dataclass
from http import HTTPStatus
from typing import Any

from fastapi import APIRouter, HTTPException, Request, Response
from feedgen.ext.base import BaseExtension
from feedgen.feed import FeedGenerator
from lxml import etree  # type: ignore[import-untyped]

from services.publisher.domain.feed_identity import FeedIdentity
from services.publisher.domain.feed_subject import FeedSubject, find_subject
from services.publisher.store import feeds, operators
from services.publisher.store.public_items import StoredItem
from services.publisher.web.dependencies import get_presenter
from services.publisher.web.presenter import FormPresenter
from services.publisher.web.release_numbers import ReleaseNumber
from shared.contracts import Board, ItemState
from shared.stream import Database
from shared.text import replace_forbidden
from shared.web.i18n import Text, _
from shared.web.languages import HTML_LANG
from shared.web.pages import PagesDep
from shared.web.session import DatabaseDep
from shared.web.site import Site
from shared.web.templating import Pages
from shared.web.vocabulary import word

ENTRIES = 100
# The first page has the newest withdrawals of the board, whether their entries are on it or not.
RECENT_WITHDRAWALS = 100
# Some 350 full pages, or several thousand of operators: those that are asked for every few minutes.
CACHED_BYTES = 16 << 20
ATOM_TYPE = "application/atom+xml"
HUB_PATH = "/hub"
ATOM = "http://www.w3.org/2005/Atom"
TOMBSTONES = "http://purl.org/atompub/tombstones/1.0"
router = APIRouter(include_in_schema=False)


@dataclass(frozen=True, slots=True)
class FeedPage:
    """A page of a feed: its entries, what was withdrawn, the position it begins before, whether another follows.

    `last` is the release number of the last row of the page, withdrawn ones included; `title` is that of the feed.
    """

    subject: FeedSubject
    title: Text
    rows: list[StoredItem]
    withdrawn: list[StoredItem]
    before: int | None
    has_next: bool
    last: int = 0

    @property
    def path(self) -> str:
        """The path of the page."""
        return self.subject.path(self.before)


@dataclass(frozen=True, slots=True)
class Tombstone:
    """An id under which there is no entry any more, since when, and where its reader goes on."""

    ref: str
    when: str
    address: str
    comment: str


class FeedCache:
    """The pages of feeds as they were last rendered, with their entity tags; the least recently used are dropped."""

    def __init__(self, capacity: int = CACHED_BYTES) -> None:
        self._capacity, self._bytes = capacity, 0
        self._pages: OrderedDict[tuple[str, str], tuple[str, bytes]] = OrderedDict()

    def get(self, path: str, language: str, tag: str) -> bytes | None:
        """Return the body of a page, None where it is not cached under this tag."""
        known_tag, body = self._pages.get((path, language), ("", b""))
        if known_tag != tag:
            return None
        self._pages.move_to_end((path, language))
        return body

    def put(self, path: str, language: str, tag: str, body: bytes) -> None:
        """Cache the body of a page."""
        self._bytes += len(body) - len(self._pages.pop((path, language), ("", b""))[1])
        self._pages[path, language] = (tag, body)
        while self._bytes > self._capacity:
            self._bytes -= len(self._pages.popitem(last=False)[1][1])


class TombstoneExtension(BaseExtension):  # type: ignore[misc]
    """Adds an `at:deleted-entry` for every tombstone."""

    def __init__(self) -> None:
        self.tombstones: list[Tombstone] = []

    def extend_ns(self) -> dict[str, str]:
        """Return the namespace."""
        return {"at": TOMBSTONES}

    def extend_atom(self, feed: Any) -> Any:
        """Add the tombstones to the feed."""
        for tombstone in self.tombstones:
            element = etree.SubElement(feed, f"{{{TOMBSTONES}}}deleted-entry", ref=tombstone.ref, when=tombstone.when)
            etree.SubElement(element, f"{{{TOMBSTONES}}}comment").text = tombstone.comment
            etree.SubElement(element, f"{{{ATOM}}}link", rel="alternate", href=tombstone.address)
        return feed


@router.get("/feeds/{board}.atom")
async def feed(
    request: Request, board: Board, database: DatabaseDep, pages: PagesDep, before: ReleaseNumber = None
) -> Response:
    """Return a page of a board's feed as Atom, the newest items first; 304 while nothing was released since.

    `before` is a release number: the page has items released before it. The link `next` leads to the following page.
    """
    return await _answer(request, FeedSubject("board", board.value), database, pages, before)


@router.get("/feeds/{kind}/{code}.atom")
async def feed_of(
    request: Request, kind: str, code: str, database: DatabaseDep, pages: PagesDep, before: ReleaseNumber = None
) -> Response:
    """Return a page of the feed of an operator, a region or an industry, by its code."""
    subject = find_subject(kind, code)
    if subject is None or subject.kind == "board":
        raise HTTPException(HTTPStatus.NOT_FOUND)
    return await _answer(request, subject, database, pages, before)


async def _answer(request: Request, subject: FeedSubject, database: Database, pages: Pages, before: int | None) -> Response:
    presenter, identity = get_presenter(request), request.app.state.feed_identity
    cache: FeedCache = request.app.state.feed_cache
    path, language = subject.path(before), presenter.language
    async with database.snapshot() as connection:
        seq = await feeds.last_seq(connection, subject)
        tag = f'"{subject.name}-{seq}-{language}-{before or 0}"'
        headers = {"ETag": tag, "Cache-Control": "public, max-age=60", "Vary": "Accept-Language, Cookie"}
        if tag in request.headers.get("if-none-match", ""):
            return Response(status_code=HTTPStatus.NOT_MODIFIED, headers=headers)
        body = cache.get(path, language, tag)
        if body is None:
            page = await fetch_page(connection, subject, presenter, before)
            body = render_feed(page, identity, pages.site, presenter)
            cache.put(path, language, tag, body)
    return Response(body, media_type=f"{ATOM_TYPE}; charset=utf-8", headers=headers)


async def fetch_page(connection: Any, subject: FeedSubject, presenter: FormPresenter, before: int | None) -> FeedPage:
    """Return a page of a feed."""
    rows = await feeds.fetch_subject_items(connection, subject, before, ENTRIES + 1)
    shown = rows[:ENTRIES]
    withdrawn = {row.item.item_id: row for row in shown if row.item.state is ItemState.WITHDRAWN}
    last = shown[-1].release_seq if shown else 0
    if subject.kind == "board":
        recent = (
            await feeds.fetch_withdrawn_items(connection, Board(subject.code), RECENT_WITHDRAWALS) if before is None else []
        )
        withdrawn |= {row.item.item_id: row for row in recent if row.item.item_id not in withdrawn}
    else:
        shown = [row for row in shown if row.item.item_id not in withdrawn]
    title = await _title(connection, subject, presenter)
    return FeedPage(subject, title, shown, list(withdrawn.values()), before, len(rows) > ENTRIES, last)


async def _title(connection: Any, subject: FeedSubject, presenter: FormPresenter) -> Text:
    match subject.kind:
        case "board":
            return _("%(board)s · 消费投诉公示", board=word("board", subject.code))
        case "operators":
            found = await operators.fetch_operator(connection, subject.code)
            return _("%(name)s · 消费投诉公示", name=found.name if found else subject.code)
        case "regions":
            return _("%(name)s · 消费投诉公示", name=presenter.region(subject.code))
        case _:
            return _("%(name)s · 消费投诉公示", name=presenter.industry(subject.code))


def render_feed(page: FeedPage, identity: FeedIdentity, site: Site, presenter: FormPresenter) -> bytes:
    """Return a page of a feed as Atom."""
    atom: Any = FeedGenerator()
    atom.register_extension("at", TombstoneExtension, atom=True, rss=False)
    atom.id(identity.feed_id(page.subject.name))
    atom.title(presenter.translate(page.title))
    atom.author(name=site.bureau(presenter.language))
    atom.language(HTML_LANG[presenter.language])
    for rel, path in _links(page).items():
        media_type = {"alternate": "text/html", "hub": None}.get(rel, ATOM_TYPE)
        atom.link(href=site.permalink(path), rel=rel, **({"type": media_type} if media_type else {}))
    if page.rows:
        atom.updated(page.rows[0].item.released_at)
    for row in page.rows:
        _add_entry(atom.add_entry(order="append"), row, identity, site, presenter)
    atom.at.tombstones += _tombstones(page, identity, site, presenter)
    return bytes(atom.atom_str(pretty=True))


def _links(page: FeedPage) -> dict[str, str]:
    """Return the paths of the page's links by relation."""
    links = {"self": page.path, "alternate": page.subject.alternate, "first": page.subject.path(), "hub": HUB_PATH}
    if page.has_next:
        links["next"] = page.subject.path(page.last or page.rows[-1].release_seq)
    return links


def _tombstones(page: FeedPage, identity: FeedIdentity, site: Site, presenter: FormPresenter) -> list[Tombstone]:
    """Return the tombstones of a page: of what was withdrawn, and of addresses that were ids, which readers leave once."""
    found = []
    for row in page.withdrawn:
        item, address = row.item, site.permalink(f"/items/{row.item.item_id}")
        reason = replace_forbidden(f"{item.reason_code} {item.reason}")
        found.append(Tombstone(identity.entry_id(item.item_id), item.released_at.isoformat(), address, reason))
    moved_at = identity.addresses_until.isoformat() if identity.addresses_until else ""
    for row in {row.item.item_id: row for row in [*page.rows, *page.withdrawn]}.values():
        former = identity.former_id(row.item)
        if former:
            new_id = identity.entry_id(row.item.item_id)
            comment = presenter.translate(_("标识改为%(id)s，内容不变。", id=new_id))
            found.append(Tombstone(former, moved_at, site.permalink(f"/items/{row.item.item_id}"), comment))
    return found


def _add_entry(entry: Any, row: StoredItem, identity: FeedIdentity, site: Site, presenter: FormPresenter) -> None:
    item = row.item
    entry.id(identity.entry_id(item.item_id))
    entry.link(href=site.permalink(f"/items/{item.item_id}"), rel="alternate", type="text/html")
    entry.published(item.first_released_at)
    entry.updated(item.released_at)
    entry.category(term=item.state.value, label=presenter.translate(word("state", item.state)))
    if item.state is ItemState.WITHDRAWN:
        entry.title(presenter.translate(_("%(id)s已撤回", id=item.item_id)))
        entry.summary(replace_forbidden(f"{item.reason_code} {item.reason}"))
    else:
        entry.title(replace_forbidden(presenter.title(item, item.board)))
        entry.summary(replace_forbidden(presenter.summary_with_response(item)))
