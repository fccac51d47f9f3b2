"""Evidence: PDF, PNG or JPEG by content, small enough, under a name that is safe to show and to save."""

from __future__ import annotations

import hashlib
import re
import unicodedata
from dataclasses import dataclass
from enum import StrEnum

MAX_FILES = 10
MAX_FILE_BYTES = 10 * 1024 * 1024
MAX_NAME_LENGTH = 80

# Path separators, what Windows forbids in names, and everything that is invisible or changes the direction of text.
_UNSAFE = re.compile(r'[\\/:*?"<>|]')
_INVISIBLE = frozenset({"Cc", "Cf", "Cs", "Co", "Cn", "Zl", "Zp"})


class MediaType(StrEnum):
    """The media types of evidence."""

    PDF = "application/pdf"
    PNG = "image/png"
    JPEG = "image/jpeg"


_SUFFIXES = {MediaType.PDF: (".pdf",), MediaType.PNG: (".png",), MediaType.JPEG: (".jpg", ".jpeg")}
_MAGIC = {
    MediaType.PDF: (b"%PDF-", b"%%EOF"),
    MediaType.PNG: (b"\x89PNG\r\n\x1a\n", b"IEND\xaeB`\x82"),
    MediaType.JPEG: (b"\xff\xd8\xff", b"\xff\xd9"),
}
# Writers of PDF and JPEG leave a little behind the end mark.
_TAIL = 1024


class EvidenceFault(StrEnum):
    """Why a file is not accepted."""

    EMPTY = "empty"
    TOO_LARGE = "too_large"
    UNSUPPORTED = "unsupported"
    CUT_OFF = "cut_off"
    TOO_MANY = "too_many"


@dataclass(frozen=True, slots=True)
class EvidenceRejected:
    """A file that is not accepted, under the name that its sender recognises."""

    name: str
    fault: EvidenceFault


@dataclass(frozen=True, slots=True)
class Evidence:
    """A file that is accepted: its safe name, media type, SHA-256 digest and content."""

    name: str
    media_type: MediaType
    sha256: bytes
    content: bytes


def inspect_evidence(name: str, content: bytes) -> Evidence | EvidenceRejected:
    """Return the evidence with the media type of its first and last bytes, whatever its name, or why it is rejected."""
    if not content:
        return EvidenceRejected(_display_name(name), EvidenceFault.EMPTY)
    if len(content) > MAX_FILE_BYTES:
        return EvidenceRejected(_display_name(name), EvidenceFault.TOO_LARGE)
    kind = next((kind for kind, (head, _) in _MAGIC.items() if content.startswith(head)), None)
    if kind is None:
        return EvidenceRejected(_display_name(name), EvidenceFault.UNSUPPORTED)
    if _MAGIC[kind][1] not in content[-_TAIL:]:
        return EvidenceRejected(_display_name(name), EvidenceFault.CUT_OFF)
    return Evidence(_safe_name(name, kind), kind, hashlib.sha256(content).digest(), content)


def _safe_name(name: str, kind: MediaType) -> str:
    """Return the name with the suffix of its media type, so that no browser takes it for something else."""
    display = _display_name(name)
    suffix = next((suffix for suffix in _SUFFIXES[kind] if display.lower().endswith(suffix)), None)
    stem = display[: -len(suffix)] if suffix else display
    return (stem.strip(" .")[:MAX_NAME_LENGTH] or "evidence") + (suffix or _SUFFIXES[kind][0])


def _display_name(name: str) -> str:
    basename = name.replace("\\", "/").rsplit("/", 1)[-1]
    visible = "".join(char for char in unicodedata.normalize("NFC", basename) if unicodedata.category(char) not in _INVISIBLE)
    return _UNSAFE.sub("_", visible).strip()[:MAX_NAME_LENGTH] or "evidence"
