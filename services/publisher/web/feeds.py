"""An Atom feed per board; a withdrawn item stays in it as a tombstone (RFC 6721) and as an entry in the state withdrawn."""

from __future__ import annotations

from collections.abc import Callable
from http import HTTPStatus
from typing import Any

from fastapi import APIRouter, Request, Response
from feedgen.ext.base import BaseExtension
from feedgen.feed import FeedGenerator
from lxml import etree  # type: ignore[import-untyped]

from services.publisher.store import listing, public
from services.publisher.store.public import StoredItem
from services.publisher.web.dependencies import PagesDep, get_presenter
from services.publisher.web.presenter import FormPresenter
from shared.contracts import Board, ItemState
from shared.web.i18n import _
from shared.web.languages import HTML_LANG
from shared.web.session import StoreDep
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
async def feed(request: Request, board: Board, store: StoreDep, pages: PagesDep) -> Response:
    """Return the newest items of a board as Atom; 304 while nothing was released since."""
    presenter = get_presenter(request)
    async with store.snapshot() as connection:
        seq = await public.last_board_seq(connection, board)
        tag = f'"{board}-{seq}-{presenter.language}"'
        headers = {"ETag": tag, "Cache-Control": "public, max-age=60", "Vary": "Accept-Language, Cookie"}
        if tag in request.headers.get("if-none-match", ""):
            return Response(status_code=HTTPStatus.NOT_MODIFIED, headers=headers)
        cache: dict[tuple[Board, str], tuple[str, bytes]] = request.app.state.feed_cache
        known_tag, body = cache.get((board, presenter.language), ("", b""))
        if known_tag != tag:
            rows = await listing.fetch_feed_items(connection, board, ENTRIES)
            body = render_feed(board, rows, pages, presenter)
            cache[board, presenter.language] = (tag, body)
    return Response(body, media_type="application/atom+xml; charset=utf-8", headers=headers)


def render_feed(board: Board, rows: list[StoredItem], pages: Pages, presenter: FormPresenter) -> bytes:
    """Return the feed of a board as Atom."""
    site, say = pages.site, presenter.translate
    link: Callable[[str], str] = site.permalink
    atom: Any = FeedGenerator()
    atom.register_extension("at", Tombstones, atom=True, rss=False)
    atom.id(link(f"/feeds/{board}.atom"))
    atom.title(say(_("%(board)s · 消费投诉公示", board=word("board", board))))
    atom.author(name=site.bureau(presenter.language))
    atom.language(HTML_LANG[presenter.language])
    atom.link(href=link(f"/feeds/{board}.atom"), rel="self", type="application/atom+xml")
    atom.link(href=link(f"/boards/{board}"), rel="alternate", type="text/html")
    if rows:
        atom.updated(rows[0].item.released_at)
    for row in rows:
        _add_entry(atom.add_entry(order="append"), row, link(f"/items/{row.item.item_id}"), presenter)
        if row.item.state is ItemState.WITHDRAWN:
            atom.at.withdrawn.append((link(f"/items/{row.item.item_id}"), row.item.released_at.isoformat()))
    return bytes(atom.atom_str(pretty=True))


def _add_entry(entry: Any, row: StoredItem, address: str, presenter: FormPresenter) -> None:
    item = row.item
    withdrawn = item.state is ItemState.WITHDRAWN
    entry.id(address)
    entry.link(href=address, rel="alternate", type="text/html")
    entry.published(item.first_released_at)
    entry.updated(item.released_at)
    entry.category(term=item.state.value, label=presenter.translate(word("state", item.state)))
    if withdrawn:
        entry.title(presenter.translate(_("%(id)s已撤回", id=item.item_id)))
        entry.summary(f"{item.reason_code} {item.reason}")
    else:
        entry.title(presenter.title(item, item.board))
        entry.summary(presenter.summary(item, item.board))
