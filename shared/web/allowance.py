"""How much of something may be in use at once: by one client, and in all."""

from __future__ import annotations

import time
from collections import Counter, OrderedDict
from collections.abc import Callable
from enum import Enum
from http import HTTPStatus
from ipaddress import IPv6Address, ip_address

from starlette.types import Scope

# Whoever has an IPv6 address has 2^64 of them.
CLIENT_PREFIX_BITS = 64
# With the response to a client that something was refused.
RETRY_AFTER_S = 5
# Clients that are remembered, the newest of them.
KEPT = 10_000
RETRY = {"Retry-After": str(RETRY_AFTER_S)}
_COOLS = "gongshi.cools"


class Refusal(Enum):
    """Which bound an allowance has reached."""

    CLIENT = "client"
    TOTAL = "total"

    @property
    def status(self) -> HTTPStatus:
        """The status of the response: 429 to a client that has too much, 503 where all together have."""
        return HTTPStatus.TOO_MANY_REQUESTS if self is Refusal.CLIENT else HTTPStatus.SERVICE_UNAVAILABLE


class Allowance:
    """A bounded quantity, by client and in all. Not for several threads."""

    def __init__(self, of_client: int, total: int) -> None:
        self._of_client = of_client
        self._total = total
        self._taken: Counter[str] = Counter()
        self.taken = 0

    def take(self, client: str, amount: int = 1) -> Refusal | None:
        """Take `amount` for a client; return None, or which bound refuses it."""
        if self._taken.get(client, 0) + amount > self._of_client:
            return Refusal.CLIENT
        if self.taken + amount > self._total:
            return Refusal.TOTAL
        self._taken[client] += amount
        self.taken += amount
        return None

    def is_full(self, client: str) -> bool:
        """Return whether a client has as much as it may."""
        return self._taken.get(client, 0) >= self._of_client

    def give_back(self, client: str, amount: int = 1) -> None:
        """Give back what `take` granted."""
        self.taken -= amount
        self._taken[client] -= amount
        if not self._taken[client]:
            del self._taken[client]


class Budget:
    """How much each client may use up: `burst` at once, and `per_s` in a second from then on. `clock`: in seconds.

    Of `KEPT` clients it is known what they have used; where more come at once, the one that was away longest starts anew.
    """

    def __init__(self, burst: int, per_s: float, clock: Callable[[], float] = time.monotonic) -> None:
        self._burst = burst
        self._per_s = per_s
        self._clock = clock
        # Client → how much is used up at which time, the one that came last at the end.
        self._used: OrderedDict[str, tuple[float, float]] = OrderedDict()

    def take(self, client: str, amount: int) -> bool:
        """Use up `amount` of a client's budget; return whether there was so much."""
        now = self._clock()
        self._forget(now)
        used, at = self._used.get(client, (0.0, now))
        used = max(0.0, used - (now - at) * self._per_s) + amount
        if used > self._burst:
            return False
        self._used[client] = used, now
        self._used.move_to_end(client)
        if len(self._used) > KEPT:
            self._used.popitem(last=False)
        return True

    def _forget(self, now: float) -> None:
        """Forget whose budget is whole again."""
        while self._used:
            client, (_, at) = next(iter(self._used.items()))
            if (now - at) * self._per_s < self._burst:
                return
            del self._used[client]


def start_cooldown(scope: Scope) -> None:
    """Refuse whoever makes this request for `RETRY_AFTER_S`: the response to it says that it has to come back later."""
    scope[_COOLS] = True


def begins_cooldown(scope: Scope) -> bool:
    """Return whether a request was answered with `start_cooldown`."""
    return _COOLS in scope


def client_key(client: tuple[str, int] | None) -> str:
    """Return what a client is counted by: its IPv4 address, or the network of its IPv6 address."""
    host = client[0] if client else ""
    try:
        address = ip_address(host.partition("%")[0])
    except ValueError:
        return host
    if isinstance(address, IPv6Address) and address.ipv4_mapped is None:
        return str(IPv6Address(int(address) >> CLIENT_PREFIX_BITS << CLIENT_PREFIX_BITS))
    return str(getattr(address, "ipv4_mapped", None) or address)
