"""The pages and interfaces of the publisher, one module per kind of reader."""

from __future__ import annotations

from collections.abc import Sequence

from fastapi import APIRouter

from services.publisher.web import (
    api,
    batches,
    decisions,
    declined,
    delta,
    desk,
    desk_item,
    drafts,
    embeds,
    feeds,
    hub,
    item_api,
    item_import,
    items,
    months,
    non_publications,
    notices,
    open_data,
    portal,
    recalls,
    reports,
    returning,
    screen_desk,
    screen_wall,
    screens,
    seals,
    site_pages,
    stops,
    subjects,
    subscriptions,
    summaries,
    target_desk,
    targets,
)


def routers() -> Sequence[APIRouter]:
    """Return the routes of the publisher."""
    return (
        portal.router,
        items.router,
        non_publications.router,
        recalls.router,
        non_publications.api,
        feeds.router,
        hub.router,
        seals.router,
        open_data.router,
        notices.router,
        embeds.router,
        site_pages.router,
        subjects.router,
        subscriptions.router,
        screens.router,
        api.router,
        delta.router,
        desk.router,
        desk_item.router,
        drafts.router,
        item_import.router,
        item_api.router,
        reports.router,
        decisions.router,
        returning.router,
        summaries.router,
        declined.router,
        months.router,
        stops.router,
        batches.router,
        screen_desk.router,
        screen_wall.router,
        target_desk.router,
        targets.router,
    )
