"""The changes that reports make, in any order and repetition."""

from __future__ import annotations

from datetime import UTC, datetime, timedelta, timezone

import pytest
from hypothesis import given
from hypothesis import strategies as st

from services.intake.domain import report as contract
from services.intake.domain.decision import (
    ComplaintState,
    Conflict,
    KeyedReport,
    New,
    Revised,
    Superseded,
    Unchanged,
    decide,
    fold,
)
from services.intake.domain.operators import NameClaims, name_key, operator_identity, operator_key, parse_uscc
from services.intake.domain.report import canonical_content, content_hash
from shared.contracts.reports import Channel, Complainant, ComplaintReport, Kind, Outcome, ReportedOperator, Status
from shared.identifiers import uuid7, uuid7s

AT = datetime(2026, 10, 1, tzinfo=UTC)
USCCS = ("91990102MA9K08RC3G", "91330100MA27XQ3J0C")


def report(revision=1, status=Status.RECEIVED, name="锦程", uscc=None, number="1", **fields):
    defaults = {
        "channel": Channel.LETTER, "external_id": number, "revision": revision, "kind": Kind.COMPLAINT, "received_at": AT,
        "operator": ReportedOperator(name=name, uscc=uscc), "title": "题", "status": status,
    }  # fmt: skip
    return ComplaintReport(**(defaults | fields))


def stored(sent, *, accepted=False, withheld=False):
    return ComplaintState(uuid7(), sent.revision, content_hash(sent), accepted, withheld, 1, "N-1", "锦程")


@pytest.mark.parametrize(
    ("state", "sent", "decision"),
    [
        (None, report(7), New()),
        (stored(report(2)), report(3), Revised()),
        (stored(report(2)), report(2), Unchanged()),
        (stored(report(2)), report(2, goods="手机"), Conflict()),
        (stored(report(2)), report(1), Superseded(marks_accepted=False)),
        (stored(report(2)), report(1, Status.ACCEPTED), Superseded(marks_accepted=True)),
        (stored(report(2)), report(1, accepted_at=AT), Superseded(marks_accepted=True)),
        (stored(report(2)), report(1, Status.CLOSED, outcome=Outcome.FAILED), Superseded(marks_accepted=True)),
        (stored(report(2)), report(1, Status.CLOSED, outcome=Outcome.WITHDRAWN), Superseded(marks_accepted=False)),
        (stored(report(2), accepted=True), report(1, Status.ACCEPTED), Superseded(marks_accepted=False)),
        (stored(report(2), withheld=True), report(2), Revised()),
    ],
)
def test_revision_and_content_decide_what_a_report_changes(state, sent, decision):
    assert decide(state, sent) == decision


def test_reports_of_one_batch_become_one_revision():
    reports = [keyed(report(n, status)) for n, status in enumerate((Status.RECEIVED, Status.ACCEPTED, Status.REJECTED), 1)]

    decisions, changes = fold({}, reports, lambda _, __: "K", uuid7s())

    assert decisions == [New(), Revised(), Revised()]
    ((key, change),) = changes.items()
    assert (key, change.report_index, change.state.revision, change.state.ever_accepted) == ((1, "1"), 2, 1, True)


def keyed(sent):
    return KeyedReport((1, sent.external_id), sent, operator_identity(sent.operator))


def test_a_repetition_in_one_batch_is_recognised_by_its_content():
    reports = [
        keyed(report(1)),
        keyed(report(1)),
        keyed(report(1, goods="手机")),
        keyed(report(2)),
        keyed(report(2)),
    ]

    decisions, changes = fold({}, reports, lambda _, __: "K", uuid7s())

    assert decisions == [New(), Unchanged(), Conflict(), Revised(), Unchanged()]
    ((_, change),) = changes.items()
    assert change.state.content_hash == content_hash(report(2))


def test_content_hash_does_not_depend_on_notation():
    shanghai = timezone(timedelta(hours=8))

    assert content_hash(report(amount="5")) == content_hash(report(9, amount="5.00", received_at=AT.astimezone(shanghai)))


@pytest.mark.parametrize("field", sorted(ComplaintReport.model_fields.keys() - {"revision"}))
def test_every_field_is_hashed(field):
    other = {
        "channel": Channel.OTHER, "kind": Kind.TIP_OFF, "ledger": "dispatched", "received_at": AT + timedelta(seconds=1),
        "operator": ReportedOperator(name="锦程", site="店"), "complainant": Complainant(phone="1"), "amount": "1", "recovered": "1",
        "status": Status.CLOSED, "outcome": "failed", "accepted_at": AT, "due_at": AT, "closed_at": AT, "satisfaction": 1,
    }.get(field, "别的")  # fmt: skip

    changed = report().model_copy(update={field: other})

    assert content_hash(changed) != content_hash(report())


def test_the_hash_covers_every_field_of_the_contract():
    parts = {"revision", "operator", "complainant"}

    assert {
        *contract.TEXT_FIELDS,
        *contract.TIME_FIELDS,
        *contract.AMOUNT_FIELDS,
    } == ComplaintReport.model_fields.keys() - parts
    assert set(contract.OPERATOR_FIELDS) == ReportedOperator.model_fields.keys()
    assert set(contract.COMPLAINANT_FIELDS) == Complainant.model_fields.keys()


def test_a_trailing_null_is_not_hashed():
    assert canonical_content(report()) == canonical_content(report(recovered=None))
    assert b"null]" not in canonical_content(report())


class Model:
    """Intake without a database: states by key, and claims of names, applied batch by batch."""

    def __init__(self):
        self.states, self.claims = {}, {}

    def ingest(self, batch):
        reports = [keyed(sent) for sent in batch]
        for each in reports:
            claimants = self.claims.setdefault(each.operator_identity.name_key, set())
            claimants |= {each.operator_identity.uscc} - {None}
        claimants_by_name = {name: NameClaims(tuple(sorted(claimants))).operator for name, claimants in self.claims.items()}
        _, changes = fold(self.states, reports, lambda identity, _: operator_key(identity, claimants_by_name), uuid7s())
        self.states |= {key: change.state for key, change in changes.items()}
        self.claimants_by_name = claimants_by_name

    def final(self):
        """The final state of each complaint, without intake's own revision and ids."""
        return {
            key: (
                state.source_revision,
                state.content_hash,
                state.ever_accepted,
                self.claimants_by_name.get(state.name_key) if state.name_key else state.operator_key,
            )
            for key, state in self.states.items()
        }


# One content per number and revision: contradictions depend on who comes first, by design.
REPORTS = [
    report(revision, status, name, uscc, number)
    for number, name, uscc in (
        ("1", "锦程", None),
        ("2", "锦 程", USCCS[0]),
        ("3", "锦程（总店）", None),
        ("4", "锦程(总店)", USCCS[1]),
    )
    for revision, status in ((1, Status.RECEIVED), (2, Status.ACCEPTED), (3, Status.REJECTED))
]


@given(st.lists(st.lists(st.sampled_from(REPORTS), max_size=6), max_size=12), st.permutations(REPORTS))
def test_the_final_state_does_not_depend_on_order_repetition_and_batches(noise, order):
    once, shuffled = Model(), Model()

    once.ingest(REPORTS)
    for batch in (*noise, *([sent] for sent in order)):
        shuffled.ingest(batch)

    assert shuffled.final() == once.final()


@pytest.mark.parametrize(
    ("claims", "operator", "contested"),
    [
        (NameClaims(()), None, False),
        (NameClaims(("A",)), "A", False),
        (NameClaims(("A", "B")), None, True),
        (NameClaims(("A", "B"), "B"), "B", False),
        (NameClaims(("A", "B"), ""), None, False),
    ],
)
def test_a_name_stands_for_its_one_claimant_or_for_whom_a_person_assigned_it_to(claims, operator, contested):
    assert (claims.operator, claims.is_contested) == (operator, contested)


FORMS = [
    "锦程（中国）有限公司", "锦程(中国)有限公司", "锦程 （中国） 有限公司", "锦程（中国）有限公司\u200b", "锦程\ufe0f（中国）有限公司", "锦程﹙中国﹚有限公司",
    "锦程【中国】有限公司", "锦程〔中国〕有限公司", "锦程[中国]有限公司", "锦程（中国）有限公司。", "“锦程（中国）有限公司”", "\u2066锦程（中国）有限公司\u2069",
    "锦程（中国）有限公司\xad", "\ufeff锦程（中国）\u00a0有限公司",
]  # fmt: skip


@pytest.mark.parametrize("name", FORMS)
def test_one_name_has_one_key_in_every_width_and_bracket(name):
    assert name_key(name) == "锦程(中国)有限公司"


def test_other_names_have_other_keys():
    names = ("锦程有限公司", "锦程（中国）有限公司", "锦程（中国）有限公司杭州分公司", "锦程·中国", "Jin-Cheng", "JinCheng")

    assert len(set(map(name_key, names))) == len(names)


@given(st.text(max_size=40))
def test_a_name_key_is_its_own_key(name):
    assert name_key(name_key(name)) == name_key(name)


@pytest.mark.parametrize(
    "written",
    [
        f'="{USCCS[1]}"',
        f"'{USCCS[1]}",
        f"\t{USCCS[1]}",
        USCCS[1].lower(),
        "91330100 MA27XQ3J0C",
        f"{USCCS[1]}\u200b",
        "９１３３０１００ＭＡ２７ＸＱ３Ｊ０Ｃ",
    ],
)
def test_a_code_is_read_without_what_exporters_put_around_it(written):
    assert parse_uscc(written) == USCCS[1]
