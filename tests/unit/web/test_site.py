from shared.settings import Settings
from shared.web.site import Site


def test_without_a_public_address_other_services_are_linked_by_port_and_own_pages_by_path():
    site = Site.from_settings(Settings(), "publisher")

    assert site.link("publisher", "/boards/basic") == "/boards/basic"
    assert site.link("corrections", "/corrections") == "http://127.0.0.1:8703/corrections"
    assert site.permalink("/items/GS-2026-0001") == "http://127.0.0.1:8700/items/GS-2026-0001"


def test_behind_one_public_address_every_link_is_a_path():
    site = Site.from_settings(Settings(public_url="https://gongshi.example/"), "corrections")

    assert site.link("publisher", "/") == "/"
    assert site.permalink("/items/GS-2026-0001") == "https://gongshi.example/items/GS-2026-0001"


def test_the_unspecified_address_is_linked_as_localhost():
    assert Site.from_settings(Settings(host="0.0.0.0"), "publisher").link("intake", "/") == "http://127.0.0.1:8701/"
