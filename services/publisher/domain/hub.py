"""The WebSub hub's rules (W3C Recommendation 2018-01-23): leases within bounds, signatures, what a request must say."""

from __future__ import annotations

import hashlib
import hmac
from dataclasses import dataclass
from urllib.parse import parse_qsl, urlencode, urlsplit, urlunsplit

from services.publisher.domain.feed_subject import FeedSubject, subject_of_path
from services.publisher.domain.target import is_address

DEFAULT_LEASE_S = 10 * 86_400
LEASES_S = (3_600, 30 * 86_400)
# The Recommendation's limit (5.1), in bytes.
MAX_SECRET = 199
MODES = ("subscribe", "unsubscribe")


@dataclass(frozen=True, slots=True)
class Wish:
    """What somebody wants of the hub: `lease_s` within our bounds, whatever was wanted."""

    mode: str
    callback: str
    subject: FeedSubject
    lease_s: int
    secret: str


def parse_wish(form: dict[str, str], public: str, *, plain_allowed: bool) -> Wish | str:
    """Return what a request wants, or in words what is wrong with it. `public` is the address of the site."""
    mode, callback, topic = (form.get(f"hub.{name}", "") for name in ("mode", "callback", "topic"))
    secret = form.get("hub.secret", "")
    if mode not in MODES:
        return "hub.mode is subscribe or unsubscribe"
    if not is_address(callback, plain_allowed=plain_allowed):
        return "hub.callback is an https address"
    if len(secret.encode()) > MAX_SECRET:
        return f"hub.secret has at most {MAX_SECRET} bytes"
    subject = subject_of_path(topic.removeprefix(public)) if topic.startswith(public) else None
    if subject is None:
        return f"hub.topic is the address of a feed below {public}/feeds/"
    return Wish(mode, callback, subject, clamp_lease(form.get("hub.lease_seconds", "")), secret)


def clamp_lease(text: str) -> int:
    """Return the seconds of a lease: what is wanted within an hour and thirty days, ten days where it is no number."""
    if not (text.isascii() and text.isdigit()):
        return DEFAULT_LEASE_S
    shortest, longest = LEASES_S
    return min(max(int(text[:12]), shortest), longest)


def confirmation_address(callback: str, parameters: dict[str, str]) -> str:
    """Return the address at which a callback is asked to confirm; its own query stays (5.3)."""
    parts = urlsplit(callback)
    query = urlencode([*parse_qsl(parts.query, keep_blank_values=True), *parameters.items()])
    return urlunsplit((parts.scheme, parts.netloc, parts.path or "/", query, ""))


def signature(secret: str, content: bytes) -> str:
    """Return the value of `X-Hub-Signature` (7.1)."""
    return f"sha256={hmac.new(secret.encode(), content, hashlib.sha256).hexdigest()}"
