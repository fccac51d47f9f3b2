"""A tracking code leads to its application, however it is written down; a receipt number alone leads nowhere."""

from __future__ import annotations

import secrets

import pytest
from hypothesis import given
from hypothesis import strategies as st

from services.corrections.domain import TOKEN_BYTES, TOKEN_LENGTH, TrackingFault, TrackingQuery, receipt_number

TOKEN = "Zq3-_x" * 7 + "A"
RECEIPT = receipt_number(2026, 1)


@pytest.mark.parametrize(
    ("text", "token", "receipt"),
    [
        (TOKEN, TOKEN, None),
        (f"  {TOKEN}\n", TOKEN, None),
        (f"https://gongshi.example/corrections/track/{TOKEN}?filed=1", TOKEN, None),
        (f"/corrections/track/{TOKEN}/evidence/1", TOKEN, None),
        (f"查询码：{TOKEN}。", TOKEN, None),
        (f"{RECEIPT} {TOKEN}", TOKEN, RECEIPT),
        (f"{TOKEN}，{RECEIPT}", TOKEN, RECEIPT),
        (RECEIPT, None, RECEIPT),
        (RECEIPT.lower(), None, RECEIPT),
        (RECEIPT.replace("-", ""), None, RECEIPT),
        (RECEIPT.replace("-", " "), None, RECEIPT),
        ("ＳＱ－２０２６－０００００１－" + RECEIPT[-1], None, RECEIPT),
        (f"\u200b{RECEIPT}\ufeff", None, RECEIPT),
        (TOKEN[:-1], None, None),
        (TOKEN + "A", None, None),
        ("", None, None),
        ("GS-2026-000001", None, None),
    ],
)
def test_code_and_receipt_are_found_in_what_was_typed(text: str, token: str | None, receipt: str | None) -> None:
    assert TrackingQuery.parse(text) == TrackingQuery(token, receipt)


def test_a_new_code_has_the_length_that_is_looked_for() -> None:
    token = secrets.token_urlsafe(TOKEN_BYTES)

    assert len(token) == TOKEN_LENGTH
    assert TrackingQuery.parse(token).token == token


@pytest.mark.parametrize(
    ("query", "receipt", "fault"),
    [
        (TrackingQuery(TOKEN, None), RECEIPT, None),
        (TrackingQuery(TOKEN, RECEIPT), RECEIPT, None),
        (TrackingQuery(TOKEN, receipt_number(2026, 2)), RECEIPT, TrackingFault.OTHER_RECEIPT),
        (TrackingQuery(TOKEN, None), None, TrackingFault.UNKNOWN_CODE),
        (TrackingQuery(TOKEN, RECEIPT), None, TrackingFault.UNKNOWN_CODE),
        (TrackingQuery(None, RECEIPT), None, TrackingFault.RECEIPT_ALONE),
        (TrackingQuery(None, None), None, TrackingFault.NO_CODE),
    ],
)
def test_a_query_leads_to_an_application_only_by_its_code(
    query: TrackingQuery, receipt: str | None, fault: TrackingFault | None
) -> None:
    assert query.fault(receipt) is fault


@given(st.text())
def test_any_text_is_taken_apart(text: str) -> None:
    query = TrackingQuery.parse(text)

    assert query.token is None or len(query.token) == TOKEN_LENGTH
