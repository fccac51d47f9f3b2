"""The ids of feeds and entries: tag URIs (RFC 4151) under an authority that stays when the address of the portal changes."""

from __future__ import annotations

from dataclasses import dataclass
from datetime import date, datetime
from ipaddress import ip_address
from urllib.parse import urlsplit

from shared.contracts import PublicItem


@dataclass(frozen=True, slots=True)
class FeedIdentity:
    """The authority, as in `gongshi.example,2026-11-27`, and the addresses that were ids before there were tags.

    Entries first released up to `addresses_until` had ids below `address_base`; None: there were none.
    """

    authority: str
    address_base: str
    addresses_until: datetime | None = None

    def feed_id(self, name: str) -> str:
        """Return the id of a feed: of a board's by its name, of others as in `regions/990102`."""
        return f"tag:{self.authority}:feeds/{name}"

    def entry_id(self, item_id: str) -> str:
        """Return the id of an item's entry."""
        return f"tag:{self.authority}:items/{item_id}"

    def former_id(self, item: PublicItem) -> str | None:
        """Return the address that was the id of an item's entry, None where it never had one."""
        if self.addresses_until is None or item.first_released_at > self.addresses_until:
            return None
        return f"{self.address_base}/items/{item.item_id}"


def choose_authority(setting: str, public_url: str, token: str, today: date) -> str:
    """Return the authority of a new installation: the setting, else the portal's host name, else a name nobody else has.

    `token` is a random text of letters and digits; RFC 2606 reserves `.invalid`.
    """
    if setting:
        return setting
    host = urlsplit(public_url).hostname or ""
    name = host if "." in host and not _is_address(host) else f"{token}.gongshi.invalid"
    return f"{name},{today.isoformat()}"


def _is_address(host: str) -> bool:
    try:
        ip_address(host)
    except ValueError:
        return False
    return True
