"""The demo system: everything started, the city's complaints replayed, months closed, boards filled."""

from __future__ import annotations

from collections.abc import Callable
from dataclasses import dataclass

from rich.progress import Progress

from deploy.cli.progress import Bars
from deploy.cli.status import wait_applied
from deploy.databases import open_database
from deploy.demo import batches, desk, office_items
from deploy.demo.months import past_months
from deploy.demo.replay import replay
from deploy.demo.staff import Staff, create_staff
from deploy.demo.visitor import Visitor
from deploy.readers import issue_local_key
from deploy.samples import Emission, Ledger
from deploy.supervisor import Supervisor
from services.publisher import screen_pairing
from services.publisher.store.screens import Screen
from services.stats.closing import close_month
from services.stats.domain.periods import parse_period
from shared import clock
from shared.accounts import Role
from shared.errors import PermanentError
from shared.settings import Settings

APPLIED_TIMEOUT_S = 600.0
# Added to the time-out for each complaint.
APPLIED_S_PER_COMPLAINT = 0.004
MONTHS = 12
CHECKED_MONTHS = 3
DRAFTS_LEFT, APPROVED_LEFT = 12, 4
# Revisions, repeats and malformed events included; for the progress bar only.
EVENTS_PER_COMPLAINT = 3.8
# Open to any browser, and proof of nothing.
SCREENS = (
    Screen("demo", "云湖天地购物中心", None, is_open=True),
    Screen("demo-portrait", "湖东区政务服务中心", None, is_open=True),
)
PAIRED_SCREEN = Screen("demo-paired", "云州市政务服务大厅", None)


class NotApplied(PermanentError):
    """Not everything that was reported is applied everywhere."""


@dataclass(slots=True)
class DemoSystem:
    """The running system with its staff, a key that reads figures, and the ledger of what was sent."""

    supervisor: Supervisor
    staff: Staff
    reader_key: str
    ledger: Ledger
    applied_timeout_s: float
    screen_secret: str = ""

    @property
    def settings(self) -> Settings:
        """The settings with the addresses of the running engines."""
        return self.supervisor.settings

    def visitor(self) -> Visitor:
        """Return a visitor with an HTTP client of its own."""
        return Visitor(**self.supervisor.urls)

    async def sign_in(self, visitor: Visitor, role: Role) -> Visitor:
        """Sign in the visitor as the person of a role."""
        account = self.staff.of(role)
        service, path = ("corrections", "/corrections/desk") if role is Role.OFFICER else ("publisher", "/desk")
        await visitor.sign_in(service, path, account.name, account.password)
        return visitor

    async def wait_applied(self) -> None:
        """Return when everything reported so far is applied everywhere. Raises `NotApplied`."""
        backlog = await wait_applied(self.settings, tuple(self.supervisor.urls), self.applied_timeout_s)
        if backlog:
            raise NotApplied("; ".join(backlog))


async def set_up_demo(
    supervisor: Supervisor, seed: int, complaints: int, bars: Progress, months: int, *, with_ledger: bool
) -> DemoSystem:
    """Create the staff, replay the city's complaints, close the last months and register the screens.

    `with_ledger`: record what was sent in the ledger, for the reconciliation.
    """
    staff = await create_staff(supervisor.settings)
    supervisor.set_demo_access(accounts=staff.accounts, source=staff.source)
    reader_key = await issue_local_key(supervisor.settings)
    supervisor.set_reader_key(reader_key)
    add_bar = Bars(bars)
    system = DemoSystem(supervisor, staff, reader_key, Ledger(), APPLIED_TIMEOUT_S + complaints * APPLIED_S_PER_COMPLAINT)
    on_emission = system.ledger.add if with_ledger else _ignore
    sending = add_bar("Reporting complaints", round(complaints * EVENTS_PER_COMPLAINT))
    await replay(supervisor.settings, supervisor.urls["intake"], staff.source, seed, complaints, on_emission, sending)
    counting = add_bar("Counting them", None)
    await system.wait_applied()
    counting(0)
    await _close_months(system, add_bar("Closing months", months), months)
    await _register_screens(system)
    await system.wait_applied()
    return system


def _ignore(_: Emission) -> None:
    """Record nothing: without a reconciliation a million complaints need no memory."""


async def fill_boards(system: DemoSystem, bars: Progress) -> int:
    """Approve and release most pending items; return how many were released."""
    add_bar = Bars(bars)
    async with system.visitor() as reviewer, system.visitor() as gatekeeper:
        await system.sign_in(reviewer, Role.REVIEWER)
        await system.sign_in(gatekeeper, Role.GATEKEEPER)
        approved = await desk.approve(reviewer, leave=DRAFTS_LEFT, on_progress=add_bar("Reviewing drafts", None))
        releasing = add_bar("Releasing items", max(0, approved - APPROVED_LEFT))
        released = await desk.release(gatekeeper, leave=APPROVED_LEFT, on_progress=releasing)
    await system.wait_applied()
    return released


async def fill_office_boards(system: DemoSystem, bars: Progress) -> list[str]:
    """Let each office draft an item of each of its kinds, and two others review and release them; return the items."""
    advance = Bars(bars)("Drafting of offices", len(system.staff.all_of(Role.DRAFTER)))
    items: list[str] = []
    async with system.visitor() as public, system.visitor() as reviewer, system.visitor() as gatekeeper:
        await system.sign_in(reviewer, Role.REVIEWER)
        await system.sign_in(gatekeeper, Role.GATEKEEPER)
        known = (await public.json("publisher", "/api/items?kind=operator_month&limit=50"))["items"]
        operator = next(item["operator"] for item in known if item["operator"] and item["operator"]["uscc"])
        month = max(item["period"] for item in known)
        for account in system.staff.all_of(Role.DRAFTER):
            async with system.visitor() as drafter:
                await drafter.sign_in("publisher", "/desk", account.name, account.password)
                await office_items.draft(drafter, operator)
                await office_items.draft_report(drafter, month)
                items += await office_items.find_drafts(drafter)
            advance(1)
        await office_items.release(reviewer, gatekeeper, items)
    await system.wait_applied()
    return items


async def fill_records(system: DemoSystem, bars: Progress) -> None:
    """Look at the sample of a batch of records, and approve and release the batch."""
    advance = Bars(bars)("Records of handled complaints", 1)
    async with system.visitor() as reviewer, system.visitor() as gatekeeper:
        await system.sign_in(reviewer, Role.REVIEWER)
        await system.sign_in(gatekeeper, Role.GATEKEEPER)
        await batches.publish_batch(reviewer, gatekeeper)
    advance(1)
    await system.wait_applied()


async def _close_months(system: DemoSystem, advance: Callable[[int], None], months: int) -> None:
    today = clock.local_day(clock.now(), system.settings.zone)
    async with open_database(system.settings, "stats") as database:
        for name in past_months(today, months):
            month = parse_period(name)
            if month is not None:
                await close_month(database, month, today, "demo")
            advance(1)


async def _register_screens(system: DemoSystem) -> None:
    async with open_database(system.settings, "publisher") as database, database.unit_of_work() as uow:
        for screen in (*SCREENS, PAIRED_SCREEN):
            await screen_pairing.register(uow, "demo", screen)
        # Only its hash is kept: each start makes a new one.
        system.screen_secret = await screen_pairing.replace_secret(uow, "demo", PAIRED_SCREEN.screen_id)
