"""The pages of who runs the system, at the service that no stranger reaches: how the services are."""

from shared.web.operations import overview

ROUTERS = (overview.router,)

__all__ = ["ROUTERS"]
