"""Files that come with a form: read within the limits, examined, each once."""

from __future__ import annotations

from collections.abc import Collection
from dataclasses import dataclass
from urllib.parse import quote

from fastapi import Response
from starlette.datastructures import FormData, UploadFile

from services.corrections.domain import MOST_BYTES, MOST_FILES, Evidence, EvidenceFault, EvidenceRefused, examine

# One more than are taken, so that the sender of eleven is told which one was left out.
MOST_PARTS = 2 * MOST_FILES


@dataclass(frozen=True, slots=True)
class Uploads:
    """The files of a form: those that can be taken, and those that cannot with the reason."""

    taken: tuple[Evidence, ...]
    refused: tuple[EvidenceRefused, ...]


async def read_uploads(form: FormData, held: Collection[bytes] = ()) -> Uploads:
    """Return the files of the field `evidence`; a file whose content is in `held` (SHA-256) is passed over."""
    taken: dict[bytes, Evidence] = {}
    refused: list[EvidenceRefused] = []
    for part in form.getlist("evidence"):
        if not isinstance(part, UploadFile) or not part.filename:
            continue
        match examine(part.filename, await part.read(MOST_BYTES + 1)):
            case Evidence() as evidence if evidence.sha256 in held:
                continue
            case Evidence() as evidence if len(taken) + len(held) >= MOST_FILES and evidence.sha256 not in taken:
                refused.append(EvidenceRefused(evidence.name, EvidenceFault.TOO_MANY))
            case Evidence() as evidence:
                taken.setdefault(evidence.sha256, evidence)
            case EvidenceRefused() as file:
                refused.append(file)
    return Uploads(tuple(taken.values()), tuple(refused))


def download(file: Evidence) -> Response:
    """Answer with a file that the browser saves and never opens in the page."""
    return Response(
        file.content,
        media_type=file.media_type,
        headers={
            "Content-Disposition": f"attachment; filename*=UTF-8''{quote(file.name)}",
            "Cache-Control": "private, no-store",
            "Content-Security-Policy": "sandbox",
        },
    )
