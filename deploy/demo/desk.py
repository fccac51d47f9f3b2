"""The work of the desks, done by their own pages: review and release, applications and rulings."""

from __future__ import annotations

import re
from collections.abc import Callable
from urllib.parse import urlsplit

from deploy.demo.forms import Form, forms_of
from deploy.demo.visitor import UnexpectedAnswer, Visitor

Advance = Callable[[int], None]


def nobody(_: int) -> None:
    """Is told nothing."""


CONTACT, PHONE = "示例联系人", "000-00000000"
EVIDENCE = (
    "evidence",
    ("说明.pdf", b"%PDF-1.4\n1 0 obj<</Type/Catalog>>endobj\ntrailer<</Root 1 0 R>>\n%%EOF\n", "application/pdf"),
)


async def approve(reviewer: Visitor, keep: int = 0, told: Advance = nobody) -> int:
    """Approve drafts page by page; leave `keep` of them at the desk. Return how many were approved."""
    done = 0
    while True:
        form = await _form(reviewer, "/desk?select=all", "/desk/approve")
        ready = form.choices("item") if form else []
        chosen = ready[: len(ready) - keep]
        if form is None or not chosen:
            return done
        await reviewer.send("publisher", form, item=chosen)
        told(len(chosen))
        done += len(chosen)


async def release(gatekeeper: Visitor, keep: int = 0, told: Advance = nobody) -> int:
    """Release approved versions page by page; leave `keep` of them. Return how many were released."""
    done = 0
    while True:
        form = await _form(gatekeeper, "/desk/approved", "/desk/approved")
        ready = form.choices("item") if form else []
        chosen = ready[: len(ready) - keep]
        if not chosen:
            return done
        query = "&".join(f"item={item}" for item in chosen)
        dialog = await gatekeeper.form("publisher", f"/desk/approved?{query}", "/desk/release")
        await gatekeeper.send("publisher", dialog, checked="yes")
        told(len(chosen))
        done += len(chosen)


async def first_draft(reviewer: Visitor) -> str:
    """Return the first draft that may be approved."""
    form = await _form(reviewer, "/desk?select=all", "/desk/approve")
    ready = form.choices("item") if form else []
    if not ready:
        raise UnexpectedAnswer("no draft waits for review")
    return ready[0]


async def approve_item(reviewer: Visitor, item_id: str) -> None:
    """Approve one draft on its own page."""
    await reviewer.send("publisher", await reviewer.form("publisher", f"/desk/items/{item_id}", "/desk/approve"))


async def release_item(gatekeeper: Visitor, item_id: str) -> None:
    """Release one approved version."""
    dialog = await gatekeeper.form("publisher", f"/desk/approved?item={item_id}", "/desk/release")
    await gatekeeper.send("publisher", dialog, checked="yes")


async def apply(operator: Visitor, item_id: str, name: str, uscc: str, matter: str, statement: str, **more: str) -> str:
    """File a correction application on an item; return its tracking path."""
    form = await operator.form("corrections", f"/corrections/new?item={item_id}", "/corrections/new")
    values = {"operator_name": name, "uscc": uscc, "contact_name": CONTACT, "contact_phone": PHONE}
    answer = await operator.send("corrections", form, [EVIDENCE], matter=matter, statement=statement, **values, **more)
    path = urlsplit(str(answer.url)).path
    if not path.startswith("/corrections/track/"):
        raise UnexpectedAnswer(f"the application was not taken: {_errors(answer.text)}")
    return path


async def decide(officer: Visitor, item_id: str, decision: str, reason_code: str, **values: str) -> str:
    """Take up the open application on an item and decide it; return the page that follows."""
    listed = await officer.json("corrections", "/corrections/desk?state=filed")
    application = next(a["application_id"] for a in listed["applications"] if a["item_id"] == item_id)
    path = f"/corrections/desk/{application}"
    await officer.send("corrections", await officer.form("corrections", path, f"{path}/start"))
    form = await officer.form("corrections", path, f"{path}/decision")
    answer = await officer.send("corrections", form, (), decision=decision, reason_code=reason_code, **values)
    return answer.text


async def effect_boxes(officer: Visitor, item_id: str, prefix: str) -> list[str]:
    """Return the names of the decision form's boxes that begin so, for the open application on an item."""
    listed = await officer.json("corrections", "/corrections/desk?state=filed")
    application = next(a["application_id"] for a in listed["applications"] if a["item_id"] == item_id)
    path = f"/corrections/desk/{application}"
    form = await officer.form("corrections", path, f"{path}/decision")
    return [name for name, _ in form.tickable if name.startswith(prefix)]


async def _form(visitor: Visitor, path: str, action: str) -> Form | None:
    page = await visitor.page("publisher", path)
    return next((form for form in forms_of(page) if form.action.startswith(action)), None)


def _errors(html: str) -> str:
    return "; ".join(re.findall(r'<a href="#[^"]*">([^<]+)</a>', html)[:5])
