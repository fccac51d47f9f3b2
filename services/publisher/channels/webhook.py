"""Webhooks (Standard Webhooks): each version of an item, signed, to an address of the target."""

from __future__ import annotations

from services.publisher.channels.declaration import Body, Channel, Message, Sender
from services.publisher.channels.signing import signed_headers
from services.publisher.domain.delivery import Reply
from services.publisher.domain.target import Target
from services.publisher.releasing import event_of
from shared.clock import now
from shared.contracts import PublicItem
from shared.web.i18n import _


def webhook_body(item: PublicItem) -> Body:
    """Return type, time and data of a webhook: the event as the topic has it."""
    event = event_of(item)
    return {"type": event.type, "timestamp": item.released_at.isoformat(), "data": {"item": item.model_dump(mode="json")}}


async def deliver(target: Target, message: Message, sender: Sender) -> Reply:
    """Post a message with its id, time and signatures."""
    content, headers = signed_headers(message, target.secrets, now())
    return await sender.post(target.address, content, headers)


CHANNEL = Channel(name="webhook", label=_("推送（Webhook）"), project=webhook_body, recall=webhook_body, deliver=deliver)
