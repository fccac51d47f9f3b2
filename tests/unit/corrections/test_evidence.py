"""Evidence is accepted for what it contains, whatever its name, and only the picture or document itself is stored."""

from __future__ import annotations

import hashlib

import pytest
from hypothesis import given
from hypothesis import strategies as st

from services.corrections.domain import (
    MAX_FILE_BYTES,
    Evidence,
    EvidenceFault,
    EvidenceRejected,
    Fault,
    MediaType,
    OtherFormat,
    inspect_evidence,
)
from tests.media_files import PDF, box, film, jpeg, linearized_pdf, png, segment

JPEG, PNG = jpeg(), png()
UPDATED_PDF = PDF + b"5 0 obj<</A 1>>endobj\nxref\n0 1\ntrailer<</Prev 9>>\nstartxref\n70\n%%EOF"


def accepted(name: str, content: bytes) -> Evidence:
    """Return the evidence of a file that must be accepted."""
    found = inspect_evidence(name, content)
    assert isinstance(found, Evidence), found
    return found


@pytest.mark.parametrize(
    ("name", "content", "expected", "kind"),
    [
        ("退款凭证.pdf", PDF, "退款凭证.pdf", MediaType.PDF),
        ("photo.JPEG", JPEG, "photo.jpeg", MediaType.JPEG),
        ("scan.html", PNG, "scan.html.png", MediaType.PNG),
        ("C:\\fakepath\\..\\evil.pdf", PDF, "evil.pdf", MediaType.PDF),
        ("../../etc/passwd", PDF, "passwd.pdf", MediaType.PDF),
        ("a\u202efdp.exe", PDF, "afdp.exe.pdf", MediaType.PDF),
        ('"; filename="x.html', PNG, "_; filename=_x.html.png", MediaType.PNG),
        ("", PNG, "evidence.png", MediaType.PNG),
        ("...", PNG, "evidence.png", MediaType.PNG),
        ("CON.jpg", JPEG, "_CON.jpg", MediaType.JPEG),
        ("lpt1", PDF, "_lpt1.pdf", MediaType.PDF),
        ("合同。(2) .pdf", PDF, "合同。(2).pdf", MediaType.PDF),
        ("😀" * 90 + ".png", PNG, "😀" * 50 + ".png", MediaType.PNG),
        ("IMG_0001.HEIC", JPEG, "IMG_0001.HEIC.jpg", MediaType.JPEG),
    ],
)
def test_names_are_sanitized_and_end_in_the_suffix_of_the_content(
    name: str, content: bytes, expected: str, kind: MediaType
) -> None:
    taken = accepted(name, content)

    assert (taken.name, taken.media_type) == (expected, kind)


@given(st.text(max_size=300))
def test_any_name_becomes_one_short_visible_line(name: str) -> None:
    taken = accepted(name, PDF)

    assert 0 < len(taken.name) <= 100
    assert len(taken.name.encode()) <= 255
    assert taken.name.endswith(".pdf")
    assert not any(char in taken.name for char in '/\\\n\r\x00"')


@pytest.mark.parametrize(
    ("content", "stored"),
    [
        (JPEG + film(), JPEG),
        (JPEG + b"\0\x01\x0a\x0aMotionPhoto_Data" + film() + b"SEFH\x6b\0\0\0SEFT", JPEG),
        (JPEG + bytes(200_000), JPEG),
        (JPEG + jpeg(scan=b"\x01") + jpeg(scan=b"\x02"), JPEG),
        (jpeg(thumbnail=jpeg(scan=b"\x09")) + film(), jpeg(thumbnail=jpeg(scan=b"\x09"))),
        (b"\xff\xd8\xff" + JPEG[2:] + b"\xff" * 9, b"\xff\xd8\xff" + JPEG[2:]),
        (PNG + film(), PNG),
        (png(b"IEND\xaeB`\x82") + b"PK\x03\x04", png(b"IEND\xaeB`\x82")),
        (PDF + bytes(4_096), PDF),
        (PDF + b"\r\n\r\n", PDF + b"\r\n\r\n"),
        (b"\r\n" + PDF, PDF),
        (b"\xef\xbb\xbf \n" + PDF, PDF),
        (b"\x1b%-12345X@PJL JOB\r\n@PJL ENTER LANGUAGE=PDF\r\n" + PDF + b"\x1b%-12345X", PDF),
        (b"Date: Mon, 02 Nov 2026 08:00:00 GMT\r\nContent-Type: application/pdf\r\n\r\n" + PDF, PDF),
        (b"\0" * 128 + PDF, PDF),
        (UPDATED_PDF + b"\n<script>alert(1)</script>", UPDATED_PDF + b"\n"),
        (linearized_pdf() + bytes(64), linearized_pdf()),
    ],
    ids=[
        "motion photo", "trailer", "padded", "further pictures", "thumbnail", "fill bytes", "film behind png", "end mark in png",
        "padded pdf", "line breaks behind pdf", "line break first", "byte order mark", "printer", "mail gateway", "macbinary",
        "updated pdf", "linearized pdf",
    ],
)  # fmt: skip
def test_what_surrounds_the_picture_or_document_is_not_stored(content: bytes, stored: bytes) -> None:
    taken = accepted("证据", content)

    assert taken.content == stored
    assert taken.sha256 == hashlib.sha256(stored).digest()


@given(trailer=st.binary(max_size=400), start=st.sampled_from([JPEG, PNG]))
def test_whatever_follows_a_picture_leaves_it_as_it_is(trailer: bytes, start: bytes) -> None:
    assert accepted("证据", start + trailer).content == start


@given(st.binary(max_size=400).filter(lambda padding: b" obj" not in padding and b"%%EOF" not in padding))
def test_whatever_follows_a_document_leaves_at_most_white_space(padding: bytes) -> None:
    stored = accepted("证据", PDF + padding).content

    assert stored.startswith(PDF)
    assert stored[len(PDF) :].strip(b" \t\r\n") == b""


ACTIONS = (b"/OpenAction<</S/JavaScript/JS(app.alert\\(1\\))>>", b"/A<</S /Launch/F(x)>>", b"/S/J#61vaScr#69pt", b"/S/#4Caunch")


@pytest.mark.parametrize("action", ACTIONS)
def test_a_document_that_runs_something_is_rejected(action: bytes) -> None:
    found = inspect_evidence("x.pdf", PDF.replace(b"<<", b"<<" + action, 1))

    assert found == EvidenceRejected("x.pdf", EvidenceFault.ACTIVE)


@pytest.mark.parametrize(
    "harmless", [b"/OpenAction[3 0 R/FitH 0]", b"/LaunchPad 1", b"/Title(JavaScript)", b"/Names<</EmbeddedFiles 4 0 R>>"]
)
def test_a_document_that_only_speaks_of_it_is_accepted(harmless: bytes) -> None:
    accepted("x.pdf", PDF.replace(b"<<", b"<<" + harmless, 1))


def test_a_film_larger_than_the_limit_does_not_count() -> None:
    assert accepted("IMG.MP.jpg", JPEG + film(MAX_FILE_BYTES + 1)).content == JPEG


@pytest.mark.parametrize(
    ("content", "fault"),
    [
        (b"", EvidenceFault.EMPTY),
        (PNG[:-4], EvidenceFault.CUT_OFF),
        (PNG[:20], EvidenceFault.CUT_OFF),
        (JPEG[:-2], EvidenceFault.CUT_OFF),
        (jpeg(thumbnail=JPEG)[:-2], EvidenceFault.CUT_OFF),
        (b"\xff\xd8" + segment(0xE1, bytes(100))[:50], EvidenceFault.CUT_OFF),
        (PDF[:12], EvidenceFault.CUT_OFF),
        (UPDATED_PDF[:-6], EvidenceFault.CUT_OFF),
        (linearized_pdf()[:-200], EvidenceFault.CUT_OFF),
        (PDF[:-6] + b"%" * MAX_FILE_BYTES + b"\n%%EOF", EvidenceFault.TOO_LARGE),
    ],
)
def test_incomplete_and_large_files_are_rejected(content: bytes, fault: EvidenceFault) -> None:
    assert inspect_evidence("退款凭证.heic", content) == EvidenceRejected("退款凭证.heic", fault)


def zipped(part: bytes) -> bytes:
    """Return the beginning of a ZIP with one part."""
    return b"PK\x03\x04\x14\0\0\0\x08\0" + bytes(16) + len(part).to_bytes(2, "little") + b"\0\0" + part + bytes(40)


@pytest.mark.parametrize(
    ("content", "fault"),
    [
        (box(b"ftyp", b"heic\0\0\0\0mif1heic"), OtherFormat.HEIF),
        (box(b"ftyp", b"mif1\0\0\0\0heic"), OtherFormat.HEIF),
        (box(b"ftyp", b"avif\0\0\0\0avifmif1"), OtherFormat.HEIF),
        (box(b"ftyp", b"mp42\0\0\0\0mp42"), OtherFormat.RECORDING),
        (box(b"ftyp", b"qt  \0\0\0\0qt  "), OtherFormat.RECORDING),
        (box(b"ftyp", b"3gp5\0\0\0\0"), OtherFormat.RECORDING),
        (b"RIFF\x24\0\0\0WEBPVP8 ", OtherFormat.PICTURE),
        (b"RIFF\x24\0\0\0WAVEfmt ", OtherFormat.RECORDING),
        (b"#!AMR\n", OtherFormat.RECORDING),
        (b"ID3\x04", OtherFormat.RECORDING),
        (b"GIF89a", OtherFormat.PICTURE),
        (b"II*\0\x08\0\0\0", OtherFormat.PICTURE),
        (b"BM\x36\0\0\0", OtherFormat.PICTURE),
        (b"\xd0\xcf\x11\xe0\xa1\xb1\x1a\xe1" + bytes(500), OtherFormat.OFFICE),
        (b"{\\rtf1\\ansi", OtherFormat.OFFICE),
        (zipped(b"word/document.xml"), OtherFormat.OFFICE),
        (zipped(b"xl/workbook.xml"), OtherFormat.OFFICE),
        (zipped(b"OFD.xml"), OtherFormat.OFD),
        (zipped("照片.jpg".encode()), OtherFormat.ARCHIVE),
        (b"Rar!\x1a\x07\x01\0", OtherFormat.ARCHIVE),
        (b"<svg onload=alert(1)>", OtherFormat.WEB),
        (b"\xef\xbb\xbf\n<!DOCTYPE html>" + PDF, OtherFormat.WEB),
        (b"<html>" + JPEG, OtherFormat.WEB),
        (b"PK\x03\x04" + PDF, OtherFormat.ARCHIVE),
        (b"Received: from mx.example", OtherFormat.MAIL),
        ("聊天记录：".encode(), OtherFormat.UNKNOWN),
        (b" " * 1_100 + PDF, OtherFormat.UNKNOWN),
        (b"MZ\x90\0", OtherFormat.UNKNOWN),
    ],
)
def test_a_file_of_another_format_is_rejected_by_its_format(content: bytes, fault: Fault) -> None:
    assert inspect_evidence("IMG_0001.jpg", content) == EvidenceRejected("IMG_0001.jpg", fault)


@given(st.binary(max_size=2_000))
def test_no_content_raises(content: bytes) -> None:
    for start in (b"", b"\xff\xd8\xff", b"\x89PNG\r\n\x1a\n", b"%PDF-"):
        assert isinstance(inspect_evidence("x", start + content), Evidence | EvidenceRejected)
