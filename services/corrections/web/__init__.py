"""The pages of corrections: operators apply and follow, officers decide, anyone counts a deadline."""

from services.corrections.web import apply, deadline, decide, desk, track
from services.corrections.web.office import Office

ROUTERS = (apply.router, track.router, desk.router, decide.router, deadline.router)

__all__ = ["ROUTERS", "Office"]
