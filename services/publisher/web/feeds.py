"""An Atom feed per board; a withdrawn item stays in it as a tombstone (RFC 6721) and as an entry that says so."""

from __future__ import annotations

from collections.abc import Callable
from http import HTTPStatus
from typing import Any

from fastapi import APIRouter, Request, Response
from feedgen.ext.base import BaseExtension
from feedgen.feed import FeedGenerator
from lxml import etree  # type: ignore[import-untyped]

from services.publisher.store import listing, public
from services.publisher.store.public import Public
from services.publisher.web.fields import Showing
from services.publisher.web.frame import PagesOf, showing_of
from shared.contracts import Board, ItemState
from shared.web.i18n import _
from shared.web.languages import HTML_LANG
from shared.web.session import StoreOf
from shared.web.templating import Pages
from shared.web.vocabulary import word

ENTRIES = 100
TOMBSTONES = "http://purl.org/atompub/tombstones/1.0"
router = APIRouter(include_in_schema=False)


class Tombstones(BaseExtension):  # type: ignore[misc]
    """Adds `at:deleted-entry` for every withdrawn item."""

    def __init__(self) -> None:
        self.withdrawn: list[tuple[str, str]] = []

    def extend_ns(self) -> dict[str, str]:
        """Return the namespace."""
        return {"at": TOMBSTONES}

    def extend_atom(self, feed: Any) -> Any:
        """Add the tombstones to the feed."""
        for address, when in self.withdrawn:
            etree.SubElement(feed, f"{{{TOMBSTONES}}}deleted-entry", ref=address, when=when)
        return feed


@router.get("/feeds/{board}.atom")
async def feed(request: Request, board: Board, store: StoreOf, pages: PagesOf) -> Response:
    """Return the newest items of a board as Atom; 304 while nothing was released since."""
    show = showing_of(request)
    async with store.reading() as connection:
        seq = await public.newest_seq(connection, board)
        tag = f'"{board}-{seq}-{show.language}"'
        headers = {"ETag": tag, "Cache-Control": "public, max-age=60", "Vary": "Accept-Language, Cookie"}
        if tag in request.headers.get("if-none-match", ""):
            return Response(status_code=HTTPStatus.NOT_MODIFIED, headers=headers)
        kept: dict[tuple[Board, str], tuple[str, bytes]] = request.app.state.feeds
        known_tag, body = kept.get((board, show.language), ("", b""))
        if known_tag != tag:
            rows = await listing.of_feed(connection, board, ENTRIES)
            body = written(board, rows, pages, show)
            kept[board, show.language] = (tag, body)
    return Response(body, media_type="application/atom+xml; charset=utf-8", headers=headers)


def written(board: Board, rows: list[Public], pages: Pages, show: Showing) -> bytes:
    """Return the feed of a board as Atom."""
    site, say = pages.site, show.say
    link: Callable[[str], str] = site.permalink
    atom: Any = FeedGenerator()
    atom.register_extension("at", Tombstones, atom=True, rss=False)
    atom.id(link(f"/feeds/{board}.atom"))
    atom.title(say(_("%(board)s · 消费投诉公示", board=word("board", board))))
    atom.author(name=site.bureau(show.language))
    atom.language(HTML_LANG[show.language])
    atom.link(href=link(f"/feeds/{board}.atom"), rel="self", type="application/atom+xml")
    atom.link(href=link(f"/boards/{board}"), rel="alternate", type="text/html")
    if rows:
        atom.updated(rows[0].item.released_at)
    for found in rows:
        _entry(atom.add_entry(order="append"), found, link(f"/items/{found.item.item_id}"), show)
        if found.item.state is ItemState.WITHDRAWN:
            atom.at.withdrawn.append((link(f"/items/{found.item.item_id}"), found.item.released_at.isoformat()))
    return bytes(atom.atom_str(pretty=True))


def _entry(entry: Any, found: Public, address: str, show: Showing) -> None:
    item = found.item
    withdrawn = item.state is ItemState.WITHDRAWN
    entry.id(address)
    entry.link(href=address, rel="alternate", type="text/html")
    entry.published(item.first_released_at)
    entry.updated(item.released_at)
    entry.category(term=item.state.value, label=show.say(word("state", item.state)))
    if withdrawn:
        entry.title(show.say(_("%(id)s已撤回", id=item.item_id)))
        entry.summary(f"{item.reason_code} {item.reason}")
    else:
        entry.title(show.title(item, item.board))
        entry.summary(show.summary(item, item.board))
