"""A form is taken only when it is whole, and then it has a receipt and a clock."""

from __future__ import annotations

from datetime import date
from typing import Any

import pytest

from services.corrections.domain import ApplicationState, FilingFault, FilingRejected, validate_filing
from shared.contracts import ApplicationKind, ItemState
from tests.unit.corrections.samples import OTHER_USCC, RULES, TODAY, application, filing, item


def test_a_complete_form_is_valid() -> None:
    assert validate_filing(filing(), item(), RULES, files=1) is None


def test_a_filed_application_has_a_receipt_and_a_deadline() -> None:
    filed = application()

    assert filed.receipt.startswith("SQ-2026-000431-")
    assert filed.state is ApplicationState.FILED
    assert (filed.received_on, filed.due_on, filed.provisional) == (TODAY, date(2026, 10, 15), False)
    assert filed.rules_version == "2026-04-15"


def test_the_event_of_a_filing_has_no_personal_data() -> None:
    lines = application().to_filed_event().model_dump_json()

    assert not any(secret in lines for secret in ("林嘉", "139", "押金", "悦动"))


@pytest.mark.parametrize(
    ("changes", "fault"),
    [
        ({"uscc": "91330106MA2CCMW40F"}, FilingFault.USCC),
        ({"uscc": OTHER_USCC}, FilingFault.USCC_FOREIGN),
        ({"reason_code": "A99"}, FilingFault.REASON),
        ({"reason_code": None}, FilingFault.REASON),
        ({"field": "secret"}, FilingFault.FIELD),
        ({"field": ""}, FilingFault.FIELD_MISSING),
        ({"value": " ", "field": "issue"}, FilingFault.VALUE),
        ({"value": "三千二"}, FilingFault.VALUE_FORM),
        ({"statement": " \n "}, FilingFault.STATEMENT),
        ({"statement": "很" * 501}, FilingFault.STATEMENT_LONG),
        ({"contact_name": ""}, FilingFault.CONTACT_NAME),
        ({"contact_phone": "没有"}, FilingFault.CONTACT_PHONE),
    ],
)
def test_each_fault_is_named(changes: dict[str, Any], fault: FilingFault) -> None:
    assert validate_filing(filing(**changes), item(), RULES, files=1) == FilingRejected((fault,))


def test_a_correction_needs_evidence_and_a_query_does_not() -> None:
    query = filing(kind=ApplicationKind.QUERY)

    assert validate_filing(filing(), item(), RULES, files=0) == FilingRejected((FilingFault.EVIDENCE,))
    assert validate_filing(query, item(), RULES, files=0) is None
    assert (query.reason_code, query.field, query.value) == (None, None, None)


@pytest.mark.parametrize("state", [ItemState.WITHDRAWN, ItemState.EXPIRED])
def test_nothing_can_be_applied_for_on_an_item_that_is_gone(state: ItemState) -> None:
    refused = validate_filing(filing(), item(state=state), RULES, files=1)

    assert refused is not None
    assert FilingFault.ITEM_CLOSED in refused.faults


def test_full_width_characters_are_normalized() -> None:
    form = filing(uscc="９１３３０１０６ma2ccmw406", contact_phone="１３９００００００００")

    assert validate_filing(form, item(), RULES, files=1) is None


def test_figures_and_codes_are_not_correctable_fields() -> None:
    operator = {"operator.name", "operator.address", "operator.scope"}

    assert set(item(period="2026-09").correctable_fields()) == {"title", "amount", "issue"} | operator
    assert item().correctable_fields()["operator.address"] == ""
