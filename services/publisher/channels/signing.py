"""Signatures of Standard Webhooks: under each secret that holds, so that a target can change its own at any moment."""

from __future__ import annotations

import base64
import secrets
from collections.abc import Sequence
from datetime import UTC, datetime

import orjson
from standardwebhooks import Webhook

from services.publisher.channels.declaration import Message

SECRET_PREFIX = "whsec_"  # noqa: S105 what every secret of Standard Webhooks begins with
SECRET_BYTES = 32


def generate_secret() -> str:
    """Return a new secret of 256 random bits, as libraries of Standard Webhooks take it."""
    return SECRET_PREFIX + base64.b64encode(secrets.token_bytes(SECRET_BYTES)).decode()


def signed_headers(message: Message, signing_secrets: Sequence[str], at: datetime) -> tuple[bytes, dict[str, str]]:
    """Return the body as it is sent, and its headers."""
    content = orjson.dumps(message.body)
    # The library takes the clock face of a time for UTC.
    moment = at.astimezone(UTC)
    signatures = [Webhook(secret).sign(message.message_id, moment, content.decode()) for secret in signing_secrets]
    return content, {
        "content-type": "application/json",
        "webhook-id": message.message_id,
        "webhook-timestamp": str(int(moment.timestamp())),
        "webhook-signature": " ".join(signatures),
    }
