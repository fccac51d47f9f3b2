"""What a channel is declared with: what it carries, how that is brought there, what is acknowledged, how it is verified."""

from __future__ import annotations

from collections.abc import Awaitable, Callable, Mapping, Sequence
from dataclasses import dataclass
from typing import Any, Protocol

from services.publisher.domain.delivery import Outcome, Reply, outcome_of
from services.publisher.domain.target import Target
from services.publisher.verification.comparison import Comparison
from services.publisher.verification.options import Checked, ProbeOptions
from shared.contracts import ItemState, PublicItem
from shared.web.i18n import Text

Body = Mapping[str, Any]


@dataclass(frozen=True, slots=True)
class Message:
    """What goes to a target: the body, and the id by which a target knows one that it has had.

    The id is the same at every attempt, and another for each version of an item.
    """

    message_id: str
    body: Body


class Sender(Protocol):
    """Sends by HTTP, to nobody inside the network, following no redirection."""

    async def post(self, address: str, content: bytes, headers: Mapping[str, str]) -> Reply:
        """Return the reply, or what went wrong."""


@dataclass(frozen=True, slots=True)
class FileShape:
    """The file in which a channel's items are fetched; `write` returns its content, withdrawn items among them."""

    extension: str
    media_type: str
    write: Callable[[Sequence[PublicItem]], bytes]


def public_form(item: PublicItem) -> Body | None:
    """Return the public form of an item, as the topic and the JSON interface have it."""
    return item.model_dump(mode="json")


@dataclass(frozen=True, slots=True, kw_only=True)
class Channel:
    """A channel of publication.

    `project`: what it carries of an item, None where it carries nothing of this one. `recall`: what it carries of a
    withdrawn one. `deliver`: brings a message to a target; a channel without it is fetched by its readers. `file`: in which a
    target's own people fetch what it has not acknowledged.
    `acknowledge`: what a reply means. `verify`: compares what the channel serves with the release record. `kinds`: the only
    kinds of items that it carries; none: all.
    """

    name: str
    label: Text
    kinds: tuple[str, ...] = ()
    project: Callable[[PublicItem], Body | None] = public_form
    recall: Callable[[PublicItem], Body | None] = public_form
    deliver: Callable[[Target, Message, Sender], Awaitable[Reply]] | None = None
    file: FileShape | None = None
    acknowledge: Callable[[Reply], Outcome] = outcome_of
    verify: Callable[[Comparison, ProbeOptions], Awaitable[list[Checked]]] | None = None

    def body_of(self, item: PublicItem) -> Body | None:
        """Return what the channel carries of an item in its present state."""
        return self.recall(item) if item.state is ItemState.WITHDRAWN else self.project(item)
