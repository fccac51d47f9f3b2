"""What intake answers over HTTP: report events of sources, and the desk of clerks."""

from services.intake.web import events

ROUTERS = (events.router,)

__all__ = ["ROUTERS"]
