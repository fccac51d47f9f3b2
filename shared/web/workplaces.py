"""Where each role works. One sign-in leads everybody there, from whichever desk; desks of other services are a link away."""

from __future__ import annotations

from collections.abc import Sequence
from dataclasses import dataclass
from types import MappingProxyType

from shared.accounts import Role
from shared.web.i18n import Text, _
from shared.web.site import Site

# The desk of each service, below which its sign-in and the own account are.
DESKS = MappingProxyType(
    {
        "publisher": "/desk",
        "intake": "/intake/desk",
        "stats": "/stats/desk",
        "corrections": "/corrections/desk",
    }
)


@dataclass(frozen=True, slots=True)
class Workplace:
    """A place where a role works: the service, the path of its first page there, what the desk is called."""

    service: str
    path: str
    name: Text


_STATS = Workplace("stats", "/stats/desk", _("统计工作台"))
# The first of each is where its work begins.
WORKPLACES: MappingProxyType[Role, Sequence[Workplace]] = MappingProxyType(
    {
        Role.CLERK: (Workplace("intake", "/intake/desk", _("投诉登记")), _STATS),
        Role.DRAFTER: (Workplace("publisher", "/desk/drafts", _("公示工作台")),),
        Role.REVIEWER: (Workplace("publisher", "/desk", _("公示工作台")), _STATS),
        Role.GATEKEEPER: (Workplace("publisher", "/desk/approved", _("公示工作台")), _STATS),
        Role.OFFICER: (Workplace("corrections", "/corrections/desk", _("更正工作台")), _STATS),
        Role.OPERATOR: (Workplace("corrections", "/corrections", _("经营者服务")),),
        Role.OPS: (Workplace("stats", "/ops", _("运行维护")), Workplace("publisher", "/desk/screens", _("公示屏"))),
        Role.AUDITOR: (
            Workplace("stats", "/ops/audit", _("审计日志")),
            Workplace("publisher", "/desk", _("公示工作台")),
            _STATS,
        ),
    }
)


def workplace_of(role: Role, service: str) -> Workplace:
    """Return where a role works at a service, or where its work begins if it has none there."""
    places = WORKPLACES[role]
    return next((place for place in places if place.service == service), places[0])


def landing_page(site: Site, role: Role, service: str) -> str:
    """Return the address to which a sign-in at a service's desk leads."""
    place = workplace_of(role, service)
    return site.link(place.service, place.path)


def begins_at(site: Site, role: Role) -> tuple[Text, str]:
    """Return name and address of where the work of a role begins."""
    place = WORKPLACES[role][0]
    return place.name, site.link(place.service, place.path)


def home_path(role: Role, path: str) -> str:
    """Return the path of the place of a role that the page at `path` belongs to; empty where it belongs to none."""
    here = _find_here(role, path)
    return here.path if here else ""


def links_elsewhere(site: Site, role: Role, path: str) -> list[tuple[Text, str]]:
    """Return name and address of the places where a role works, but for the one that the page at `path` belongs to."""
    here = _find_here(role, path)
    return [(place.name, site.link(place.service, place.path)) for place in WORKPLACES[role] if place is not here]


def _find_here(role: Role, path: str) -> Workplace | None:
    """Return the place whose path has the same first segment."""
    return next((place for place in WORKPLACES[role] if _first_segment(place.path) == _first_segment(path)), None)


def _first_segment(path: str) -> str:
    return path.split("/")[1]
