"""`/ops/accounts` and `/ops/audit`: inviting, disabling, sessions, lock-outs; journals searched and exported."""

from __future__ import annotations

import csv
import io
import re
from datetime import UTC, datetime

import asyncpg
import pytest

from shared import accounts
from shared.accounts import Attempt, Person, Role, add_person, invitations, open_session
from shared.accounts.attempts import admit_attempt
from shared.accounts.audit import EntryFilter, find_entries
from shared.accounts.store import find_credentials
from shared.stream.journal import JournalEntry, append_entries

PASSWORD = "correct horse battery"
NEW = "another horse battery staple"
LINK = re.compile(r"/ops/invitations/([A-Za-z0-9_-]{43})")
WANG = {"name": "wang.fang", "display_name": "王芳", "staff_number": "0417", "role": "reviewer"}


class Desk:
    """Clients with somebody of a role signed in, and the owner's connection."""

    def __init__(self, service, owner):
        self.service, self.owner = service, owner

    async def sign_in(self, role):
        client = self.stranger()
        office = "case_office" if role is Role.DRAFTER else None
        await add_person(self.owner, f"a.{role}", "丁宁", role, PASSWORD, office=office)
        await client.post("/stats/desk/sign-in", data={"name": f"a.{role}", "password": PASSWORD})
        return client

    def stranger(self):
        return self.service.stranger()

    async def invite(self, ops, **changed):
        page = await ops.post("/ops/accounts", data=WANG | changed)
        return page, LINK.search(page.text.replace("<wbr>", ""))


@pytest.fixture(autouse=True)
def every_visitor(monkeypatch):
    """Who was refused a moment ago is heard: one address stands for everybody here."""
    monkeypatch.setattr("shared.web.cooldown.RETRY_AFTER_S", 0)


@pytest.fixture
async def desk(empty_service):
    owner = await asyncpg.connect(empty_service.settings.database_url.get_secret_value())
    clients = []

    class Service:
        def stranger(self):
            client = type(empty_service)(
                transport=empty_service._transport, base_url="http://stats", headers={"accept": "text/html"}
            )
            clients.append(client)
            return client

    yield Desk(Service(), owner)
    await owner.execute("DELETE FROM accounts.people")
    await owner.execute("DELETE FROM accounts.attempts")
    await owner.close()


async def test_who_is_invited_sets_the_password_once_and_signs_in(desk):
    ops = await desk.sign_in(Role.OPS)
    page, link = await desk.invite(ops)

    invited = desk.stranger()
    form = await invited.get(link[0])
    unlike = await invited.post(link[0], data={"new": NEW, "again": PASSWORD})
    weak = await invited.post(link[0], data={"new": "wang.fang123", "again": "wang.fang123"})
    done = await invited.post(link[0], data={"new": NEW, "again": NEW})
    again = await invited.post(link[0], data={"new": PASSWORD, "again": PASSWORD})
    signed_in = await invited.post("/stats/desk/sign-in", data={"name": "wang.fang", "password": NEW})

    assert page.status_code == form.status_code == done.status_code == 200
    assert "王芳" in form.text
    assert (unlike.status_code, weak.status_code, again.status_code) == (422, 422, 410)
    assert signed_in.status_code == 303
    assert link[1] not in (await ops.get("/ops/accounts")).text, "the link is shown once"


async def test_before_the_password_is_set_nobody_signs_in(desk):
    ops = await desk.sign_in(Role.OPS)
    await desk.invite(ops)
    stored = await desk.owner.fetchval("SELECT password_hash FROM accounts.people WHERE name = 'wang.fang'")

    for guess in ("", "!", stored):
        answer = await desk.stranger().post("/stats/desk/sign-in", data={"name": "wang.fang", "password": guess})
        assert answer.status_code in (401, 422)
    assert "$" not in (await find_credentials(desk.owner, "wang.fang")).parameters.removeprefix(
        "$argon2id$v=19$m=19456,t=2,p=1$"
    )


@pytest.mark.parametrize(
    ("changed", "field"),
    [
        ({"name": "王芳"}, "name"),
        ({"name": "a.ops"}, "name"),
        ({"display_name": " "}, "display_name"),
        ({"staff_number": ""}, "staff_number"),
    ],
)
async def test_a_form_with_a_fault_says_where_and_keeps_what_was_typed(desk, changed, field):
    ops = await desk.sign_in(Role.OPS)

    page, link = await desk.invite(ops, **changed)

    assert (page.status_code, link) == (422, None)
    assert f'href="#{field}"' in page.text
    assert 'value="reviewer" selected' in page.text


async def test_a_disabled_account_is_out_at_once_and_comes_back_by_a_new_link(desk):
    ops, reviewer = await desk.sign_in(Role.OPS), await desk.sign_in(Role.REVIEWER)
    before = await reviewer.get("/stats/desk")

    await ops.post("/ops/accounts/a.reviewer/disable")
    after = await reviewer.get("/stats/desk")
    refused = await desk.stranger().post("/stats/desk/sign-in", data={"name": "a.reviewer", "password": PASSWORD})
    link = LINK.search((await ops.post("/ops/accounts/a.reviewer/renew")).text.replace("<wbr>", ""))
    await desk.stranger().post(link[0], data={"new": NEW, "again": NEW})
    back = await desk.stranger().post("/stats/desk/sign-in", data={"name": "a.reviewer", "password": NEW})

    assert (before.status_code, after.status_code, refused.status_code, back.status_code) == (200, 303, 401, 303)


async def test_nobody_disables_or_resets_the_own_account(desk):
    ops = await desk.sign_in(Role.OPS)

    for act in ("disable", "renew"):
        answer = await ops.post(f"/ops/accounts/a.ops/{act}")
        assert answer.headers["location"].endswith("done=unchanged")

    assert (await ops.get("/ops/accounts")).status_code == 200


async def test_sessions_are_seen_and_ended(desk):
    ops, clerk = await desk.sign_in(Role.OPS), await desk.sign_in(Role.CLERK)

    seen = await ops.get("/ops/accounts/a.clerk")
    await ops.post("/ops/accounts/a.clerk/end-sessions")

    assert "全部退出" in seen.text
    assert (await clerk.get("/stats/desk")).status_code == 303
    assert "没有有效的登录" in (await ops.get("/ops/accounts/a.clerk")).text


async def test_a_lock_out_by_strangers_is_seen_and_lifted(desk):
    ops = await desk.sign_in(Role.OPS)
    await desk.sign_in(Role.CLERK)
    for number in range(12):
        await admit_attempt(desk.owner, Attempt("a.clerk", f"192.0.2.{number}", "", datetime.now(UTC)))
    locked = await desk.stranger().post("/stats/desk/sign-in", data={"name": "a.clerk", "password": PASSWORD})
    seen = await ops.get("/ops/accounts/a.clerk")

    await ops.post("/ops/accounts/a.clerk/lift-lock-out")
    free = await desk.stranger().post("/stats/desk/sign-in", data={"name": "a.clerk", "password": PASSWORD})

    assert (locked.status_code, free.status_code) == (429, 303)
    assert "解除锁定" in seen.text


ACTS = ("renew", "disable", "end-sessions", "lift-lock-out")


@pytest.mark.parametrize("role", [role for role in Role if role is not Role.OPS])
async def test_no_other_role_lists_or_changes_accounts(desk, role):
    client = await desk.sign_in(role)
    await add_person(desk.owner, "victim", "方圆", Role.CLERK, PASSWORD)

    answers = [await client.get("/ops/accounts"), await client.post("/ops/accounts", data=WANG)]
    answers += [await client.post(f"/ops/accounts/victim/{act}") for act in ACTS]

    assert {answer.status_code for answer in answers} == {403}
    token = await open_session(desk.owner, Person(f"a.{role}", "丁宁", role))
    for act in (
        invitations.list_people(desk.owner, token),
        invitations.disable_person(desk.owner, token, "victim"),
        invitations.renew_invitation(desk.owner, token, "victim", datetime.now(UTC)),
        invitations.end_sessions_of(desk.owner, token, "victim"),
    ):
        with pytest.raises(asyncpg.InsufficientPrivilegeError):
            await act


async def test_a_session_that_has_ended_has_no_rights_in_the_database(desk):
    await desk.sign_in(Role.OPS)
    token = await open_session(desk.owner, Person("a.ops", "丁宁", Role.OPS))
    await accounts.close_session(desk.owner, token)

    with pytest.raises(asyncpg.InsufficientPrivilegeError):
        await invitations.list_people(desk.owner, token)


async def test_an_auditor_finds_entries_of_every_service_by_each_condition(desk):
    ops, auditor = await desk.sign_in(Role.OPS), await desk.sign_in(Role.AUDITOR)
    await desk.invite(ops)
    async with desk.owner.transaction():
        await desk.owner.execute("SET LOCAL search_path = corrections")
        await append_entries(desk.owner, datetime.now(UTC), [JournalEntry("lin.na", "application_read", "TS-7")])

    async def found(query):
        text = (await auditor.get(f"/ops/audit?{query}")).text.replace("<wbr>", "")
        return ("lin.na" in text, "wang.fang" in text)

    assert await found("") == (True, True)
    assert await found("service=corrections") == (True, False)
    assert await found("action=account_invited") == (False, True)
    assert await found("actor=lin.na") == (True, False)
    assert await found("subject=TS-") == (True, False)
    assert await found("since=2999-01-01") == (False, False)
    assert await found("until=2999-01-01&since=2020-01-01") == (True, True)
    assert await found("since=x&until=9999-12-31&before=nonsense") == (True, True)


async def test_the_export_is_the_same_and_is_an_entry_itself(desk):
    auditor = await desk.sign_in(Role.AUDITOR)
    async with desk.owner.transaction():
        await desk.owner.execute("SET LOCAL search_path = corrections")
        await append_entries(desk.owner, datetime.now(UTC), [JournalEntry("=cmd()", "application_read", "TS-8")])

    answer = await auditor.get("/ops/audit.csv?subject=TS-8")
    rows = list(csv.DictReader(io.StringIO(answer.content.decode("utf-8-sig"))))

    assert answer.headers["content-type"] == "text/csv; charset=utf-8"
    assert [(row["service"], row["actor"], row["action"], row["subject"]) for row in rows] == [
        ("corrections", "'=cmd()", "application_read", "TS-8")
    ]
    assert "导出审计日志" in (await auditor.get("/ops/audit")).text


async def test_entries_are_paged_without_gap_or_repetition(desk):
    await desk.sign_in(Role.AUDITOR)
    token = await open_session(desk.owner, Person("a.auditor", "丁宁", Role.AUDITOR))
    at = datetime.now(UTC)
    for schema in ("intake", "publisher"):
        async with desk.owner.transaction():
            await desk.owner.execute(f"SET LOCAL search_path = {schema}")
            await append_entries(desk.owner, at, [JournalEntry("p", "paged", str(n)) for n in range(5)])

    criteria, seen, before = EntryFilter(action="paged"), [], None
    while page := await find_entries(desk.owner, token, criteria, before=before, limit=3):
        seen += [(each.service, each.subject) for each in page]
        before = (page[-1].at, page[-1].service, page[-1].seq)

    assert seen == [(schema, str(n)) for schema in ("publisher", "intake") for n in (4, 3, 2, 1, 0)]


@pytest.mark.parametrize("role", [Role.OPS, Role.GATEKEEPER, Role.CLERK])
async def test_no_other_role_reads_the_audit_log(desk, role):
    client = await desk.sign_in(role)

    answers = [await client.get("/ops/audit"), await client.get("/ops/audit.csv")]

    assert [answer.status_code for answer in answers] == [403, 403]
    token = await open_session(desk.owner, Person(f"a.{role}", "丁宁", role))
    with pytest.raises(asyncpg.InsufficientPrivilegeError):
        await find_entries(desk.owner, token, EntryFilter(), limit=1)


async def test_a_drafter_is_invited_into_an_office_and_nobody_else(desk):
    ops = await desk.sign_in(Role.OPS)

    homeless, no_link = await desk.invite(ops, role="drafter")
    other, _none = await desk.invite(ops, office="case_office")
    invited, link = await desk.invite(ops, role="drafter", office="case_office")
    accepted = await desk.stranger().post(link[0], data={"new": NEW, "again": NEW})

    assert (homeless.status_code, other.status_code, invited.status_code) == (422, 422, 200)
    assert (no_link, bool(link)) == (None, True)
    assert "所属单位" in homeless.text
    assert await desk.owner.fetchval("SELECT office FROM accounts.people WHERE name = 'wang.fang'") == "case_office"
    assert accepted.status_code == 200
    assert "/desk/sign-in" in accepted.text
