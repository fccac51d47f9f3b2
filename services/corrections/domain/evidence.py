"""Evidence: PDF, PNG or JPEG by content, small enough, under a name that is safe to show and to save."""

from __future__ import annotations

import hashlib
import re
import unicodedata
from dataclasses import dataclass
from enum import StrEnum

from services.corrections.domain.formats import OtherFormat, detect_other_format
from services.corrections.domain.media import IncompleteFile, MediaType, detect_media_type, is_active, trim

MAX_FILES = 10
MAX_FILE_BYTES = 10 * 1024 * 1024
MAX_NAME_LENGTH = 80
# Most file systems hold 255 bytes, and browsers add to a name that exists already.
MAX_NAME_BYTES = 200

# Path separators, what Windows forbids in names, and everything that is invisible or changes the direction of text.
_UNSAFE = re.compile(r'[\\/:*?"<>|]')
_INVISIBLE = frozenset({"Cc", "Cf", "Cs", "Co", "Cn", "Zl", "Zp"})
# Windows takes a file of these names for a device, whatever its suffix.
_DEVICE = re.compile(r"(?:con|prn|aux|nul|com\d|lpt\d)(?:\.|$)", re.IGNORECASE)
# What a file without a usable name is called.
NAMELESS = "evidence"
# Headers of a mail or of a printer may precede a PDF; the start of any other format is what the file is.
_MAY_PRECEDE = (OtherFormat.UNKNOWN, OtherFormat.MAIL)

_SUFFIXES = {MediaType.PDF: (".pdf",), MediaType.PNG: (".png",), MediaType.JPEG: (".jpg", ".jpeg")}


class EvidenceFault(StrEnum):
    """Why a file is not accepted."""

    EMPTY = "empty"
    TOO_LARGE = "too_large"
    CUT_OFF = "cut_off"
    TOO_MANY = "too_many"
    UNNAMED = "unnamed"
    ACTIVE = "active"


# A file of another format is rejected by that format, so that its sender is told what to do with it.
Fault = EvidenceFault | OtherFormat


@dataclass(frozen=True, slots=True)
class EvidenceRejected:
    """A file that is not accepted, under the name that its sender recognises."""

    name: str
    fault: Fault


@dataclass(frozen=True, slots=True)
class Evidence:
    """A file that is accepted: its safe name, media type, SHA-256 digest and content."""

    name: str
    media_type: MediaType
    sha256: bytes
    content: bytes


def inspect_evidence(name: str, content: bytes) -> Evidence | EvidenceRejected:
    """Return the evidence with the media type of its content, whatever its name, or why it is rejected.

    Only the picture or document itself is kept: what precedes or follows it is not stored and does not count.
    """
    if not content:
        return EvidenceRejected(display_name(name), EvidenceFault.EMPTY)
    other = detect_other_format(content)
    kind = detect_media_type(content) if other in _MAY_PRECEDE else None
    if kind is None:
        return EvidenceRejected(display_name(name), other)
    try:
        trimmed = trim(content, kind)
    except IncompleteFile:
        return EvidenceRejected(display_name(name), EvidenceFault.CUT_OFF)
    if len(trimmed) > MAX_FILE_BYTES:
        return EvidenceRejected(display_name(name), EvidenceFault.TOO_LARGE)
    if is_active(trimmed, kind):
        return EvidenceRejected(display_name(name), EvidenceFault.ACTIVE)
    return Evidence(_safe_name(name, kind), kind, hashlib.sha256(trimmed).digest(), trimmed)


def display_name(name: str) -> str:
    """Return a name without folders, invisible characters and signs that no file system takes."""
    basename = name.replace("\\", "/").rsplit("/", 1)[-1]
    visible = "".join(char for char in unicodedata.normalize("NFC", basename) if unicodedata.category(char) not in _INVISIBLE)
    return _shorten(_UNSAFE.sub("_", visible).strip()) or NAMELESS


def _safe_name(name: str, kind: MediaType) -> str:
    """Return the name with the suffix of its media type, so that no browser takes it for something else."""
    display = display_name(name)
    suffix = next((suffix for suffix in _SUFFIXES[kind] if display.lower().endswith(suffix)), None)
    stem = _shorten((display[: -len(suffix)] if suffix else display).strip(" .")) or NAMELESS
    return ("_" if _DEVICE.match(stem) else "") + stem + (suffix or _SUFFIXES[kind][0])


def _shorten(name: str) -> str:
    return name[:MAX_NAME_LENGTH].encode()[:MAX_NAME_BYTES].decode(errors="ignore").strip(" .")
