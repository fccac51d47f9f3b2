"""Pictures, documents and what telephones, printers and storage put around them; all built here, byte by byte."""

from __future__ import annotations

import zlib

PDF = b"%PDF-1.7\n1 0 obj<</Type/Catalog>>endobj\ntrailer<</Root 1 0 R>>\n%%EOF\n"


def segment(marker: int, payload: bytes) -> bytes:
    """Return a JPEG segment with its length."""
    return bytes([0xFF, marker]) + (len(payload) + 2).to_bytes(2, "big") + payload


def jpeg(*, thumbnail: bytes = b"", scan: bytes = b"\x12\xff\x00\x34\xff\xd0\x56") -> bytes:
    """Return a JPEG with Exif (and a thumbnail in it), a frame, tables, and a scan with stuffed bytes and a restart."""
    exif = segment(0xE1, b"Exif\0\0MM\0*\0\0\0\x08" + thumbnail)
    frame = segment(0xC0, b"\x08\0\x01\0\x01\x01\x01\x11\0")
    return b"\xff\xd8" + exif + segment(0xDB, bytes(65)) + frame + segment(0xDA, b"\x01\x01\0\0\x3f\0") + scan + b"\xff\xd9"


def chunk(kind: bytes, payload: bytes) -> bytes:
    """Return a PNG chunk with its length and checksum."""
    return len(payload).to_bytes(4, "big") + kind + payload + zlib.crc32(kind + payload).to_bytes(4, "big")


def png(text: bytes = b"") -> bytes:
    """Return a PNG of one pixel, with a comment."""
    header = b"\0\0\0\x01\0\0\0\x01\x08\0\0\0\0"
    comment = chunk(b"tEXt", b"Comment\0" + text) if text else b""
    return (
        b"\x89PNG\r\n\x1a\n" + chunk(b"IHDR", header) + comment + chunk(b"IDAT", zlib.compress(b"\0\x80")) + chunk(b"IEND", b"")
    )


def box(kind: bytes, payload: bytes) -> bytes:
    """Return a box of an ISO base media file."""
    return (len(payload) + 8).to_bytes(4, "big") + kind + payload


def film(size: int = 3_000) -> bytes:
    """Return an MP4 whose data contain end marks of pictures."""
    return box(b"ftyp", b"mp42\0\0\0\0mp42isom") + box(b"mdat", (b"\xff\xd9IEND\xaeB`\x82" * size)[:size])


def linearized_pdf() -> bytes:
    """Return a PDF that declares its length in its first object and has an end mark near its beginning, as for the web."""
    first = b"%PDF-1.6\n1 0 obj<</Linearized 1/L 00600/H[1 2]/O 3/E 4/N 1/T 5>>endobj\nxref\n0 1\ntrailer<<>>\nstartxref\n0\n%%EOF\n"
    rest = b"2 0 obj<</Type/Catalog>>endobj\n"
    end = b"startxref\n9\n%%EOF\n"
    return first + rest + b"%" * (600 - len(first) - len(rest) - len(end) - 1) + b"\n" + end
