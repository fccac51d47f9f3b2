"""Why a form is not accepted, as programs read it: a problem document with a reason per field and per rejected file."""

from __future__ import annotations

from collections.abc import Iterable, Iterator, Mapping
from dataclasses import dataclass
from http import HTTPStatus

from fastapi import Request, Response

from services.corrections.web.messages import EVIDENCE
from services.corrections.web.uploads import Uploads
from shared.web.i18n import Text
from shared.web.languages import negotiate_language
from shared.web.pages import get_pages
from shared.web.problems import problem_response


@dataclass(frozen=True, slots=True)
class Reason:
    """One reason; `file` is the name of the file that it is about."""

    field: str
    code: str
    message: Text
    file: str | None = None


def reasons_of(errors: Mapping[str, Text], uploads: Uploads | None = None) -> Iterator[Reason]:
    """Yield a reason per field, and per rejected file instead of the one that summarises them."""
    files = uploads.rejected if uploads else ()
    for field, message in errors.items():
        if field != "evidence" or not files:
            yield Reason(field, "invalid", message)
    for file in files:
        yield Reason("evidence", file.fault, EVIDENCE[file.fault], file.name)


def respond_with_reasons(
    request: Request, reasons: Iterable[Reason], status: int = HTTPStatus.UNPROCESSABLE_ENTITY, code: str = "invalid"
) -> Response:
    """Return the problem document, its messages in the language that the client accepts."""
    pages = get_pages(request)
    language = negotiate_language(request)
    return problem_response(
        status,
        code,
        reasons=[
            {"field": each.field, "code": each.code, "message": pages.text(language, each.message)}
            | ({"file": each.file} if each.file is not None else {})
            for each in reasons
        ],
    )
