"""Evidence is taken for what it holds, never for what its name says."""

from __future__ import annotations

import pytest
from hypothesis import given
from hypothesis import strategies as st

from services.corrections.domain import MOST_BYTES, Evidence, EvidenceFault, EvidenceRefused, MediaType, examine

PDF = b"%PDF-1.7\n1 0 obj\n%%EOF\n"
PNG = b"\x89PNG\r\n\x1a\n" + b"\x00" * 16 + b"IEND\xaeB`\x82"
JPEG = b"\xff\xd8\xff\xe0" + b"\x00" * 16 + b"\xff\xd9"


@pytest.mark.parametrize(
    ("name", "content", "kept", "kind"),
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
def test_names_are_made_safe_and_tell_the_content(name: str, content: bytes, kept: str, kind: MediaType) -> None:
    taken = examine(name, content)

    assert isinstance(taken, Evidence)
    assert (taken.name, taken.media_type) == (kept, kind)


@pytest.mark.parametrize(
    ("content", "fault"),
    [
        (b"", EvidenceFault.EMPTY),
        (b"<svg onload=alert(1)>", EvidenceFault.UNSUPPORTED),
        (b"PK\x03\x04", EvidenceFault.UNSUPPORTED),
        (b"\x00\x00\x00\x18ftypheic", EvidenceFault.UNSUPPORTED),
        (PNG[:-4], EvidenceFault.CUT_OFF),
        (PDF[:12], EvidenceFault.CUT_OFF),
        (PDF + b"\x00" * MOST_BYTES, EvidenceFault.TOO_LARGE),
    ],
)
def test_other_files_are_refused_with_a_reason(content: bytes, fault: EvidenceFault) -> None:
    assert examine("退款凭证.heic", content) == EvidenceRefused("退款凭证.heic", fault)


@given(st.text(max_size=300))
def test_any_name_ends_as_one_short_visible_line(name: str) -> None:
    taken = examine(name, PDF)

    assert isinstance(taken, Evidence)
    assert 0 < len(taken.name) <= 100
    assert taken.name.endswith(".pdf")
    assert not any(char in taken.name for char in '/\\\n\r\x00"')
