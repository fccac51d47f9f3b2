"""The form of an item that an office drafts: composed from the fields of its kind, and corrected field by field."""

from __future__ import annotations

from collections.abc import Iterable, Mapping

from services.publisher.domain.form import CORRECTABLE, Form, UnknownField
from services.publisher.kinds import Kind
from services.publisher.kinds.fields import FieldFault
from shared.contracts import PublicOperator

OPERATOR = "operator."


def compose_form(
    kind: Kind, content: Mapping[str, str | int | None], operator: PublicOperator | None, region: str | None
) -> Form:
    """Return the form of a content; title and summary are composed of it."""
    values = {**content, "operator.name": operator.name if operator else None}
    return Form(
        kind=kind.name,
        title=kind.title(values),
        summary=kind.summary(values),
        content=dict(content),
        operator=operator,
        region=region,
    )


def correct_form(form: Form, kind: Kind, corrections: Iterable[tuple[str, str]]) -> Form:
    """Return a form with corrected fields: (field, value as typed).

    Raises `UnknownField` for a field that the kind lacks, a value that it does not take, and what the item is known by.
    """
    content, operator = dict(form.content or {}), form.operator
    for name, value in corrections:
        if name.startswith(OPERATOR) and operator and name.removeprefix(OPERATOR) in CORRECTABLE:
            operator = operator.model_copy(update={name.removeprefix(OPERATOR): value})
        elif name in content and name not in kind.natural_key and kind.is_typed(name):
            try:
                content[name] = kind.parse(name, value)
            except FieldFault as fault:
                raise UnknownField(name) from fault
        else:
            raise UnknownField(name)
    return compose_form(kind, content, operator, form.region)
