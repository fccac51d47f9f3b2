"""The course of one complaint through an office: received, accepted or rejected, mediated, closed, amended."""

from __future__ import annotations

from typing import NamedTuple

from deploy.samples.chance import Chance
from deploy.samples.season import DAY, office_hours

REJECTED_SHARE = 0.045
EARLY_WITHDRAWAL_SHARE = 0.02
STRAIGHT_TO_ACCEPTED_SHARE = 0.12
MEDIATING_SHARE = 0.65
AMENDED_SHARE = 0.08
OUT_OF_ORDER_SHARE = 0.012
UNSETTLED = ("failed",) * 6 + ("withdrawn",) * 3 + ("transferred",)
CONTENT, DISCONTENT = (5, 5, 5, 4, 4, 3), (1, 2, 2, 3)
SETTLED = ("mediated",) * 3 + ("self_settled",)


class Step(NamedTuple):
    """One revision: the facts that hold after it. Moments are seconds of the epoch; `sent` is when it leaves the source."""

    at: int
    sent: int
    status: str
    outcome: str | None = None
    accepted: int | None = None
    closed: int | None = None
    recovered: str | None = None
    satisfaction: int | None = None
    case_number: str | None = None
    amended: str | None = None


def course(chance: Chance, received: int, amount: str | None, solved: float, end: int) -> list[Step]:
    """Return the revisions of a complaint received at `received`; `solved` is how often its operator settles.

    Nothing leaves a source from `end` on: the first revision of a complaint received before then leaves in time.
    """
    accepted = office_hours(chance, received + (1 + int(chance.random() * chance.random() * 6)) * DAY)
    first = Step(received, min(received + 60 + int(chance.random() * 600), end - 1), "received")
    drawn = chance.random()
    if drawn < REJECTED_SHARE:
        return [first, _at(accepted, "rejected")]
    if drawn < REJECTED_SHARE + EARLY_WITHDRAWAL_SHARE:
        return [first, _at(accepted, "closed", outcome="withdrawn", closed=accepted)]
    straight = chance.random() < STRAIGHT_TO_ACCEPTED_SHARE and accepted + DAY < end
    steps = [] if straight else [first]
    steps.append(_at(accepted, "accepted", accepted=accepted))
    closed = office_hours(chance, accepted + (3 + int(chance.random() * chance.random() * 38)) * DAY)
    if chance.random() < MEDIATING_SHARE:
        steps.append(_at(office_hours(chance, accepted + DAY), "mediating", accepted=accepted))
    steps.append(_close(chance, accepted, closed, amount, solved))
    if chance.random() < AMENDED_SHARE:
        steps.append(_amend(chance, steps[-1]))
    return _mixed(chance, steps, end)


def _at(
    moment: int, status: str, *, outcome: str | None = None, accepted: int | None = None, closed: int | None = None
) -> Step:
    return Step(moment, moment + 30, status, outcome, accepted, closed)


def _close(chance: Chance, accepted: int, closed: int, amount: str | None, solved: float) -> Step:
    settled = chance.random() < solved
    recovered = f"{float(amount) * chance.pick((0.3, 0.5, 0.7, 0.8, 1, 1, 1)):.2f}" if settled and amount else None
    return Step(
        at=closed,
        sent=closed + 30,
        status="closed",
        outcome=chance.pick(SETTLED if settled else UNSETTLED),
        accepted=accepted,
        closed=closed,
        recovered=recovered,
        satisfaction=chance.pick(CONTENT if settled else DISCONTENT) if chance.happens(0.3) else None,
    )


def _amend(chance: Chance, closed: Step) -> Step:
    """Return what a late update changes, weeks or months after the closing."""
    at = office_hours(chance, closed.at + (5 + int(chance.random() * 150)) * DAY)
    later = closed._replace(at=at, sent=at + 30)
    match chance.between(0, 4):
        case 0:
            return later._replace(satisfaction=chance.between(1, 5))
        case 1:
            return later._replace(case_number=f"AJ-{chance.digits(8)}")
        case 2:
            return later._replace(amended="amount")
        case 3:
            return later._replace(amended="operator")
        case _:
            return later._replace(amended="category")


def _mixed(chance: Chance, steps: list[Step], end: int) -> list[Step]:
    """Let one revision in a hundred leave its source after its successor."""
    if len(steps) > 1 and chance.random() < OUT_OF_ORDER_SHARE:
        late = chance.between(0, len(steps) - 2)
        sent = steps[late + 1].sent + 5 + int(chance.random() * 900)
        if sent < end:
            steps[late] = steps[late]._replace(sent=sent)
    return steps
