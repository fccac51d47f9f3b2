"""`POST /desk/api/items/{kind}`: what a drafting office's own system submits becomes drafts of that office."""

from __future__ import annotations

from collections.abc import Mapping, Sequence
from decimal import Decimal
from http import HTTPStatus
from typing import Annotated, Any

from fastapi import APIRouter, Depends, Header, HTTPException, Request, Response
from fastapi.exceptions import RequestValidationError
from fastapi.responses import JSONResponse
from pydantic import BaseModel, ConfigDict, Field, FiniteFloat, StrictFloat, StrictInt, StrictStr, ValidationError

from services.publisher import item_submission
from services.publisher.domain.submitted import ItemResult, Outcome
from services.publisher.item_submission import MAX_ITEMS
from services.publisher.kinds import KINDS
from services.publisher.store import item_keys
from services.publisher.store.item_keys import ItemKey
from services.publisher.web.dependencies import BureauDep
from services.publisher.web.office import kinds_of
from shared.clock import now
from shared.keys import key_hash, parse_bearer
from shared.web.bodies import MIB, accept_body
from shared.web.pages import PagesDep
from shared.web.problems import problem_response
from shared.web.session import DatabaseDep
from shared.web.templating import Pages

MAX_BODY = 4 * MIB
MAX_FIELDS = 60
# Of a body that is none of ours; the first tell what is wrong with it.
MAX_FINDINGS = 100
# No account has such a name: a program drafts, and can do nothing else.
PROGRAM = "program:{name}"
FieldValue = StrictStr | StrictInt | Annotated[StrictFloat, FiniteFloat] | None
Values = Annotated[dict[str, FieldValue], Field(max_length=MAX_FIELDS)]
router = APIRouter(prefix="/desk/api", tags=["drafting"])


class SubmittedItems(BaseModel):
    """Items of one kind: each the values of its fields, those of the operator under `operator.name` and so on, and `region`."""

    model_config = ConfigDict(extra="forbid")

    items: Annotated[list[Values], Field(min_length=1, max_length=MAX_ITEMS)]


SUBMITTED = SubmittedItems.model_json_schema()


class FaultAnswer(BaseModel):
    """What is wrong with an item: its field (empty for the whole), a stable code, words in both languages."""

    field: str
    code: str
    zh: str
    en: str


class ItemAnswer(BaseModel):
    """What came of an item, by its place in the request: created, updated, unchanged, or refused for its faults."""

    index: int
    outcome: Outcome
    item_id: str | None
    faults: list[FaultAnswer]


class SubmissionAnswer(BaseModel):
    """What came of all of them; `dry_run`: nothing was stored."""

    kind: str
    dry_run: bool
    counts: dict[Outcome, int]
    results: list[ItemAnswer]


PROBLEMS: dict[int | str, dict[str, Any]] = {
    401: {"description": "Without a key of `gongshi items add-key`."},
    403: {"description": "The key's office does not draft items of this kind."},
    404: {"description": "There is no such kind, or nothing tells its items apart."},
}


async def identify_holder(database: DatabaseDep, authorization: Annotated[str, Header()] = "") -> ItemKey:
    """Return whose key it is. Raises `HTTPException` 401."""
    key = parse_bearer(authorization)
    if key is not None:
        async with database.snapshot() as connection:
            if holder := await item_keys.find_key(connection, key_hash(key), now()):
                return holder
    detail = "a key of gongshi items add-key is needed"
    raise HTTPException(HTTPStatus.UNAUTHORIZED, detail, {"WWW-Authenticate": "Bearer"})


HolderDep = Annotated[ItemKey, Depends(identify_holder)]


async def read_items(
    request: Request, _holder: HolderDep, _accepted: Annotated[None, Depends(accept_body(MAX_BODY))]
) -> SubmittedItems:  # fmt: skip
    """Return the body of who has a key. FastAPI would read one that it declares before it asks for either."""
    try:
        return SubmittedItems.model_validate_json(await request.body())
    except ValidationError as error:
        found = error.errors(include_url=False, include_context=False)[:MAX_FINDINGS]
        raise RequestValidationError(found) from None


@router.post(
    "/items/{kind}", responses=PROBLEMS, response_model=SubmissionAnswer,
    openapi_extra={"requestBody": {"required": True, "content": {"application/json": {"schema": SUBMITTED}}}},
)  # fmt: skip
async def submit_items(
    kind: str, submitted: Annotated[SubmittedItems, Depends(read_items)], holder: HolderDep, database: DatabaseDep,
    bureau: BureauDep, pages: PagesDep, *, dry_run: bool = False,
) -> Response:  # fmt: skip
    """Store items as drafts of the key's office, at most 500 at once; `Authorization: Bearer KEY`.

    An item that comes again is known by its natural key and changes nothing. Each has a result of its own; what is refused
    keeps no other item from being stored. With `dry_run` nothing is stored.
    """
    declared = KINDS.get(kind)
    if declared is None or declared.is_drafted_by_program or not declared.natural_key:
        return problem_response(HTTPStatus.NOT_FOUND, "unknown_kind", "items of this kind cannot be submitted")
    if kind not in kinds_of(holder.office, bureau.rules(now())):
        return problem_response(HTTPStatus.FORBIDDEN, "foreign_kind", "the office of this key does not draft this kind")
    rows = [_to_texts(each) for each in submitted.items]
    drafter = PROGRAM.format(name=holder.name)
    act = item_submission.try_items if dry_run else item_submission.store_items
    results = await act(database, bureau, drafter, declared, rows)
    return JSONResponse(_answer(kind, results, pages, dry_run=dry_run).model_dump(mode="json"))


def _to_texts(values: Mapping[str, FieldValue]) -> dict[str, str]:
    """Return the values as texts; a number keeps the digits that it was written with."""
    return {
        name: f"{Decimal(repr(value)):f}" if isinstance(value, float) else str(value)
        for name, value in values.items()
        if value is not None
    }


def _answer(kind: str, results: Sequence[ItemResult], pages: Pages, *, dry_run: bool) -> SubmissionAnswer:
    counts = {outcome: sum(each.outcome is outcome for each in results) for outcome in Outcome}
    answers = [
        ItemAnswer(
            index=index,
            item_id=each.item_id,
            outcome=each.outcome,
            faults=[
                FaultAnswer(field=fault.field, code=fault.code, zh=str(fault.text), en=pages.text("en", fault.text))
                for fault in each.faults
            ],
        )
        for index, each in enumerate(results)
    ]
    return SubmissionAnswer(kind=kind, dry_run=dry_run, counts=counts, results=answers)
