"""What the operations pages have in common: the desk's name, its tabs, who may see which."""

from __future__ import annotations

from typing import Any

from shared.accounts import Person, Role
from shared.web.i18n import Text, _
from shared.web.workplaces import DESKS

DESK = _("运行维护")
TABS: tuple[tuple[Text, str, Role], ...] = (
    (_("运行情况"), "/ops", Role.OPS),
    (_("账号管理"), "/ops/accounts", Role.OPS),
    (_("审计日志"), "/ops/audit", Role.AUDITOR),
)


def frame_context(person: Person, path: str) -> dict[str, Any]:
    """Return the context of the layout of a desk, for a page at `path`."""
    tabs = [{"name": name, "url": url, "current": url == path} for name, url, role in TABS if role is person.role]
    return {"desk": DESK, "desk_url": DESKS["stats"], "person": person, "tabs": tabs}
