"""The pages and interfaces of the publisher, one module per kind of reader."""

from __future__ import annotations

from collections.abc import Sequence

from fastapi import APIRouter


def routers() -> Sequence[APIRouter]:
    """Return the routes of the publisher."""
    return []
