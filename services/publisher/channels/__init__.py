"""The channels of publication: one module a channel, which declares it as `CHANNEL`; nothing else names one.

A new channel is a module in this package. Those that deliver are chosen for a target by their name.
"""

from __future__ import annotations

from collections.abc import Mapping
from importlib import import_module
from pkgutil import iter_modules

from services.publisher.channels.declaration import Channel

__all__ = ["Channel", "delivering_channels", "load_channels"]


def load_channels() -> Mapping[str, Channel]:
    """Return every channel by its name. Raises `ValueError` when two have one name."""
    modules = sorted(found.name for found in iter_modules(__path__))
    declared = [import_module(f"{__name__}.{name}") for name in modules]
    channels = [channel for module in declared if isinstance(channel := getattr(module, "CHANNEL", None), Channel)]
    by_name = {channel.name: channel for channel in channels}
    if len(by_name) < len(channels):
        raise ValueError("two channels have one name")
    return by_name


def delivering_channels() -> Mapping[str, Channel]:
    """Return the channels that bring items to targets, by name."""
    return {name: channel for name, channel in load_channels().items() if channel.deliver is not None}
