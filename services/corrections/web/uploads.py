"""Uploaded files of a form: read within the limits, inspected, without duplicates."""

from __future__ import annotations

from collections.abc import Collection
from dataclasses import dataclass
from urllib.parse import quote

from fastapi import Response
from starlette.datastructures import FormData, UploadFile

from services.corrections.domain import MAX_FILE_BYTES, MAX_FILES, Evidence, EvidenceFault, EvidenceRejected, inspect_evidence

# More than are accepted, so that the sender of eleven files learns which one was rejected.
MAX_PARTS = 2 * MAX_FILES


@dataclass(frozen=True, slots=True)
class Uploads:
    """The files of a form: accepted, and rejected with the reason."""

    accepted: tuple[Evidence, ...]
    rejected: tuple[EvidenceRejected, ...]


async def read_uploads(form: FormData, stored: Collection[bytes] = ()) -> Uploads:
    """Return the files of the field `evidence`; a file whose digest is in `stored` (SHA-256) is skipped."""
    accepted: dict[bytes, Evidence] = {}
    rejected: list[EvidenceRejected] = []
    for part in form.getlist("evidence"):
        if not isinstance(part, UploadFile) or not part.filename:
            continue
        match inspect_evidence(part.filename, await part.read(MAX_FILE_BYTES + 1)):
            case Evidence() as evidence if evidence.sha256 in stored:
                continue
            case Evidence() as evidence if len(accepted) + len(stored) >= MAX_FILES and evidence.sha256 not in accepted:
                rejected.append(EvidenceRejected(evidence.name, EvidenceFault.TOO_MANY))
            case Evidence() as evidence:
                accepted.setdefault(evidence.sha256, evidence)
            case EvidenceRejected() as file:
                rejected.append(file)
    return Uploads(tuple(accepted.values()), tuple(rejected))


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
