"""The WebSub hub at `/hub`: who subscribes to a feed is brought its first page as soon as it changes."""

from __future__ import annotations

from http import HTTPStatus
from urllib.parse import urlsplit

from fastapi import APIRouter, Depends, Request, Response

from services.publisher.delivering.hub_worker import PURPOSE
from services.publisher.delivering.leading import notify_workers
from services.publisher.domain.delivery import parse_networks
from services.publisher.domain.hub import parse_wish
from services.publisher.store import hub
from services.publisher.store.hub import MAX_OF_HOST, HubRequest
from services.publisher.web.dependencies import BureauDep
from shared.secret_box import SecretBox
from shared.web.pages import PagesDep
from shared.web.problems import problem_response
from shared.web.request_budget import RequestBudget
from shared.web.session import DatabaseDep

router = APIRouter(include_in_schema=False)
# For each request a callback is asked. As many as one host may subscribe to.
CALLBACKS = RequestBudget("hub", burst=MAX_OF_HOST, per_hour=MAX_OF_HOST)


@router.post("/hub", dependencies=[Depends(CALLBACKS)])
async def request_subscription(request: Request, database: DatabaseDep, bureau: BureauDep, pages: PagesDep) -> Response:
    """Take a request to subscribe or unsubscribe; the callback is asked afterwards (202). 400 with what is wrong, as text."""
    inside = parse_networks(request.app.state.settings.target_networks)
    async with request.form(max_files=0, max_fields=20) as form:
        values = {name: value for name, value in form.items() if isinstance(value, str)}
    wish = parse_wish(values, pages.site.public, plain_allowed=bool(inside))
    if isinstance(wish, str):
        return problem_response(HTTPStatus.BAD_REQUEST, "hub_request", wish)
    parts = urlsplit(wish.callback)
    box = SecretBox(bureau.lease_key, PURPOSE)
    async with database.unit_of_work() as uow:
        if not await hub.has_room(uow.connection, f"{parts.scheme}://{parts.netloc}"):
            response = problem_response(HTTPStatus.SERVICE_UNAVAILABLE, "hub_full", "the hub takes no more subscriptions now")
            response.headers["Retry-After"] = "3600"
            return response
        secret = box.encrypt(wish.secret) if wish.secret else None
        await hub.upsert_request(
            uow.connection, HubRequest(wish.callback, wish.subject.path(), wish.mode, wish.lease_s, secret, uow.now)
        )
        await notify_workers(uow.connection)
    return Response(status_code=HTTPStatus.ACCEPTED)
