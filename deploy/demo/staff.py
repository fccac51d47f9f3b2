"""The demo's staff and source of events: synthetic persons, with passwords generated at each start."""

from __future__ import annotations

import secrets
from dataclasses import dataclass

from deploy.databases import connect_database, open_database
from deploy.runtime import DemoAccount, DemoSource
from deploy.source_accounts import give_account, source_access
from services.intake.store import source_keys
from shared.accounts import Role, add_person
from shared.keys import generate_key, key_hash
from shared.rules import Drafter
from shared.settings import Settings

SOURCE = "/samples"
PASSWORD_BYTES = 9

# Account, displayed name, role, staff number. The second reviewer approves what the first has edited.
PEOPLE: tuple[tuple[str, str, Role, str], ...] = (
    ("lin.yue", "林月", Role.CLERK, "1001"),
    ("zhou.ning", "周宁", Role.REVIEWER, "1002"),
    ("he.xin", "何欣", Role.REVIEWER, "1003"),
    ("xu.an", "许安", Role.GATEKEEPER, "1004"),
    ("chen.li", "陈立", Role.OFFICER, "1005"),
    ("ops", "值班", Role.OPS, "1006"),
    ("audit", "审计", Role.AUDITOR, "1007"),
    ("bao.ming", "鲍明", Role.DRAFTER, "1008"),
    ("sun.he", "孙和", Role.DRAFTER, "1009"),
    ("qian.jin", "钱进", Role.DRAFTER, "1010"),
    ("kong.lin", "孔林", Role.DRAFTER, "1011"),
)
# The office of each drafter.
OFFICES = {
    "bao.ming": Drafter.COMMAND_CENTRE,
    "sun.he": Drafter.CONSUMER_COUNCIL,
    "qian.jin": Drafter.CASE_OFFICE,
    "kong.lin": Drafter.OFFICE_CONCERNED,
}


@dataclass(frozen=True, slots=True)
class Staff:
    """Accounts of the desks, and the source that may report over HTTP."""

    accounts: tuple[DemoAccount, ...]
    source: DemoSource

    def all_of(self, role: Role) -> list[DemoAccount]:
        """Return the accounts of a role."""
        return [account for account in self.accounts if account.role == role]

    def of(self, role: Role) -> DemoAccount:
        """Return the account of a role."""
        return next(account for account in self.accounts if account.role == role)


async def create_staff(settings: Settings) -> Staff:
    """Create an account per person and a key of the sample sources."""
    accounts = [
        DemoAccount(name=name, role=role, password=secrets.token_urlsafe(PASSWORD_BYTES)) for name, _, role, _ in PEOPLE
    ]
    async with connect_database(settings, "accounts") as connection:
        for account, (name, display_name, role, staff_number) in zip(accounts, PEOPLE, strict=True):
            await add_person(connection, name, display_name, role, account.password, staff_number, OFFICES.get(name))
    key = generate_key()
    async with open_database(settings, "intake") as database, database.unit_of_work() as uow:
        await source_keys.add_key(uow.connection, SOURCE, key_hash(key), uow.now)
        await give_account(settings, SOURCE, key)
    return Staff(tuple(accounts), DemoSource(name=SOURCE, key=key, kafka=source_access(settings, SOURCE, key)))
