"""Targets: the places that the publisher brings released items to by itself."""

from __future__ import annotations

from dataclasses import dataclass, field
from datetime import datetime
from enum import StrEnum
from urllib.parse import urlsplit

TARGET_ID = "[a-z0-9][a-z0-9-]{0,63}"
MAX_ADDRESS = 2_000


class Place(StrEnum):
    """What kind of place a target is."""

    PORTAL = "portal"
    OPEN_INFORMATION = "open_information"
    MEDIA = "media"
    CREDIT = "credit"
    MALL = "mall"
    MARKET = "market"
    PLATFORM = "platform"
    NOTICE_BOARD = "notice_board"
    OTHER = "other"


class TargetState(StrEnum):
    """Whether deliveries go on: staff pause a target, one that answers 410 is disabled."""

    ACTIVE = "active"
    PAUSED = "paused"
    DISABLED = "disabled"


@dataclass(frozen=True, slots=True)
class Scope:
    """Which items go to a target: all that are in each list that is not empty; operators by credit code."""

    boards: tuple[str, ...] = ()
    kinds: tuple[str, ...] = ()
    regions: tuple[str, ...] = ()
    operators: tuple[str, ...] = ()


@dataclass(frozen=True, slots=True)
class Target:
    """A target as it is registered. `secrets` sign what goes there: the present one, while rotating the one before too."""

    target_id: str
    place: Place
    name: str
    channel: str
    address: str
    scope: Scope = field(default_factory=Scope)
    per_minute: int | None = None
    state: TargetState = TargetState.ACTIVE
    failures: int = 0
    retry_at: datetime | None = None
    secrets: tuple[str, ...] = field(default=(), repr=False)


def is_address(text: str, *, plain_allowed: bool = False) -> bool:
    """Return whether a text is an address that deliveries can go to: https, without user or fragment.

    `plain_allowed`: http too, for networks inside.
    """
    try:
        parts = urlsplit(text)
        port = parts.port
    except ValueError:
        return False
    schemes = {"https", "http"} if plain_allowed else {"https"}
    is_plain_text = text.isascii() and text.isprintable() and " " not in text and len(text) <= MAX_ADDRESS
    return (
        is_plain_text
        and parts.scheme in schemes
        and bool(parts.hostname)
        and not parts.username
        and not parts.password
        and not parts.fragment
        and port != 0
    )
