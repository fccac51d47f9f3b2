"""Ids of feeds: they have a fixed authority, whatever the portal's address is."""

from __future__ import annotations

import re
from datetime import UTC, date, datetime, timedelta

import pytest

from services.publisher.domain.feed_identity import FeedIdentity, choose_authority
from services.publisher.domain.form import Form
from services.publisher.projection import ReleaseDetails, public_item
from shared.contracts import Board
from shared.settings import Settings

AT = datetime(2026, 10, 9, tzinfo=UTC)
DAY = date(2026, 11, 27)
# RFC 4151, section 2.1.
TAG = re.compile(r"tag:[A-Za-z0-9.-]+,\d{4}(-\d{2}(-\d{2})?)?:[A-Za-z0-9/-]+")


def item(first_released_at: datetime):
    release = ReleaseDetails("GS-2026-000001", Board.MAJOR, 1, AT, first_released_at, None, None, "1")
    return public_item(Form(title="标题"), release)


@pytest.mark.parametrize(
    ("setting", "public_url", "authority"),
    [
        ("scjg.example.gov.cn,2026", "https://other.example", "scjg.example.gov.cn,2026"),
        ("", "https://gongshi.example.gov.cn:8443/", "gongshi.example.gov.cn,2026-11-27"),
        ("", "", "3f9a.gongshi.invalid,2026-11-27"),
        ("", "http://localhost:8080", "3f9a.gongshi.invalid,2026-11-27"),
        ("", "http://10.1.2.3:8080", "3f9a.gongshi.invalid,2026-11-27"),
        ("", "http://[::1]:8080", "3f9a.gongshi.invalid,2026-11-27"),
    ],
)
def test_the_authority_is_the_setting_or_the_host_name_or_a_name_of_its_own(setting, public_url, authority):
    assert choose_authority(setting, public_url, "3f9a", DAY) == authority


def test_ids_are_tag_uris():
    identity = FeedIdentity(choose_authority("", "", "3f9a", DAY), "https://gongshi.example")

    for made in (identity.feed_id(Board.BASIC), identity.entry_id("GS-2026-000001")):
        assert TAG.fullmatch(made), made


def test_only_what_was_released_before_the_tags_had_an_address_as_id():
    identity = FeedIdentity("a.example,2026", "http://old.example", AT)

    assert identity.former_id(item(AT)) == "http://old.example/items/GS-2026-000001"
    assert identity.former_id(item(AT + timedelta(seconds=1))) is None
    assert FeedIdentity("a.example,2026", "http://old.example").former_id(item(AT)) is None


@pytest.mark.parametrize("authority", ["gongshi.example", "gongshi.example,26", "-x,2026", "a b,2026"])
def test_an_authority_that_makes_no_tag_is_refused(authority):
    with pytest.raises(ValueError, match="feed_authority"):
        Settings(feed_authority=authority)
