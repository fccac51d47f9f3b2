"""What reports change, whatever their order and repetition."""

from __future__ import annotations

from datetime import UTC, datetime, timedelta, timezone

import pytest
from hypothesis import given
from hypothesis import strategies as st

from services.intake.domain import report as contract
from services.intake.domain.decision import Arrival, Conflict, Duplicate, New, Revised, State, Superseded, decide, fold
from services.intake.domain.operators import attribution, holder, name_key, operator_key
from services.intake.domain.report import content, content_hash
from shared.contracts.reports import Channel, Complainant, ComplaintReport, Kind, Outcome, ReportedOperator, Status
from shared.identifiers import uuid7, uuid7s

AT = datetime(2026, 10, 1, tzinfo=UTC)
USCCS = ("91990102MA9K08RC3G", "91330100MA27XQ3J0C")


def report(revision=1, status=Status.RECEIVED, name="锦程", uscc=None, number="1", **fields):
    given_fields = {
        "channel": Channel.LETTER, "external_id": number, "revision": revision, "kind": Kind.COMPLAINT, "received_at": AT,
        "operator": ReportedOperator(name=name, uscc=uscc), "title": "题", "status": status,
    }  # fmt: skip
    return ComplaintReport(**(given_fields | fields))


def known(said, *, accepted=False, withheld=False):
    return State(uuid7(), said.revision, content_hash(said), accepted, withheld, 1, "N-1", "锦程")


@pytest.mark.parametrize(
    ("state", "said", "decision"),
    [
        (None, report(7), New()),
        (known(report(2)), report(3), Revised()),
        (known(report(2)), report(2), Duplicate()),
        (known(report(2)), report(2, goods="手机"), Conflict()),
        (known(report(2)), report(1), Superseded(accepts=False)),
        (known(report(2)), report(1, Status.ACCEPTED), Superseded(accepts=True)),
        (known(report(2)), report(1, accepted_at=AT), Superseded(accepts=True)),
        (known(report(2)), report(1, Status.CLOSED, outcome=Outcome.FAILED), Superseded(accepts=True)),
        (known(report(2)), report(1, Status.CLOSED, outcome=Outcome.WITHDRAWN), Superseded(accepts=False)),
        (known(report(2), accepted=True), report(1, Status.ACCEPTED), Superseded(accepts=False)),
        (known(report(2), withheld=True), report(2), Revised()),
    ],
)
def test_a_report_changes_what_its_revision_and_content_say(state, said, decision):
    assert decide(state, said) == decision


def test_reports_of_one_batch_are_one_revision():
    arrivals = [arrival(report(n, status)) for n, status in enumerate((Status.RECEIVED, Status.ACCEPTED, Status.REJECTED), 1)]

    decisions, changes = fold({}, arrivals, lambda _: "K", uuid7s())

    assert decisions == [New(), Revised(), Revised()]
    ((key, change),) = changes.items()
    assert (key, change.by, change.state.revision, change.state.ever_accepted) == ((1, "1"), 2, 1, True)


def arrival(said):
    return Arrival((1, said.external_id), said, attribution(said.operator))


def test_a_repetition_in_one_batch_is_known_by_its_content():
    arrivals = [
        arrival(report(1)),
        arrival(report(1)),
        arrival(report(1, goods="手机")),
        arrival(report(2)),
        arrival(report(2)),
    ]

    decisions, changes = fold({}, arrivals, lambda _: "K", uuid7s())

    assert decisions == [New(), Duplicate(), Conflict(), Revised(), Duplicate()]
    ((_, change),) = changes.items()
    assert change.state.content_hash == content_hash(report(2))


def test_content_is_the_same_however_it_is_written():
    shanghai = timezone(timedelta(hours=8))

    assert content_hash(report(amount="5")) == content_hash(report(9, amount="5.00", received_at=AT.astimezone(shanghai)))


@pytest.mark.parametrize("field", sorted(ComplaintReport.model_fields.keys() - {"revision"}))
def test_every_field_is_content(field):
    other = {
        "channel": Channel.OTHER, "kind": Kind.TIP_OFF, "ledger": "dispatched", "received_at": AT + timedelta(seconds=1),
        "operator": ReportedOperator(name="锦程", site="店"), "complainant": Complainant(phone="1"), "amount": "1", "recovered": "1",
        "status": Status.CLOSED, "outcome": "failed", "accepted_at": AT, "due_at": AT, "closed_at": AT, "satisfaction": 1,
    }.get(field, "别的")  # fmt: skip

    changed = report().model_copy(update={field: other})

    assert content_hash(changed) != content_hash(report())


def test_the_hash_covers_every_part_of_the_contract():
    parts = {"revision", "operator", "complainant"}

    assert {*contract.SAID, *contract.MOMENTS, *contract.AMOUNTS} == ComplaintReport.model_fields.keys() - parts
    assert set(contract.SAID_OF_OPERATOR) == ReportedOperator.model_fields.keys()
    assert set(contract.SAID_OF_COMPLAINANT) == Complainant.model_fields.keys()


def test_a_null_at_the_end_of_a_part_is_not_content():
    assert content(report()) == content(report(recovered=None))
    assert b"null]" not in content(report())


class Model:
    """Intake without a database: states by key, and claims of names, applied batch by batch."""

    def __init__(self):
        self.states, self.claims = {}, {}

    def take_in(self, batch):
        arrivals = [arrival(said) for said in batch]
        for each in arrivals:
            claimants = self.claims.setdefault(each.who.name_key, set())
            claimants |= {each.who.uscc} - {None}
        holders = {name: holder(sorted(claimants)) for name, claimants in self.claims.items()}
        _, changes = fold(self.states, arrivals, lambda who: operator_key(who, holders), uuid7s())
        self.states |= {key: change.state for key, change in changes.items()}
        self.holders = holders

    def final(self):
        """What stands of each complaint, without what numbers the way there."""
        return {
            key: (
                s.source_revision,
                s.content_hash,
                s.ever_accepted,
                self.holders.get(s.name_key) if s.name_key else s.operator_key,
            )
            for key, s in self.states.items()
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
def test_order_repetition_and_batches_do_not_matter(noise, order):
    once, anyhow = Model(), Model()

    once.take_in(REPORTS)
    for batch in (*noise, *([said] for said in order)):
        anyhow.take_in(batch)

    assert anyhow.final() == once.final()


def test_names_are_compared_without_spaces_width_and_case():
    assert name_key("锦程（总店） Ltd") == name_key(" 锦程(总店)LTD")
