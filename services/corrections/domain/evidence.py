"""Evidence: PDF, PNG or JPEG by content, small enough, under a name that is safe to show and to save."""

from __future__ import annotations

import hashlib
import re
import unicodedata
from dataclasses import dataclass
from enum import StrEnum

MOST_FILES = 10
MOST_BYTES = 10 * 1024 * 1024
LONGEST_NAME = 80

# Path separators, what Windows forbids in names, and everything that is invisible or changes the direction of text.
_UNSAFE = re.compile(r'[\\/:*?"<>|]')
_INVISIBLE = frozenset({"Cc", "Cf", "Cs", "Co", "Cn", "Zl", "Zp"})


class MediaType(StrEnum):
    """The kinds of files that are taken."""

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
    """Why a file was not taken."""

    EMPTY = "empty"
    TOO_LARGE = "too_large"
    UNSUPPORTED = "unsupported"
    CUT_OFF = "cut_off"
    TOO_MANY = "too_many"


@dataclass(frozen=True, slots=True)
class EvidenceRefused:
    """A file that was not taken, by the name that its sender will recognise."""

    name: str
    fault: EvidenceFault


@dataclass(frozen=True, slots=True)
class Evidence:
    """A file that was taken."""

    name: str
    media_type: MediaType
    sha256: bytes
    content: bytes


def examine(name: str, content: bytes) -> Evidence | EvidenceRefused:
    """Return the evidence, its type told by its first and last bytes whatever the name says, or why not."""
    if not content:
        return EvidenceRefused(_shown(name), EvidenceFault.EMPTY)
    if len(content) > MOST_BYTES:
        return EvidenceRefused(_shown(name), EvidenceFault.TOO_LARGE)
    kind = next((kind for kind, (head, _) in _MAGIC.items() if content.startswith(head)), None)
    if kind is None:
        return EvidenceRefused(_shown(name), EvidenceFault.UNSUPPORTED)
    if _MAGIC[kind][1] not in content[-_TAIL:]:
        return EvidenceRefused(_shown(name), EvidenceFault.CUT_OFF)
    return Evidence(_safe_name(name, kind), kind, hashlib.sha256(content).digest(), content)


def _safe_name(name: str, kind: MediaType) -> str:
    """Return the name with the suffix that its content deserves, so that no browser takes it for something else."""
    shown = _shown(name)
    suffix = next((suffix for suffix in _SUFFIXES[kind] if shown.lower().endswith(suffix)), None)
    stem = shown[: -len(suffix)] if suffix else shown
    return (stem.strip(" .")[:LONGEST_NAME] or "evidence") + (suffix or _SUFFIXES[kind][0])


def _shown(name: str) -> str:
    last = name.replace("\\", "/").rsplit("/", 1)[-1]
    visible = "".join(char for char in unicodedata.normalize("NFC", last) if unicodedata.category(char) not in _INVISIBLE)
    return _UNSAFE.sub("_", visible).strip()[:LONGEST_NAME] or "evidence"
