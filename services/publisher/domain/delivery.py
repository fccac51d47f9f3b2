"""Deliveries to targets, as decisions: what an answer means, when to try again, which addresses may be dialled."""

from __future__ import annotations

from dataclasses import dataclass
from datetime import datetime, timedelta
from enum import StrEnum
from http import HTTPStatus
from ipaddress import IPv4Address, IPv4Network, IPv6Address, IPv6Network, ip_network

Network = IPv4Network | IPv6Network

# Five seconds to ten hours: a day and a night in all, as Standard Webhooks recommends.
RETRY_S = (5, 30, 120, 600, 1_800, 3_600, 7_200, 14_400, 21_600, 36_000)
GIVE_UP_AFTER = timedelta(hours=24)
# A withdrawal is tried for ever and more often, since its item stands at the target until it arrives.
WITHDRAWAL_RETRY = timedelta(minutes=30)
JITTER = 0.2
# The longest that a target may ask to be left alone.
MAX_RETRY_AFTER_S = 6 * 3_600
# Ranges that hold an address of another network inside: NAT64 (RFC 6052), 6to4, Teredo.
TRANSLATED = tuple(ip_network(text) for text in ("64:ff9b::/96", "64:ff9b:1::/48", "2002::/16", "2001::/32"))


class Outcome(StrEnum):
    """What an answer means for a delivery, and for the others to the same target."""

    DELIVERED = "delivered"
    REFUSED = "refused"
    """This message; others may be taken."""
    FAILING = "failing"
    """The target answers nothing of use now; every delivery waits."""
    GONE = "gone"
    """It is not there any more and wants nothing more (410)."""


@dataclass(frozen=True, slots=True)
class Reply:
    """What came of one attempt: the HTTP status, or the code of what went wrong; seconds that the target asks to wait.

    `was_sent`: whether anything may have reached the target, answered or not.
    """

    status: int | None = None
    error: str | None = None
    retry_after_s: float | None = None
    milliseconds: int = 0
    was_sent: bool = True


def outcome_of(reply: Reply) -> Outcome:
    """Return what a reply by HTTP means. A redirection is no delivery: where it leads nobody has looked at."""
    if reply.status is None:
        return Outcome.FAILING
    if HTTPStatus.OK <= reply.status < HTTPStatus.MULTIPLE_CHOICES:
        return Outcome.DELIVERED
    if reply.status == HTTPStatus.GONE:
        return Outcome.GONE
    patient = {HTTPStatus.REQUEST_TIMEOUT, HTTPStatus.TOO_EARLY, HTTPStatus.TOO_MANY_REQUESTS}
    if HTTPStatus.BAD_REQUEST <= reply.status < HTTPStatus.INTERNAL_SERVER_ERROR and reply.status not in patient:
        return Outcome.REFUSED
    return Outcome.FAILING


def retry_delay(attempts: int, spread: float, schedule: tuple[float, ...] = RETRY_S) -> timedelta:
    """Return how long to wait after so many attempts; `spread` in 0..1 moves it by up to `JITTER` either way."""
    seconds = schedule[min(attempts, len(schedule)) - 1]
    return timedelta(seconds=seconds * (1 + JITTER * (2 * spread - 1)))


def next_attempt(
    *, attempts: int, first_at: datetime, at: datetime, is_withdrawal: bool, spread: float,
    schedule: tuple[float, ...] = RETRY_S,
) -> datetime | None:  # fmt: skip
    """Return when to try again after the attempt number `attempts`; None: it is given up."""
    delay = retry_delay(attempts, spread, schedule)
    if is_withdrawal:
        return at + min(delay, WITHDRAWAL_RETRY)
    return at + delay if at + delay - first_at <= GIVE_UP_AFTER else None


def parse_networks(setting: str) -> tuple[Network, ...]:
    """Return the networks of a setting, by commas. Raises `ValueError`."""
    return tuple(ip_network(part.strip()) for part in setting.split(",") if part.strip())


def is_dialable(address: IPv4Address | IPv6Address, inside: tuple[Network, ...] = ()) -> bool:
    """Return whether a message may go to an address: a public one, or one of the networks `inside` that are allowed."""
    plain = address.ipv4_mapped or address if isinstance(address, IPv6Address) else address
    if any(plain in network for network in inside if network.version == plain.version):
        return True
    if any(plain in network for network in TRANSLATED if network.version == plain.version):
        return False
    return plain.is_global and not plain.is_multicast and not plain.is_reserved
