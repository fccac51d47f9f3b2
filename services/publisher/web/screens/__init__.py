"""Display screens: their page, their event stream with the signed lease, their acknowledgements."""

from __future__ import annotations

from fastapi import APIRouter

from services.publisher.web.screens import acknowledgements, events, page
from services.publisher.web.screens.page import MAX_CARDS, NEWS_PERIOD, ROWS_PER_TABLE, TABLES_PER_PAGE, fetch_recent_items

router = APIRouter(include_in_schema=False)
for part in (page, events, acknowledgements):
    router.include_router(part.router)

__all__ = ["MAX_CARDS", "NEWS_PERIOD", "ROWS_PER_TABLE", "TABLES_PER_PAGE", "fetch_recent_items", "router"]
