"""The subjects with a code or a name of their own, each one declaration: industries, categories, channels, offices, places."""

from __future__ import annotations

from collections.abc import Awaitable, Callable
from dataclasses import dataclass
from http import HTTPStatus
from typing import Annotated

from fastapi import Path, Request, Response
from starlette.exceptions import HTTPException

from services.stats.domain.subjects import CountedKind, is_tree_code
from services.stats.store import queries
from services.stats.web.answers import Format, send
from services.stats.web.days import RequestedDays
from services.stats.web.subject import Shape, figure_rows, subject_figures
from shared.contracts import Channel
from shared.contracts.reports import SaleMode
from shared.web.session import DatabaseDep

Code = Annotated[str, Path(max_length=200, description="The code, or the name where there is none, as complaints have it.")]


@dataclass(frozen=True, slots=True)
class CodedSubjects:
    """Subjects of a kind under `/stats/{path}/{code}`; `is_named` tells a code of a table, of which a zero says something."""

    path: str
    kind: CountedKind
    summary: str
    is_named: Callable[[str], bool]

    def endpoint(self) -> Callable[..., Awaitable[Response]]:
        """Return the endpoint of these subjects."""
        subjects = self

        async def show_subject(
            request: Request,
            database: DatabaseDep,
            requested: RequestedDays,
            shape: Shape,
            code: Code,
            layout: Format = "json",
        ) -> Response:
            async with database.snapshot() as connection:
                if not subjects.is_named(code) and not await queries.is_known(connection, subjects.kind, code):
                    raise HTTPException(HTTPStatus.NOT_FOUND, f"no such {subjects.kind}")
                industry = code if subjects.kind is CountedKind.INDUSTRY else None
                answer = await subject_figures(request, connection, subjects.kind, code, requested, shape, industry=industry)
            return send(request, answer, layout, figure_rows(answer))

        return show_subject


CODED = (
    CodedSubjects(
        "industries", CountedKind.INDUSTRY, "Figures of an industry of GB/T 4754 at any level, those within it included",
        lambda code: is_tree_code(CountedKind.INDUSTRY, code),
    ),
    CodedSubjects(
        "categories", CountedKind.CATEGORY, "Figures of a category of problems, those below it included",
        lambda code: is_tree_code(CountedKind.CATEGORY, code),
    ),
    CodedSubjects("channels", CountedKind.CHANNEL, "Figures of a channel", lambda code: code in set(Channel)),
    CodedSubjects("sale-modes", CountedKind.SALE_MODE, "Figures of a mode of sale", lambda code: code in set(SaleMode)),
    CodedSubjects("offices", CountedKind.OFFICE, "Figures of a handling office", lambda _: False),
    CodedSubjects("sites", CountedKind.SITE, "Figures of a mall, market or scenic area by its name", lambda _: False),
    CodedSubjects("platforms", CountedKind.PLATFORM, "Figures of a trading platform by its name", lambda _: False),
)  # fmt: skip
