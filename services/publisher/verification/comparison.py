"""The two sides of a comparison: the release record in the database, and the publisher as its readers reach it."""

from __future__ import annotations

from collections.abc import Mapping
from dataclasses import dataclass
from datetime import date
from typing import Any
from zoneinfo import ZoneInfo

from services.publisher.projection import with_current_state
from services.publisher.store.public_items import StoredItem
from services.publisher.verification.client import PublisherClient
from shared.clock import local_day, now
from shared.contracts import PublicItem
from shared.stream import Database

Body = Mapping[str, Any]
ABSENT = object()


@dataclass(frozen=True, slots=True)
class Comparison:
    """The database with the record, a client of the publisher, and the zone whose days decide what has expired."""

    database: Database
    client: PublisherClient
    zone: ZoneInfo

    @property
    def today(self) -> date:
        """The current day in the zone."""
        return local_day(now(), self.zone)

    def current_json(self, stored: StoredItem) -> Body:
        """Return an item's public JSON as of today."""
        return with_current_state(stored.item, self.today, under_review=stored.under_review).model_dump(mode="json")


def differing_fields(served: Body, released: Body) -> str:
    """Return the names of the fields that differ, comma-separated; empty where none does."""
    return ", ".join(sorted(name for name in {*served, *released} if served.get(name, ABSENT) != released.get(name, ABSENT)))


def version_name(item: PublicItem) -> str:
    """Return the name of a version in a difference, as in `v2 corrected`."""
    return f"v{item.version} {item.state.value}"
