"""How the panel of a screen is mounted."""

from __future__ import annotations

from enum import StrEnum


class Orientation(StrEnum):
    """How the panel is mounted."""

    LANDSCAPE = "landscape"
    PORTRAIT = "portrait"
