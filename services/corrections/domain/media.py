"""Where the three accepted kinds of files begin and end: what precedes or follows is not part of the document.

New telephones append a film to a photograph (Android motion photos), Samsung a trailer, iPhones further pictures (CIPA
DC-007 Multi-Picture Format); printers and mail gateways put lines before a PDF, and storage pads files with zeros.
"""

from __future__ import annotations

import re
from collections.abc import Callable, Mapping
from enum import StrEnum


class MediaType(StrEnum):
    """The media types of evidence."""

    PDF = "application/pdf"
    PNG = "image/png"
    JPEG = "image/jpeg"


class IncompleteFile(Exception):
    """The file ends before its end mark."""


JPEG_START = b"\xff\xd8\xff"
PNG_START = b"\x89PNG\r\n\x1a\n"
PDF_START = b"%PDF-"
# Readers look for the header of a PDF in its first kilobyte and count offsets from there.
PDF_HEADER_WITHIN = 1024

# A marker; 00 and RST0 to RST7 behind FF belong to compressed data (ITU-T T.81, B.1.1.2). No repeat in it: a file of
# nothing but FF is searched once.
_JPEG_MARKER = re.compile(rb"\xff([\x01-\xcf\xd8-\xfe])")
_JPEG_END = 0xD9
# Markers without a length: TEM and a start of an image.
_JPEG_BARE = frozenset({0x01, 0xD8})

# More segments or chunks than any camera, scanner or editor writes.
_MAX_PARTS = 100_000

_PNG_END = b"IEND\xaeB`\x82"
_PNG_CHUNK_OVERHEAD = 12

_PDF_END = re.compile(rb"%%EOF[ \t\r\n]{0,64}")
_PDF_OBJECT = re.compile(rb"\d{1,10} \d{1,5} obj\b")
# A linearized PDF declares its length in its first object (ISO 32000-2, F.3.3) and has an end mark near its beginning.
_PDF_LINEARIZED = re.compile(rb"/Linearized\b[^>]{0,200}?/L\s+(\d+)|/L\s+(\d+)[^>]{0,200}?/Linearized\b")

# Actions that run a script or a program when a PDF is opened (ISO 32000-2, 12.6.4.6 and 12.6.4.17).
_PDF_ACTIVE = re.compile(rb"/(?:JavaScript|Launch)\b")
_PDF_ESCAPE = re.compile(rb"#([0-9A-Fa-f]{2})")


def detect_media_type(content: bytes) -> MediaType | None:
    """Return the media type by the first bytes, or None for any other file."""
    if content.startswith(JPEG_START):
        return MediaType.JPEG
    if content.startswith(PNG_START):
        return MediaType.PNG
    return MediaType.PDF if PDF_START in content[: PDF_HEADER_WITHIN + len(PDF_START)] else None


def trim(content: bytes, kind: MediaType) -> bytes:
    """Return the document or picture without what precedes and follows it. Raises `IncompleteFile`."""
    return _TRIM[kind](content)


def is_active(content: bytes, kind: MediaType) -> bool:
    """Return whether a PDF says that it runs something, in escaped names too (7.3.5); compressed parts are not looked into."""
    if kind is not MediaType.PDF:
        return False
    return _PDF_ACTIVE.search(_PDF_ESCAPE.sub(lambda found: bytes([int(found[1], 16)]), content)) is not None


def _trim_jpeg(content: bytes) -> bytes:
    """Walk the segments, so that the end mark of a thumbnail inside one is not taken for the picture's."""
    position = len(JPEG_START) - 1
    for _ in range(_MAX_PARTS):
        found = _JPEG_MARKER.search(content, position)
        if found is None:
            break
        marker, position = found[1][0], found.end()
        if marker == _JPEG_END:
            return content[:position]
        if marker not in _JPEG_BARE:
            position += int.from_bytes(content[position : position + 2], "big")
    raise IncompleteFile


def _trim_png(content: bytes) -> bytes:
    """Walk the chunks, so that an end mark inside one is not taken for the picture's."""
    position = len(PNG_START)
    for _ in range(_MAX_PARTS):
        length, kind = int.from_bytes(content[position : position + 4], "big"), content[position + 4 : position + 8]
        if not kind.isalpha():
            break
        position += _PNG_CHUNK_OVERHEAD + length
        if kind == b"IEND" and position <= len(content):
            return content[:position]
    end = content.find(_PNG_END, position)
    if end < 0:
        raise IncompleteFile
    return content[: end + len(_PNG_END)]


def _trim_pdf(content: bytes) -> bytes:
    """Cut at the last end mark; objects behind it are an update that was not written to its end."""
    document = content[content.index(PDF_START) :]
    linearized = _PDF_LINEARIZED.search(document, 0, PDF_HEADER_WITHIN)
    end = _PDF_END.match(document, max(document.rfind(b"%%EOF"), 0))
    if end is None or (linearized and len(document) < int(linearized[1] or linearized[2])):
        raise IncompleteFile
    if _PDF_OBJECT.search(document, end.end()):
        raise IncompleteFile
    return document[: end.end()]


_TRIM: Mapping[MediaType, Callable[[bytes], bytes]] = {
    MediaType.JPEG: _trim_jpeg,
    MediaType.PNG: _trim_png,
    MediaType.PDF: _trim_pdf,
}
