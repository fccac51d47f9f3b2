"""One report at one source: its constant fields and the fields of each revision."""

from __future__ import annotations

from collections.abc import Sequence
from dataclasses import dataclass
from itertools import pairwise
from typing import Any

from deploy.samples.emission import Carrier, Facts
from deploy.samples.lifecycle import Step, draw_lifecycle
from deploy.samples.operators import Operator
from deploy.samples.season import DAY, local_day, local_time, utc_time
from deploy.samples.seeded_random import SeededRandom
from deploy.samples.wording import Clerk, Dispute
from shared.reference import industries

AMOUNT_SHARE = 0.88
HANDLING_DAYS = 60
NAME_ONLY_SHARE = 0.07
ALIAS_SHARE = 0.05
ALIAS_WITH_CODE_SHARE = 0.02
MISCOPIED_CODE_SHARE = 0.008
UNMAPPED_SHARE = 0.008


@dataclass(frozen=True, slots=True)
class Hotline:
    """One synthetic source. `dispatched` is the share of its reports in that part of the ledger; `utc` how it writes times."""

    source: str
    channel: str
    carrier: Carrier
    prefix: str
    dispatched: float
    utc: bool = False


@dataclass(frozen=True, slots=True)
class World:
    """Shared by all reports of a run: all operators, and the end of the run."""

    operators: Sequence[Operator]
    end: int


@dataclass(slots=True)
class Report:
    """A report with all its revisions to come; `data(index)` and `facts(index, …)` are of revision index + 1."""

    hotline: Hotline
    external_id: str
    steps: list[Step]
    personal: tuple[str, ...]
    in_order: bool
    dispute: tuple[str, str]
    received: int
    base: dict[str, Any]
    amended: dict[str, Any]
    true_usccs: tuple[str, str]
    valid_usccs: tuple[bool, bool]

    def data(self, index: int) -> dict[str, Any]:
        """Return the `data` of the complaint report of INTERFACE; nested objects are shared, the outer one is the caller's."""
        step, clock = self.steps[index], utc_time if self.hotline.utc else local_time
        data = {**self.base, **self.amended} if step.amended else self.base.copy()
        data["revision"] = index + 1
        data["status"] = step.status
        data["outcome"] = step.outcome
        data["recovered"] = step.recovered
        data["satisfaction"] = step.satisfaction
        data["case_number"] = step.case_number
        if step.accepted is not None:
            data["accepted_at"] = clock(step.accepted)
            data["due_at"] = clock(step.accepted + HANDLING_DAYS * DAY)
        if step.closed is not None:
            data["closed_at"] = clock(step.closed)
        return data

    def facts(self, index: int, data: dict[str, Any]) -> Facts:
        """Return the facts of that revision, for a recount without the system."""
        step, operator = self.steps[index], data["operator"]
        now = 1 if step.amended else 0
        return Facts(
            self.hotline.source,
            self.external_id,
            index + 1,
            data["kind"],
            self.hotline.channel,
            local_day(self.received),
            data["region"],
            data["industry"],
            data["category"],
            operator["uscc"],
            self.valid_usccs[now],
            operator["name"],
            self.true_usccs[now],
            data["amount"],
            step.recovered,
            step.status,
            step.outcome,
            local_day(step.accepted) if step.accepted is not None else None,
            local_day(step.closed) if step.closed is not None else None,
            self.dispute,
        )


def write_report(
    clerk: Clerk,
    hotline: Hotline,
    external_id: str,
    received: int,
    dispute: Dispute,
    same_as: tuple[str, str] | None,
    world: World,
    *,
    tip_off: bool = False,
) -> Report:
    """Write the report of `dispute` that `hotline` receives; `same_as` is the first report of it on another channel, if any."""
    rng, operator = clerk.rng, dispute.operator
    wording = clerk.tip_off(operator, dispute.person) if tip_off else clerk.complaint(dispute, hotline.channel)
    amount = dispute.price if not tip_off and rng.random() < AMOUNT_SHARE else None
    steps = draw_lifecycle(rng, received, amount, operator.solved, world.end)
    operator_data = _reported_operator(rng, operator)
    base = {
        "channel": hotline.channel,
        "external_id": external_id,
        "revision": 1,
        "kind": "tip_off" if tip_off else "complaint",
        "ledger": "dispatched" if rng.random() < hotline.dispatched else "received",
        "received_at": utc_time(received) if hotline.utc else local_time(received),
        "region": operator.region,
        "industry": operator.trade.industry,
        "category": dispute.category,
        "goods": dispute.goods.name,
        "operator": operator_data,
        "complainant": _complainant(rng, dispute),
        "title": wording.title,
        "text": wording.text,
        "amount": amount,
        "status": "received",
        "outcome": None,
        "accepted_at": None,
        "due_at": None,
        "closed_at": None,
        "recovered": None,
        "satisfaction": None,
        "case_number": None,
        "office": f"{operator.region}000",
        "goods_class": _goods_class(operator.trade.industry),
        "sale_mode": "online" if operator_data["platform"] else "in_store",
        "demand": dispute.demand.short,
    }
    if rng.random() < UNMAPPED_SHARE:
        base |= rng.pick(({"category": "HL-K07"}, {"region": "990199"}, {"industry": "Z9999"}, {"category": None}))
    amended, meant = _draw_amendment(rng, steps[-1], base, dispute, world.operators)
    return Report(
        hotline,
        external_id,
        steps,
        wording.personal,
        all(step.sent < later.sent for step, later in pairwise(steps)),
        same_as or (hotline.source, external_id),
        received,
        base,
        amended,
        (operator.uscc, meant.uscc),
        (operator_data["uscc"] == operator.uscc, amended.get("operator", operator_data)["uscc"] == meant.uscc),
    )


def _reported_operator(rng: SeededRandom, operator: Operator) -> dict[str, Any]:
    """Return the operator as reported: mostly whole, sometimes by name alone, by another name, or with a miscopied code."""
    registered = _registered_operator(operator)
    draw = rng.random()
    if draw < NAME_ONLY_SHARE:
        return registered | {"uscc": None, "address": None, "scope": None}
    if draw < NAME_ONLY_SHARE + ALIAS_SHARE:
        return registered | {"name": rng.pick(operator.aliases), "uscc": None, "scope": None}
    if draw < NAME_ONLY_SHARE + ALIAS_SHARE + ALIAS_WITH_CODE_SHARE:
        return registered | {"name": rng.pick(operator.aliases)}
    if draw < NAME_ONLY_SHARE + ALIAS_SHARE + ALIAS_WITH_CODE_SHARE + MISCOPIED_CODE_SHARE:
        return registered | {"uscc": operator.miscopied_uscc}
    return registered


def _goods_class(industry: str) -> str:
    return f"{'商品' if industry.startswith('F') else '服务'}->{industries()[industry].zh}"


def _registered_operator(operator: Operator) -> dict[str, Any]:
    return {
        "name": operator.name,
        "uscc": operator.uscc,
        "address": operator.address,
        "scope": operator.trade.scope,
        "platform": operator.platform,
        "site": operator.site,
    }


def _complainant(rng: SeededRandom, dispute: Dispute) -> dict[str, Any]:
    person = dispute.person
    return {
        "name": person.name if rng.happens(0.93) else None,
        "phone": person.phone if rng.happens(0.97) else None,
        "id_number": person.id_number if rng.happens(0.2) else None,
        "address": person.address if rng.happens(0.15) else None,
        "consents_to_publish": rng.happens(0.6),
        "consents_to_direct": rng.happens(0.3),
    }


def _draw_amendment(
    rng: SeededRandom, last: Step, base: dict[str, Any], dispute: Dispute, everyone: Sequence[Operator]
) -> tuple[dict[str, Any], Operator]:
    """Return the fields that the late update changes, and the operator meant after it."""
    operator = dispute.operator
    match last.amended:
        case "amount" if base["amount"] is not None:
            return {"amount": f"{float(dispute.price) * (0.5 + rng.random() * 0.5):.2f}"}, operator
        case "operator":
            meant = rng.pick(everyone) if base["operator"]["uscc"] == operator.uscc else operator
            return {"operator": _registered_operator(meant)}, meant
        case "category":
            return {"category": rng.pick(tuple(operator.trade.mix))}, operator
        case _:
            return {}, operator
