"""Work at the desks through their own pages: review and release, applications and rulings."""

from __future__ import annotations

import re
from collections.abc import Callable, Sequence
from urllib.parse import urlsplit

from deploy.demo.forms import Form, parse_forms
from deploy.demo.visitor import UnexpectedAnswer, Visitor

Advance = Callable[[int], None]


def ignore_progress(_: int) -> None:
    """Ignore progress."""


CONTACT, PHONE = "示例联系人", "000-00000000"
EVIDENCE = (
    "evidence",
    ("说明.pdf", b"%PDF-1.4\n1 0 obj<</Type/Catalog>>endobj\ntrailer<</Root 1 0 R>>\n%%EOF\n", "application/pdf"),
)


async def approve(reviewer: Visitor, leave: int = 0, on_progress: Advance = ignore_progress) -> int:
    """Approve drafts page by page, all but `leave` of them. Return how many were approved."""
    done = 0
    while True:
        form = await _find_list(reviewer, "/desk?select=all", "/desk/approve")
        ready = form.choices("item") if form else []
        chosen = ready[: len(ready) - leave]
        if form is None or not chosen:
            return done
        await reviewer.submit("publisher", form, item=chosen)
        on_progress(len(chosen))
        done += len(chosen)


async def release(gatekeeper: Visitor, leave: int = 0, on_progress: Advance = ignore_progress) -> int:
    """Release approved versions page by page, all but `leave` of them. Return how many were released."""
    done = 0
    while True:
        form = await _find_list(gatekeeper, "/desk/approved", "/desk/approved")
        ready = form.choices("item") if form else []
        chosen = ready[: len(ready) - leave]
        if not chosen:
            return done
        query = "&".join(f"item={item}" for item in chosen)
        dialog = await gatekeeper.form("publisher", f"/desk/approved?{query}", "/desk/release")
        await gatekeeper.submit("publisher", dialog, checked="yes")
        on_progress(len(chosen))
        done += len(chosen)


async def first_draft(reviewer: Visitor) -> str:
    """Return the first draft that may be approved."""
    form = await _find_list(reviewer, "/desk?select=all", "/desk/approve")
    ready = form.choices("item") if form else []
    if not ready:
        raise UnexpectedAnswer("no draft waits for review")
    return ready[0]


def find_items(page: str) -> list[str]:
    """Return the items that a page of the desk links to, in their order."""
    return list(dict.fromkeys(re.findall(r'href="/desk/items/([A-Z0-9-]+)"', page)))


async def approve_item(reviewer: Visitor, item_id: str) -> None:
    """Approve one draft on its own page."""
    await reviewer.submit("publisher", await reviewer.form("publisher", f"/desk/items/{item_id}", "/desk/approve"))


async def release_item(gatekeeper: Visitor, item_id: str) -> None:
    """Release one approved version."""
    dialog = await gatekeeper.form("publisher", f"/desk/approved?item={item_id}", "/desk/release")
    await gatekeeper.submit("publisher", dialog, checked="yes")


async def file_application(
    operator: Visitor, item_id: str, name: str, uscc: str, matter: str, statement: str, **fields: str
) -> str:
    """File a correction application on an item; return its tracking path."""
    form = await operator.form("corrections", f"/corrections/new?item={item_id}", "/corrections/new")
    values = {"operator_name": name, "uscc": uscc, "contact_name": CONTACT, "contact_phone": PHONE}
    answer = await operator.submit("corrections", form, [EVIDENCE], matter=matter, statement=statement, **values, **fields)
    path = urlsplit(str(answer.url)).path
    if not path.startswith("/corrections/track/"):
        raise UnexpectedAnswer(f"the application was not accepted: {_error_messages(answer.text)}")
    return path


async def accept_application(officer: Visitor, item_id: str) -> None:
    """Accept the open application on an item: from then on the item is marked as under review."""
    await _accept(officer, await _find_application(officer, item_id, ("filed",)))


async def decide(officer: Visitor, item_id: str, decision: str, reason_code: str, **values: str) -> str:
    """Accept the open application on an item and decide it; return the next page."""
    form = await decision_form(officer, item_id)
    answer = await officer.submit("corrections", form, (), decision=decision, reason_code=reason_code, **values)
    return answer.text


async def decision_form(officer: Visitor, item_id: str) -> Form:
    """Accept the open application on an item, and return the form of the decision."""
    path = await _find_application(officer, item_id)
    await _accept(officer, path)
    return await officer.form("corrections", path, f"{path}/decision")


async def effect_checkboxes(officer: Visitor, item_id: str, prefix: str) -> list[str]:
    """Return the names of the decision form's checkboxes with the prefix, for the open application on an item."""
    path = await _find_application(officer, item_id)
    form = await officer.form("corrections", path, f"{path}/decision")
    return [name for name, _ in form.checkable if name.startswith(prefix)]


async def _find_application(officer: Visitor, item_id: str, states: Sequence[str] = ("filed", "under_review")) -> str:
    """Return the address of the open application on an item."""
    for state in states:
        queue = await officer.json("corrections", f"/corrections/desk?state={state}")
        for application in queue["applications"]:
            if application["item_id"] == item_id:
                return f"/corrections/desk/{application['application_id']}"
    raise UnexpectedAnswer(f"no application on {item_id} is open")


async def _accept(officer: Visitor, path: str) -> None:
    """Accept an application, unless it is accepted already."""
    for form in parse_forms(await officer.page("corrections", path)):
        if form.action == f"{path}/start":
            await officer.submit("corrections", form, identity_checked="yes")


async def _find_list(visitor: Visitor, path: str, action: str) -> Form | None:
    """Return the form in which items are chosen; the one that narrows the list may have the same action."""
    page = await visitor.page("publisher", path)
    return next((form for form in parse_forms(page) if form.action.startswith(action) and form.choices("item")), None)


def _error_messages(html: str) -> str:
    return "; ".join(re.findall(r'<a href="#[^"]*">([^<]+)</a>', html)[:5])
