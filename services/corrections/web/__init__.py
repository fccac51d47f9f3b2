"""The routes of corrections: operators apply and track, officers decide, anyone computes a deadline."""

from services.corrections.web import apply, counted, deadline, decide, desk, notes, track
from services.corrections.web.bureau import BureauContext

ROUTERS = (apply.router, track.router, desk.router, counted.router, notes.router, decide.router, deadline.router)

__all__ = ["ROUTERS", "BureauContext"]
