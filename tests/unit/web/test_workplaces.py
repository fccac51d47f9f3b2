"""Every role has a place of work, and a sign-in at any desk leads there."""

import pytest

from shared.accounts import Role
from shared.web.site import Site
from shared.web.workplaces import DESKS, WORKPLACES, home_path, landing_page, links_elsewhere

ONE_HOST = Site("局", "Bureau")
PORTS = Site("局", "Bureau", bases={name: f"http://127.0.0.1:{port}" for port, name in enumerate(DESKS, 9000)})


def test_every_role_has_a_place_of_work():
    assert WORKPLACES.keys() == set(Role)
    assert all(place.service in DESKS for places in WORKPLACES.values() for place in places)


@pytest.mark.parametrize(
    ("role", "service", "address"),
    [
        (Role.CLERK, "publisher", "/intake/desk"),
        (Role.CLERK, "intake", "/intake/desk"),
        (Role.OFFICER, "intake", "/corrections/desk"),
        (Role.OPS, "publisher", "/desk/screens"),
        (Role.OPS, "corrections", "/ops"),
        (Role.AUDITOR, "publisher", "/desk"),
        (Role.AUDITOR, "intake", "/ops/audit"),
    ],
)
def test_a_sign_in_leads_to_the_work_of_the_role(role, service, address):
    assert landing_page(ONE_HOST, role, service) == address


def test_another_service_is_at_its_own_address_where_each_has_a_port():
    assert landing_page(PORTS, Role.CLERK, "publisher") == PORTS.bases["intake"] + "/intake/desk"


@pytest.mark.parametrize(
    ("role", "path", "home", "elsewhere"),
    [
        (Role.REVIEWER, "/desk/items/I1", "/desk", ["/stats/desk"]),
        (Role.REVIEWER, "/stats/desk", "/stats/desk", ["/desk"]),
        (Role.DRAFTER, "/desk/account", "/desk/drafts", []),
        (Role.OPS, "/desk/screens", "/desk/screens", ["/ops"]),
        (Role.AUDITOR, "/ops/audit", "/ops/audit", ["/desk", "/stats/desk"]),
        (Role.CLERK, "/corrections/desk", "", ["/intake/desk", "/stats/desk"]),
    ],
)
def test_a_page_knows_its_own_place_and_links_to_the_others(role, path, home, elsewhere):
    assert home_path(role, path) == home
    assert [address for _, address in links_elsewhere(ONE_HOST, role, path)] == elsewhere
