"""The topic `gongshi.publications`: the outbox carries every release there; `gongshi verify publications` reads it back."""

from __future__ import annotations

from services.publisher.channels.declaration import Channel
from shared.web.i18n import _

CHANNEL = Channel(name="topic", label=_("Kafka主题"))
