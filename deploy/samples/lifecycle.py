"""The lifecycle of one complaint at an office: received, accepted or rejected, mediated, closed, amended."""

from __future__ import annotations

from typing import NamedTuple

from deploy.samples.season import DAY, to_office_hours
from deploy.samples.seeded_random import SeededRandom

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
    """One revision with its facts. Moments are seconds of the epoch; `sent` is when it leaves the source."""

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


def draw_lifecycle(rng: SeededRandom, received: int, amount: str | None, solved: float, end: int) -> list[Step]:
    """Return the revisions of a complaint received at `received`; `solved` is the share that its operator settles.

    Nothing leaves a source from `end` on: the first revision of a complaint received before then leaves in time.
    """
    accepted = to_office_hours(rng, received + (1 + int(rng.random() * rng.random() * 6)) * DAY)
    first = Step(received, min(received + 60 + int(rng.random() * 600), end - 1), "received")
    drawn = rng.random()
    if drawn < REJECTED_SHARE:
        return [first, _at(accepted, "rejected")]
    if drawn < REJECTED_SHARE + EARLY_WITHDRAWAL_SHARE:
        return [first, _at(accepted, "closed", outcome="withdrawn", closed=accepted)]
    straight = rng.random() < STRAIGHT_TO_ACCEPTED_SHARE and accepted + DAY < end
    steps = [] if straight else [first]
    steps.append(_at(accepted, "accepted", accepted=accepted))
    closed = to_office_hours(rng, accepted + (3 + int(rng.random() * rng.random() * 38)) * DAY)
    if rng.random() < MEDIATING_SHARE:
        steps.append(_at(to_office_hours(rng, accepted + DAY), "mediating", accepted=accepted))
    steps.append(_close(rng, accepted, closed, amount, solved))
    if rng.random() < AMENDED_SHARE:
        steps.append(_amend(rng, steps[-1]))
    return _reorder(rng, steps, end)


def _at(
    moment: int, status: str, *, outcome: str | None = None, accepted: int | None = None, closed: int | None = None
) -> Step:
    return Step(moment, moment + 30, status, outcome, accepted, closed)


def _close(rng: SeededRandom, accepted: int, closed: int, amount: str | None, solved: float) -> Step:
    settled = rng.random() < solved
    recovered = f"{float(amount) * rng.pick((0.3, 0.5, 0.7, 0.8, 1, 1, 1)):.2f}" if settled and amount else None
    return Step(
        at=closed,
        sent=closed + 30,
        status="closed",
        outcome=rng.pick(SETTLED if settled else UNSETTLED),
        accepted=accepted,
        closed=closed,
        recovered=recovered,
        satisfaction=rng.pick(CONTENT if settled else DISCONTENT) if rng.happens(0.3) else None,
    )


def _amend(rng: SeededRandom, closed: Step) -> Step:
    """Return the closed step with the changes of a late update, weeks or months after the closing."""
    at = to_office_hours(rng, closed.at + (5 + int(rng.random() * 150)) * DAY)
    later = closed._replace(at=at, sent=at + 30)
    match rng.randint(0, 4):
        case 0:
            return later._replace(satisfaction=rng.randint(1, 5))
        case 1:
            return later._replace(case_number=f"AJ-{rng.digits(8)}")
        case 2:
            return later._replace(amended="amount")
        case 3:
            return later._replace(amended="operator")
        case _:
            return later._replace(amended="category")


def _reorder(rng: SeededRandom, steps: list[Step], end: int) -> list[Step]:
    """Delay `OUT_OF_ORDER_SHARE` of the complaints' revisions until after their successor."""
    if len(steps) > 1 and rng.random() < OUT_OF_ORDER_SHARE:
        late = rng.randint(0, len(steps) - 2)
        sent = steps[late + 1].sent + 5 + int(rng.random() * 900)
        if sent < end:
            steps[late] = steps[late]._replace(sent=sent)
    return steps
