"""What intake answers over HTTP: report events of sources, and the desk of clerks."""

from services.intake.web import desk, events, names

ROUTERS = (events.router, desk.router, names.router)

__all__ = ["ROUTERS"]
