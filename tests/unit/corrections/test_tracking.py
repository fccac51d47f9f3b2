"""A tracking code leads to its application, however it is written down; a receipt number alone leads nowhere."""

from __future__ import annotations

import pytest
from hypothesis import given
from hypothesis import strategies as st

from services.corrections.domain import TrackingFault, TrackingQuery, canonical_code, generate_code, receipt_number

TOKEN = "Zq3-_x" * 7 + "A"
CODE = "7K3M-0QXD-9T5A-WBEN"
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
        (CODE, CODE, None),
        (CODE.lower(), CODE, None),
        (CODE.replace("-", ""), CODE, None),
        (CODE.replace("-", " ").replace("0", "o"), CODE, None),
        (f"{RECEIPT} {CODE}", CODE, RECEIPT),
        (f"{CODE} {RECEIPT}", CODE, RECEIPT),
        (f"https://gongshi.example/corrections/track/{CODE}?filed=1", CODE, None),
        (CODE[:-1], None, None),
        (CODE + "A", None, None),
        ("7K3M-0QXD-9T5A-WBEU", None, None),
        ("", None, None),
        ("GS-2026-000001", None, None),
    ],
)
def test_code_and_receipt_are_found_in_what_was_typed(text: str, token: str | None, receipt: str | None) -> None:
    assert TrackingQuery.parse(text) == TrackingQuery(token, receipt)


def test_a_new_code_is_found_however_it_is_typed() -> None:
    code = generate_code()

    assert canonical_code(code) == code
    assert TrackingQuery.parse(code.lower().replace("-", " ")).token == code
    assert generate_code() != code


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

    assert query.token is None or canonical_code(query.token) == query.token
