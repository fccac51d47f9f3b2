"""Items that a program or a file submits: rows of texts by field, what is wrong with them, and what came of each."""

from __future__ import annotations

from collections.abc import Mapping
from dataclasses import dataclass
from enum import StrEnum

from services.publisher.domain.desk_form import compose_form
from services.publisher.domain.form import Form
from services.publisher.kinds import Kind
from shared.reference import regions
from shared.text import drop_forbidden
from shared.web.i18n import Text, _

REGION = "region"
MAX_TEXT = 20_000


class Outcome(StrEnum):
    """What came of a submitted item: a draft, a draft with other content, nothing new, or nothing for a reason."""

    CREATED = "created"
    UPDATED = "updated"
    UNCHANGED = "unchanged"
    REFUSED = "refused"


@dataclass(frozen=True, slots=True)
class ItemFault:
    """What is wrong with a submitted item: its field (empty for the item as a whole), a code, and words."""

    field: str
    code: str
    text: Text


@dataclass(frozen=True, slots=True)
class ItemResult:
    """What came of a submitted item; `item_id` names the item that is, or was, there."""

    outcome: Outcome
    item_id: str | None = None
    faults: tuple[ItemFault, ...] = ()


@dataclass(frozen=True, slots=True)
class ReadItem:
    """A submitted item as it was read: its form and natural key where nothing is wrong with it."""

    form: Form | None
    key: str | None
    faults: tuple[ItemFault, ...] = ()


def read_item(kind: Kind, values: Mapping[str, str]) -> ReadItem:
    """Return what a row says: texts by the names of the kind's fields, those of the operator under `operator.`, and `region`.

    A field that the kind lacks, or that nobody types, is a fault: what it was meant to say would be lost in silence.
    """
    known = {each.name for each in kind.typed_fields()} | {REGION}
    faults = [ItemFault(name, "unknown_field", _("没有这个字段")) for name in values if name not in known]
    typed = {name: drop_forbidden(text) for name, text in values.items()}
    too_long = [name for name, text in typed.items() if len(text) > MAX_TEXT]
    faults += [ItemFault(name, "too_long", _("最多%(count)s字", count=MAX_TEXT)) for name in too_long]
    region = typed.get(REGION, "").strip() or None
    if region and region not in regions():
        faults.append(ItemFault(REGION, "unknown_region", _("没有这个地区代码")))
    filled = kind.read(typed)
    faults += [ItemFault(name, filled.codes.get(name, "missing"), text) for name, text in filled.faults.items()]
    if faults:
        return ReadItem(None, None, tuple(faults))
    disagreeing = kind.relations(filled.content)
    if disagreeing:
        return ReadItem(None, None, tuple(ItemFault(name, "disagrees", text) for name, text in disagreeing.items()))
    form = compose_form(kind, filled.content, filled.operator, region)
    return ReadItem(form, kind.key_of(filled.content, filled.operator))


def is_same(form: Form, other: Form) -> bool:
    """Return whether two forms say the same."""
    return not form.changes_from(other) and form.region == other.region
