"""The pages of who runs and who audits the system, at the service that no stranger reaches: services, accounts, journals."""

from shared.web.operations import accounts, audit, invitation, overview

ROUTERS = (overview.router, accounts.router, invitation.router, audit.router)

__all__ = ["ROUTERS"]
