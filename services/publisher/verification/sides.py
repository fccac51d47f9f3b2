"""The two sides that are compared: the release record, and the publisher as its readers reach it."""

from __future__ import annotations

from collections.abc import Mapping
from dataclasses import dataclass
from datetime import date
from typing import Any
from zoneinfo import ZoneInfo

from services.publisher.projection import as_shown
from services.publisher.store.public import Public
from services.publisher.verification.reader import Reader
from shared.clock import local_day, now
from shared.contracts import PublicItem
from shared.stream import Store

Body = Mapping[str, Any]
ABSENT = object()


@dataclass(frozen=True, slots=True)
class Sides:
    """The record in the store, the readers' side at its address, and the zone whose days decide what has expired."""

    store: Store
    reader: Reader
    zone: ZoneInfo

    @property
    def today(self) -> date:
        """The day that it is here."""
        return local_day(now(), self.zone)

    def shown(self, found: Public) -> Body:
        """Return an item as its JSON is today."""
        return as_shown(found.item, self.today, under_review=found.under_review).model_dump(mode="json")


def differing(served: Body, released: Body) -> str:
    """Return the names of the fields that differ, commas between; empty where none does."""
    return ", ".join(sorted(name for name in {*served, *released} if served.get(name, ABSENT) != released.get(name, ABSENT)))


def version(item: PublicItem) -> str:
    """Return what a version is called in a difference."""
    return f"v{item.version} {item.state.value}"
