"""The stage of the demo: everything started, the city's complaints replayed, months closed, boards filled."""

from __future__ import annotations

from collections.abc import Callable
from dataclasses import dataclass

from rich.progress import Progress

from deploy.cli.progress import Bars
from deploy.cli.status import until_applied
from deploy.demo import desk
from deploy.demo.months import past_months
from deploy.demo.replay import replay
from deploy.demo.staff import Staff, hire
from deploy.demo.visitor import Visitor
from deploy.samples import Emission, Ledger
from deploy.stores import opened
from deploy.supervisor import Supervisor
from services.publisher.store import screens
from services.publisher.store.screens import Screen
from services.stats.closing import close_month
from services.stats.domain.periods import period
from shared import clock
from shared.accounts import Role
from shared.errors import PermanentError
from shared.settings import Settings

APPLIED_WITHIN_S = 600.0
# Further seconds for each complaint of a large city.
APPLIED_EACH_S = 0.004
MONTHS = 12
CHECKED_MONTHS = 3
KEPT_DRAFTS, KEPT_APPROVED = 12, 4
# As the sample hotlines revise, repeat and spoil them; for the bar only.
EVENTS_A_COMPLAINT = 3.8
SCREENS = (Screen("demo", "云湖天地购物中心", None), Screen("demo-portrait", "湖东区政务服务中心", None))


class NotApplied(PermanentError):
    """Not everything that was reported has arrived everywhere."""


@dataclass(slots=True)
class Stage:
    """What the demo works with once everything runs."""

    supervisor: Supervisor
    staff: Staff
    ledger: Ledger
    patience_s: float

    @property
    def settings(self) -> Settings:
        """The settings with the addresses of what runs."""
        return self.supervisor.settings

    def visitor(self) -> Visitor:
        """Return somebody with a browser of their own."""
        return Visitor(**self.supervisor.urls)

    async def signed_in(self, visitor: Visitor, role: Role) -> Visitor:
        """Let the person of that role sign in."""
        account = self.staff.of(role)
        service, path = ("corrections", "/corrections/desk") if role is Role.OFFICER else ("publisher", "/desk")
        await visitor.sign_in(service, path, account.name, account.password)
        return visitor

    async def applied(self) -> None:
        """Return when everything said so far has arrived everywhere. Raises `NotApplied`."""
        behind = await until_applied(self.settings, tuple(self.supervisor.urls), self.patience_s)
        if behind:
            raise NotApplied("; ".join(behind))


async def set_up(supervisor: Supervisor, seed: int, complaints: int, bars: Progress, months: int, *, witnessed: bool) -> Stage:
    """Hire the staff, replay the city's complaints, close the last months and register the screens.

    `witnessed`: the stage's ledger is to know what was sent, so that it can be recounted.
    """
    staff = await hire(supervisor.settings)
    supervisor.announce(accounts=staff.accounts, source=staff.source)
    with_bar = Bars(bars)
    stage = Stage(supervisor, staff, Ledger(), APPLIED_WITHIN_S + complaints * APPLIED_EACH_S)
    witness = stage.ledger.add if witnessed else _unwitnessed
    sending = with_bar("Reporting complaints", round(complaints * EVENTS_A_COMPLAINT))
    await replay(supervisor.settings, supervisor.urls["intake"], staff.source, seed, complaints, witness, sending)
    waiting = with_bar("Counting them", None)
    await stage.applied()
    waiting(0)
    await _close_months(stage, with_bar("Closing months", months), months)
    await _register_screens(stage)
    await stage.applied()
    return stage


def _unwitnessed(_: Emission) -> None:
    """Nobody recounts: a million complaints are not kept in memory for nothing."""


async def fill_boards(stage: Stage, bars: Progress) -> int:
    """Let reviewer and gatekeeper do most of what waits; return how many items were released."""
    with_bar = Bars(bars)
    async with stage.visitor() as reviewer, stage.visitor() as gatekeeper:
        await stage.signed_in(reviewer, Role.REVIEWER)
        await stage.signed_in(gatekeeper, Role.GATEKEEPER)
        approved = await desk.approve(reviewer, keep=KEPT_DRAFTS, told=with_bar("Reviewing drafts", None))
        releasing = with_bar("Releasing items", max(0, approved - KEPT_APPROVED))
        released = await desk.release(gatekeeper, keep=KEPT_APPROVED, told=releasing)
    await stage.applied()
    return released


async def _close_months(stage: Stage, advance: Callable[[int], None], months: int) -> None:
    today = clock.local_day(clock.now(), stage.settings.zone)
    async with opened(stage.settings, "stats") as store:
        for name in past_months(today, months):
            month = period(name)
            if month is not None:
                await close_month(store, month, today, "demo")
            advance(1)


async def _register_screens(stage: Stage) -> None:
    async with opened(stage.settings, "publisher") as store, store.unit() as unit:
        for screen in SCREENS:
            await screens.register(unit.connection, screen)
