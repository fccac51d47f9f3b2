"""Uploaded files of a form: read within the limits, inspected, without duplicates."""

from __future__ import annotations

from collections.abc import Collection
from dataclasses import dataclass
from typing import Any
from urllib.parse import quote

from fastapi import Response
from starlette.datastructures import FormData, UploadFile

from services.corrections.domain import (
    MAX_FILES,
    NAMELESS,
    Evidence,
    EvidenceFault,
    EvidenceRejected,
    MediaType,
    inspect_evidence,
)
from shared.web.bodies import MIB

# A form with its files. Ten photographs as telephones take them; larger ones come in several steps.
MAX_BODY = 32 * MIB
# More than are accepted, so that the sender of eleven files learns which one was rejected.
MAX_PARTS = 2 * MAX_FILES
# As OpenAPI declares a download.
DOWNLOAD: dict[int | str, dict[str, Any]] = {
    200: {"content": {kind.value: {"schema": {"type": "string", "format": "binary"}} for kind in MediaType}}
}


@dataclass(frozen=True, slots=True)
class Uploads:
    """The files of a form: accepted, and rejected with the reason."""

    accepted: tuple[Evidence, ...]
    rejected: tuple[EvidenceRejected, ...]


async def read_uploads(form: FormData, stored: Collection[bytes] = ()) -> Uploads:
    """Return the files of the field `evidence`; a file whose digest is in `stored` (SHA-256) is skipped.

    Ten files a form and an application: an eleventh is rejected, whatever it contains.
    """
    accepted: dict[bytes, Evidence] = {}
    rejected: list[EvidenceRejected] = []
    inspected = [file for part in form.getlist("evidence") if (file := await _inspect(part))]
    for number, file in enumerate(inspected, 1):
        match file:
            case Evidence() as evidence if evidence.sha256 in stored:
                continue
            case Evidence() as evidence if number > MAX_FILES or _is_over(evidence, accepted, stored):
                rejected.append(EvidenceRejected(evidence.name, EvidenceFault.TOO_MANY))
            case Evidence() as evidence:
                accepted.setdefault(evidence.sha256, evidence)
            case EvidenceRejected():
                rejected.append(file)
    return Uploads(tuple(accepted.values()), tuple(rejected))


def _is_over(evidence: Evidence, accepted: Collection[bytes], stored: Collection[bytes]) -> bool:
    return evidence.sha256 not in accepted and len(accepted) + len(stored) >= MAX_FILES


async def _inspect(part: UploadFile | str) -> Evidence | EvidenceRejected | None:
    """Return a file of the form, None for a control that was left empty.

    It is read as a whole, within the limit of the body: a film behind a photograph may be larger than a file may be. A
    part that gives its name in a form that browsers never use (`filename*`) arrives as text, its bytes lost.
    """
    if isinstance(part, str):
        return EvidenceRejected(NAMELESS, EvidenceFault.UNNAMED) if part else None
    if not part.filename and not part.size:
        return None
    return inspect_evidence(part.filename or NAMELESS, await part.read())


def download_response(file: Evidence) -> Response:
    """Return a file as a download, which the browser saves and never renders."""
    return Response(
        file.content,
        media_type=file.media_type,
        headers={
            "Content-Disposition": f"attachment; filename*=UTF-8''{quote(file.name)}",
            "Cache-Control": "private, no-store",
            "Content-Security-Policy": "sandbox",
        },
    )
