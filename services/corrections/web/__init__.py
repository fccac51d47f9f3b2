"""The routes of corrections: operators apply and track, officers decide, anyone computes a deadline."""

from services.corrections.web import apply, case_steps, counted, deadline, decide, desk, disputes, notes, papers, track
from services.corrections.web.bureau import BureauContext

ROUTERS = (
    apply.router,
    track.router,
    papers.router,
    disputes.router,
    desk.router,
    counted.router,
    notes.router,
    case_steps.router,
    decide.router,
    deadline.router,
)

__all__ = ["ROUTERS", "BureauContext"]
