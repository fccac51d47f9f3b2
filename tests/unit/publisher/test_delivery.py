"""Deliveries as decisions: what a reply means, when to try again, which addresses are dialled, what is signed."""

from __future__ import annotations

import base64
from datetime import UTC, datetime, timedelta, timezone
from ipaddress import IPv4Address, ip_address

import pytest
from cryptography.fernet import Fernet
from cryptography.hazmat.primitives.hashes import SHA256
from cryptography.hazmat.primitives.kdf.hkdf import HKDF
from hypothesis import given
from hypothesis import strategies as st
from standardwebhooks import Webhook

from services.publisher.channels import delivering_channels, load_channels
from services.publisher.channels.credit import HEADINGS, credit_record
from services.publisher.channels.declaration import Message
from services.publisher.channels.signing import generate_secret, signed_headers
from services.publisher.delivering.administration import InvalidTarget, check_target
from services.publisher.domain.delivery import (
    GIVE_UP_AFTER,
    RETRY_S,
    WITHDRAWAL_RETRY,
    Outcome,
    Reply,
    is_dialable,
    next_attempt,
    outcome_of,
    parse_networks,
)
from services.publisher.domain.target import Place, Scope, Target, is_address
from shared.contracts import PublicItem
from shared.secret_box import OtherKey, SecretBox

AT = datetime(2026, 11, 28, 9, 0, tzinfo=UTC)
INSIDE = [
    "127.0.0.1", "10.0.0.1", "172.16.0.1", "192.168.1.1", "169.254.169.254", "0.0.0.0", "100.64.0.1", "224.0.0.1", "::1",
    "fe80::1", "fc00::1", "::ffff:127.0.0.1", "::ffff:10.0.0.1", "64:ff9b::7f00:1", "2002:7f00:1::", "2001:0:1::", "::",
    "255.255.255.255", "240.0.0.1", "ff02::1",
]  # fmt: skip


@pytest.mark.parametrize("text", INSIDE)
def test_addresses_inside_are_not_dialled(text: str) -> None:
    assert not is_dialable(ip_address(text))


@pytest.mark.parametrize("text", ["8.8.8.8", "1.1.1.1", "2606:4700:4700::1111", "::ffff:8.8.8.8"])
def test_public_addresses_are_dialled(text: str) -> None:
    assert is_dialable(ip_address(text))


def test_networks_that_are_allowed_are_dialled_and_no_others() -> None:
    inside = parse_networks("10.8.0.0/16, fd00::/8")

    assert is_dialable(ip_address("10.8.3.4"), inside)
    assert is_dialable(ip_address("::ffff:10.8.3.4"), inside)
    assert is_dialable(ip_address("fd00::1"), inside)
    assert not is_dialable(ip_address("10.9.0.1"), inside)


@given(st.ip_addresses(v=4))
def test_whatever_is_mapped_is_judged_by_the_address_inside(address: IPv4Address) -> None:
    assert is_dialable(ip_address(f"::ffff:{address}")) == is_dialable(address)
    assert not is_dialable(ip_address(f"64:ff9b::{address}"))


@pytest.mark.parametrize(
    ("status", "outcome"),
    [
        (200, Outcome.DELIVERED), (204, Outcome.DELIVERED), (301, Outcome.FAILING), (400, Outcome.REFUSED),
        (404, Outcome.REFUSED), (408, Outcome.FAILING), (410, Outcome.GONE), (425, Outcome.FAILING), (429, Outcome.FAILING),
        (500, Outcome.FAILING), (503, Outcome.FAILING), (None, Outcome.FAILING), (100, Outcome.FAILING),
    ],
)  # fmt: skip
def test_what_a_reply_means(status: int | None, outcome: Outcome) -> None:
    assert outcome_of(Reply(status)) is outcome


@given(st.floats(0, 1))
def test_content_is_tried_for_a_day_and_a_withdrawal_for_ever(spread: float) -> None:
    for is_withdrawal in (False, True):
        at, attempts = AT, 0
        while attempts < 100:
            attempts += 1
            due = next_attempt(attempts=attempts, first_at=AT, at=at, is_withdrawal=is_withdrawal, spread=spread)
            if due is None:
                break
            assert at < due
            assert not is_withdrawal or due - at <= WITHDRAWAL_RETRY
            at = due
        assert (attempts == 100) is is_withdrawal
        assert is_withdrawal or timedelta(hours=10) < at - AT <= GIVE_UP_AFTER


def test_the_schedule_fills_a_day() -> None:
    assert timedelta(hours=23) < timedelta(seconds=sum(RETRY_S)) < GIVE_UP_AFTER


def test_both_secrets_sign_at_whatever_time_zone() -> None:
    secrets = [generate_secret(), generate_secret()]
    now = datetime.now(timezone(timedelta(hours=8)))

    content, headers = signed_headers(Message("portal.GS-2026-000001.v1", {"data": "投诉"}), secrets, now)

    for secret in secrets:
        assert Webhook(secret).verify(content.decode(), headers) == {"data": "投诉"}


def test_a_secret_is_opened_by_its_own_key_alone() -> None:
    token = SecretBox(b"k" * 32, "targets").encrypt("whsec_x")

    assert SecretBox(b"k" * 32, "targets").decrypt(token) == "whsec_x"
    for other in (SecretBox(b"l" * 32, "targets"), SecretBox(b"k" * 32, "mail")):
        with pytest.raises(OtherKey):
            other.decrypt(token)


def test_what_was_encrypted_by_fernet_before_is_still_read() -> None:
    derived = HKDF(SHA256(), length=32, salt=None, info=b"targets").derive(b"k" * 32)
    token = Fernet(base64.urlsafe_b64encode(derived)).encrypt(b"whsec_x")

    assert SecretBox(b"k" * 32, "targets").decrypt(token) == "whsec_x"
    with pytest.raises(OtherKey):
        SecretBox(b"l" * 32, "targets").decrypt(token)


@pytest.mark.parametrize(
    ("address", "taken", "inside"),
    [
        ("https://portal.example/hook", True, True), ("http://portal.example/hook", False, True),
        ("https://portal.example:8443/a?b=c", True, True), ("https://u:p@portal.example/", False, False),
        ("https:///hook", False, False), ("ftp://portal.example/", False, False), ("https://portal.example/#a", False, False),
        ("https://portal.example/a b", False, False), ("https://portal.example:99999/", False, False), ("", False, False),
        ("https://门户.example/", False, False), ("javascript:alert(1)", False, False), ("https://[::1", False, False),
    ],
)  # fmt: skip
def test_which_addresses_are_taken(address: str, taken: bool, inside: bool) -> None:  # noqa: FBT001
    assert is_address(address) is taken
    assert is_address(address, plain_allowed=True) is inside


@pytest.mark.parametrize(
    "scope",
    [Scope(boards=("none",)), Scope(kinds=("none",)), Scope(regions=("000000",)), Scope(operators=("91990102MA9K00000X",))],
    ids=str,
)
def test_a_scope_of_what_there_is_not_is_refused(scope: Scope) -> None:
    with pytest.raises(InvalidTarget):
        check_target(Target("a", Place.PORTAL, "x", "webhook", "https://a.example/", scope), plain_allowed=False)


def test_the_credit_system_is_brought_penalties_only() -> None:
    target = Target("a", Place.CREDIT, "x", "credit", "https://a.example/", Scope())

    assert check_target(target, plain_allowed=False).scope.kinds == ("penalty",)
    with pytest.raises(InvalidTarget):
        wider = Target("a", Place.CREDIT, "x", "credit", "https://a.example/", Scope(kinds=("award",)))
        check_target(wider, plain_allowed=False)


@pytest.mark.parametrize(("address", "is_allowed"), [("", True), ("https://a.example/", False)])
def test_a_channel_of_files_has_no_address_but_the_one_where_its_file_is(address: str, is_allowed: bool) -> None:  # noqa: FBT001
    target = Target("a", Place.CREDIT, "x", "credit_file", address)

    if not is_allowed:
        with pytest.raises(InvalidTarget):
            check_target(target, plain_allowed=False)
    else:
        checked = check_target(target, plain_allowed=False)
        assert (checked.address, checked.scope.kinds) == ("/api/targets/a/file", ("penalty",))


def penalty(**changes: object) -> PublicItem:
    content = {
        "party_kind": "organisation", "document_number": "云市监罚〔2026〕7号", "offence": "虚假宣传", "penalty_kind": "fine",
        "penalty_content": "罚款", "fine": "1.200000", "decided_on": "2026-10-01", "authority": "云州市市场监督管理局",
    }  # fmt: skip
    fields = {
        "item_id": "GS-2026-000001", "board": "penalties", "kind": "penalty", "version": 1, "state": "released", "title": "x",
        "summary": "x", "content": content, "operator": {"key": "k", "name": "云州锦程通讯器材有限公司", "uscc": "91990102MA9K08RC3H"},
        "first_released_at": AT, "released_at": AT, "rules_version": "1",
    }  # fmt: skip
    return PublicItem.model_validate({**fields, **changes})


def test_a_penalty_is_written_by_the_fields_of_the_credit_system_and_no_other_kind() -> None:
    record = credit_record(penalty())

    assert record is not None
    assert list(record) == list(HEADINGS)
    assert (record["cf_sjly"], record["cf_xdr_gszc"]) == ("云州市市场监督管理局", "")
    assert (record["cf_wsh"], record["cf_nr_fk"], record["cf_cflb"]) == ("云市监罚〔2026〕7号", "1.200000", "罚款")
    assert credit_record(penalty(kind="award")) is None
    channel = load_channels()["credit"]
    assert channel.body_of(penalty(state="withdrawn", content=None, operator=None, kind=None, title=None, summary=None)) == {
        "operation": "delete", "id": "GS-2026-000001", "version": 1, "reason": None,
    }  # fmt: skip


MADE_UP = """
from services.publisher.channels.declaration import Channel
from services.publisher.domain.delivery import Reply
from shared.web.i18n import Text

async def deliver(target, message, sender):
    return Reply(status=200)

CHANNEL = Channel(name="pigeon", label=Text("鸽子"), deliver=deliver)
"""


def test_a_channel_needs_one_file(tmp_path, monkeypatch) -> None:  # type: ignore[no-untyped-def]
    import services.publisher.channels as package

    (tmp_path / "pigeon.py").write_text(MADE_UP, encoding="utf-8")
    monkeypatch.setattr(package, "__path__", [*package.__path__, str(tmp_path)])

    assert "pigeon" in delivering_channels()
    target = Target("loft", Place.OTHER, "鸽舍", "pigeon", "https://loft.example/")
    assert check_target(target, plain_allowed=False) == target
