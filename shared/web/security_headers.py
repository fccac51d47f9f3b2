"""The headers of every response that tell browsers what it may load, run and be framed by."""

from __future__ import annotations

from collections.abc import Iterable, Sequence

from starlette.types import Scope


def content_security_policy(
    frame_ancestors: str = "'self'", styles: Sequence[str] = (), form_targets: Iterable[str] = ()
) -> str:
    """Return the policy of a response: who may frame it, the hashes of its inline styles, the other origins of its forms.

    A browser looks at the origin to which the answer of a form redirects, too.
    """
    style_sources = " ".join(("'self'", *styles))
    form_action = " ".join(("'self'", *form_targets))
    return (
        f"default-src 'self'; img-src 'self' data:; style-src {style_sources}; script-src 'self'; "
        f"object-src 'none'; frame-ancestors {frame_ancestors}; base-uri 'none'; form-action {form_action}"
    )


CONTENT_SECURITY_POLICY = content_security_policy()
SECURITY_HEADERS = (
    (b"x-content-type-options", b"nosniff"),
    (b"referrer-policy", b"same-origin"),
    (b"cross-origin-opener-policy", b"same-origin"),
    (b"permissions-policy", b"geolocation=(), camera=(), microphone=()"),
)


# Over TLS only, as the proxy tells: browsers ignore it elsewhere (RFC 6797, 8.1). A year, as ASVS asks.
STRICT_TRANSPORT = (b"strict-transport-security", b"max-age=31536000; includeSubDomains")


def security_headers(scope: Scope) -> list[tuple[bytes, bytes]]:
    """Return `SECURITY_HEADERS` and a content security policy for the response to a request.

    The policy is `CONTENT_SECURITY_POLICY`, or `request.state.content_security_policy` where a route sets one.
    """
    policy: str = scope.get("state", {}).get("content_security_policy", CONTENT_SECURITY_POLICY)
    transport = [STRICT_TRANSPORT] if scope.get("scheme") == "https" else []
    return [(b"content-security-policy", policy.encode()), *SECURITY_HEADERS, *transport]
