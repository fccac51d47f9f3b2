"""The case summary of a major item, edited at the desk beside the redacted complaint."""

from __future__ import annotations

from http import HTTPStatus
from typing import Annotated

from fastapi import APIRouter, Form, HTTPException, Request, Response

from services.publisher import editing
from services.publisher.domain.case_summary import BadSummary
from services.publisher.editing import NotEditable
from services.publisher.releasing import SeenVersion
from services.publisher.web.decisions import Reviewer, decide
from shared.web.pages import PagesDep
from shared.web.parameters import PlainText
from shared.web.session import DatabaseDep
from shared.worker_process.process import WorkerDied, WorkerNotStarted, WorkerRefused

router = APIRouter(prefix="/desk", include_in_schema=False)

# Far beyond what is stored: a summary that is too long is told so, with nothing lost on the way back.
MAX_TYPED = 4_000


@router.post("/items/{item_id}/summary")
async def edit_summary(
    request: Request, item_id: str, person: Reviewer, database: DatabaseDep, pages: PagesDep,
    seen: Annotated[PlainText, Form()], text: Annotated[PlainText, Form(max_length=MAX_TYPED)],
) -> Response:  # fmt: skip
    """Replace the case summary of a draft; 409 when somebody was quicker, 422 when the text can't be a summary.

    503 while the model that looks for names cannot be started, and where it cannot read the text.
    """
    version = SeenVersion(item_id, seen)
    try:
        searched = await editing.search_summary(database, version, text, request.app.state.name_search)
        return await decide(
            request,
            pages,
            database,
            lambda uow: editing.edit_summary(uow, person.name, version, searched),
            f"/desk/items/{item_id}?done=edited",
        )
    except (BadSummary, NotEditable) as error:
        raise HTTPException(HTTPStatus.UNPROCESSABLE_ENTITY) from error
    except (WorkerNotStarted, WorkerDied, WorkerRefused) as error:
        raise HTTPException(HTTPStatus.SERVICE_UNAVAILABLE) from error
