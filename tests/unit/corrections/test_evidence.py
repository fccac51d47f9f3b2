"""Evidence is taken for what it holds, never for what its name says."""

from __future__ import annotations

import pytest
from hypothesis import given
from hypothesis import strategies as st

from services.corrections.domain import MAX_FILE_BYTES, Evidence, EvidenceFault, EvidenceRejected, MediaType, inspect_evidence

PDF = b"%PDF-1.7\n1 0 obj\n%%EOF\n"
PNG = b"\x89PNG\r\n\x1a\n" + b"\x00" * 16 + b"IEND\xaeB`\x82"
JPEG = b"\xff\xd8\xff\xe0" + b"\x00" * 16 + b"\xff\xd9"


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
    ],
)
def test_names_are_sanitized_and_end_in_the_suffix_of_the_content(
    name: str, content: bytes, expected: str, kind: MediaType
) -> None:
    accepted = inspect_evidence(name, content)

    assert isinstance(accepted, Evidence)
    assert (accepted.name, accepted.media_type) == (expected, kind)


@pytest.mark.parametrize(
    ("content", "fault"),
    [
        (b"", EvidenceFault.EMPTY),
        (b"<svg onload=alert(1)>", EvidenceFault.UNSUPPORTED),
        (b"PK\x03\x04", EvidenceFault.UNSUPPORTED),
        (b"\x00\x00\x00\x18ftypheic", EvidenceFault.UNSUPPORTED),
        (PNG[:-4], EvidenceFault.CUT_OFF),
        (PDF[:12], EvidenceFault.CUT_OFF),
        (PDF + b"\x00" * MAX_FILE_BYTES, EvidenceFault.TOO_LARGE),
    ],
)
def test_other_files_are_refused_with_a_reason(content: bytes, fault: EvidenceFault) -> None:
    assert inspect_evidence("退款凭证.heic", content) == EvidenceRejected("退款凭证.heic", fault)


@given(st.text(max_size=300))
def test_any_name_becomes_one_short_visible_line(name: str) -> None:
    accepted = inspect_evidence(name, PDF)

    assert isinstance(accepted, Evidence)
    assert 0 < len(accepted.name) <= 100
    assert accepted.name.endswith(".pdf")
    assert not any(char in accepted.name for char in '/\\\n\r\x00"')
