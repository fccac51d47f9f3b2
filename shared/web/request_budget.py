"""How often a client without an account may ask for what costs somebody else something: a mail, an officer's time."""

from __future__ import annotations

from http import HTTPStatus

from fastapi import HTTPException, Request

from shared.metrics import LIMITS_REACHED
from shared.web.allowance import Budget, Refusal, client_key

HOUR_S = 3_600


class RequestBudget:
    """`burst` requests of a client at once, and `per_hour` from then on; 429 to one more.

    As a dependency it counts each request. Each app counts for itself, in `app.state.budgets`.
    """

    def __init__(self, name: str, burst: int, per_hour: int) -> None:
        self._name = name
        self._burst = burst
        self._per_hour = per_hour

    async def __call__(self, request: Request) -> None:
        """Count a request. Raises `HTTPException` 429."""
        self.take(request)

    def take(self, request: Request) -> None:
        """Count what a request asks for. Raises `HTTPException` 429 with the seconds after which there is room for another."""
        budgets: dict[str, Budget] = request.app.state.budgets
        budget = budgets.setdefault(self._name, Budget(self._burst, self._per_hour / HOUR_S))
        if not budget.take(client_key(request.scope.get("client")), 1):
            LIMITS_REACHED.labels(request.app.state.service, self._name, Refusal.CLIENT.value).inc()
            wait = {"Retry-After": str(HOUR_S // self._per_hour)}
            raise HTTPException(HTTPStatus.TOO_MANY_REQUESTS, headers=wait)
