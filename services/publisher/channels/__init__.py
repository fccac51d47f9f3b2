"""The channels of publication: one module a channel, which declares it as `CHANNEL`; nothing else names one.

A new channel is a module in this package. Those that deliver, or write a file, are chosen for a target by their name.
"""

from __future__ import annotations

from collections.abc import Mapping

from services.publisher.channels.declaration import Channel
from services.publisher.declarations import find_declared

__all__ = ["Channel", "delivering_channels", "load_channels", "target_channels"]


def load_channels() -> Mapping[str, Channel]:
    """Return every channel by its name. Raises `ValueError` when two have one name."""
    return find_declared(__name__, __path__, "CHANNEL", Channel)


def delivering_channels() -> Mapping[str, Channel]:
    """Return the channels that bring items to targets, by name."""
    return {name: channel for name, channel in load_channels().items() if channel.deliver is not None}


def target_channels() -> Mapping[str, Channel]:
    """Return the channels that a target can have, by name: what is brought to it, or fetched by its people as a file."""
    return {
        name: channel for name, channel in load_channels().items() if channel.deliver is not None or channel.file is not None
    }
