"""What a file is that is not accepted, by its first bytes: its sender is told how to send it instead."""

from __future__ import annotations

import re
from enum import StrEnum


class OtherFormat(StrEnum):
    """Formats that people send as evidence and that the bureau does not accept, by what helps."""

    HEIF = "heif"
    PICTURE = "picture"
    OFFICE = "office"
    OFD = "ofd"
    ARCHIVE = "archive"
    RECORDING = "recording"
    WEB = "web"
    MAIL = "mail"
    UNKNOWN = "unknown"


# The brands of ISO 14496-12 files that are pictures (ISO 23008-12, AVIF, Canon's CR3); every other is a film or a recording.
_BRANDS = dict.fromkeys(
    (b"heic", b"heix", b"heim", b"heis", b"hevc", b"hevx", b"hevm", b"hevs", b"mif1", b"mif2", b"msf1", b"avif", b"avis"),
    OtherFormat.HEIF,
) | {b"crx ": OtherFormat.PICTURE}
_STARTS: tuple[tuple[OtherFormat, tuple[bytes, ...]], ...] = (
    # GIF, TIFF and raw photographs, BMP, JPEG XL, JPEG 2000, Photoshop.
    (
        OtherFormat.PICTURE,
        (
            b"GIF8", b"II*\0", b"MM\0*", b"II+\0", b"MM\0+", b"BM", b"\xff\x0a", b"\0\0\0\x0cJXL ", b"\0\0\0\x0cjP  ",
            b"\xff\x4f\xff\x51", b"8BPS",
        ),
    ),
    # Word, WPS and Excel before 2007, RTF.
    (OtherFormat.OFFICE, (b"\xd0\xcf\x11\xe0\xa1\xb1\x1a\xe1", b"{\\rtf")),
    (OtherFormat.ARCHIVE, (b"PK", b"Rar!", b"7z\xbc\xaf\x27\x1c", b"\x1f\x8b", b"BZh", b"\xfd7zXZ")),
    # Matroska and WebM, Flash, MPEG, Ogg, MP3, AMR of telephones, Windows Media, FLAC, MIDI, WeChat's Silk.
    (
        OtherFormat.RECORDING,
        (
            b"\x1aE\xdf\xa3", b"FLV", b"\0\0\x01\xba", b"\0\0\x01\xb3", b"OggS", b"ID3", b"\xff\xfb", b"\xff\xf3", b"\xff\xf1",
            b"#!AMR", b"0&\xb2u\x8ef\xcf\x11", b"fLaC", b"MThd", b"\x02#!SILK", b"#!SILK", b".RMF",
        ),
    ),
)  # fmt: skip
_RIFF = {b"WEBP": OtherFormat.PICTURE, b"AVI ": OtherFormat.RECORDING, b"WAVE": OtherFormat.RECORDING}
# Names of the parts in a ZIP: they stand uncompressed in its directory.
_OFFICE_PARTS = (b"word/", b"xl/", b"ppt/", b"vnd.oasis.opendocument", b".iwa", b"FixedDocSeq")
_OFD_PART = b"OFD.xml"
# A page, a drawing or other mark-up begins with < behind these, in its first kilobyte; a mail with its headers.
_BEFORE_MARKUP = b"\xef\xbb\xbf \t\r\n"
_KILOBYTE = 1024
_MAIL = re.compile(rb"(?:Received|Return-Path|From|Date|Subject|MIME-Version|Message-ID|Delivered-To): ", re.IGNORECASE)


def detect_other_format(content: bytes) -> OtherFormat:
    """Return the format of a file that is neither PDF nor PNG nor JPEG, `UNKNOWN` when nothing tells it."""
    if content[4:8] in (b"ftyp", b"moov", b"mdat", b"wide"):
        return _BRANDS.get(content[8:12], OtherFormat.RECORDING)
    if content.startswith(b"RIFF"):
        return _RIFF.get(content[8:12], OtherFormat.UNKNOWN)
    if content.startswith(b"PK\x03\x04"):
        return _zip_format(content)
    if content[:_KILOBYTE].lstrip(_BEFORE_MARKUP).startswith(b"<"):
        return OtherFormat.WEB
    if _MAIL.match(content):
        return OtherFormat.MAIL
    return next((found for found, starts in _STARTS if content.startswith(starts)), OtherFormat.UNKNOWN)


def _zip_format(content: bytes) -> OtherFormat:
    if _OFD_PART in content:
        return OtherFormat.OFD
    return OtherFormat.OFFICE if any(part in content for part in _OFFICE_PARTS) else OtherFormat.ARCHIVE
