"""The form of a version: the content that is reviewed and published."""

from __future__ import annotations

from collections.abc import Iterable
from typing import Any

from pydantic import BaseModel, ConfigDict

from shared.contracts import PublicOperator
from shared.errors import PermanentError
from shared.rates import SuccessDenominator

# Part of every basic item, and different after every batch: a change of it alone makes no new version.
AS_OF = "as_of"

# Of what the success rate is a share. Items from before this was stated go by mediations: saying so is no change of theirs.
SUCCESS_DENOMINATOR = "mediation_success_denominator"
FORMERLY_UNSAID = {SUCCESS_DENOMINATOR: SuccessDenominator.MEDIATIONS.value}

# What the operator says beside the item. It is of no version that has none.
RESPONSE = "response"

# The fields of the operator that a ruling may correct; its code identifies whose item it is.
CORRECTABLE = frozenset({"name", "address", "scope"})

# Stands in the reason of a withdrawal for the operator that it does not name.
ANONYMOUS = "该经营者"

Change = tuple[str, str | None, str | None]


class UnknownField(PermanentError):
    """The public form has no such field."""


class Form(BaseModel):
    """Kind, title, summary and content as reviewed and released; a withdrawal has a reason only.

    `changes` are (field, old, new) against the public version, with the coded reason for them. `response`: what the operator
    says beside it.
    """

    model_config = ConfigDict(frozen=True, extra="forbid")

    kind: str | None = None
    title: str | None = None
    summary: str | None = None
    content: dict[str, Any] | None = None
    operator: PublicOperator | None = None
    region: str | None = None
    period: str | None = None
    complaint_id: str | None = None
    reason_code: str | None = None
    reason: str | None = None
    changes: tuple[Change, ...] = ()
    response: str | None = None

    def fields(self) -> dict[str, str | None]:
        """Return the comparable fields flat, as text; the operator's are prefixed with `operator.`."""
        content = {name: value for name, value in (self.content or {}).items() if FORMERLY_UNSAID.get(name) != value}
        flat: dict[str, Any] = {"title": self.title, "region": self.region, **content}
        if self.operator:
            flat |= {f"operator.{name}": value for name, value in self.operator.model_dump(exclude={"key"}).items()}
        if self.response is not None:
            flat[RESPONSE] = self.response
        compared = {name: value for name, value in flat.items() if name != AS_OF and (name != "region" or value)}
        return {name: None if value is None else str(value) for name, value in compared.items()}

    def changes_from(self, earlier: Form) -> tuple[Change, ...]:
        """Return the changes against an earlier form, in the order of the fields."""
        before, after = earlier.fields(), self.fields()
        names = list(after) + [name for name in before if name not in after]
        return tuple((name, before.get(name), after.get(name)) for name in names if before.get(name) != after.get(name))

    def as_revision_of(self, earlier: Form, reason_code: str, reason: str, concealed: frozenset[str] = frozenset()) -> Form:
        """Return this form as a revision of `earlier`, with its changes and the reason for them.

        The old values of `concealed` fields are None: what a person takes back must not be quoted. Nor is a response.
        """
        unquoted = concealed | {RESPONSE}
        changes = tuple((name, None if name in unquoted else old, new) for name, old, new in self.changes_from(earlier))
        return self.model_copy(update={"changes": changes, "reason_code": reason_code, "reason": reason})

    def with_registration_of(self, earlier: Form) -> Form:
        """Return this form with the operator's address and scope of an earlier one."""
        if self.operator is None or earlier.operator is None:
            return self
        registration = {"address": earlier.operator.address, "scope": earlier.operator.scope}
        return self.model_copy(update={"operator": self.operator.model_copy(update=registration)})

    def without_operator(self, operator: PublicOperator | None) -> Form:
        """Return this form with the operator's name and code taken out of the reason: it is public, and names nobody."""
        reason = self.reason
        for words in (operator.name, operator.uscc) if operator and reason else ():
            reason = reason.replace(words, ANONYMOUS) if reason and words else reason
        return self.model_copy(update={"reason": reason})

    def apply_corrections(self, corrections: Iterable[tuple[str, str]]) -> Form:
        """Return this form with corrected fields: (field, value) by the names of `fields`; numbers stay numbers.

        Raises `UnknownField` for a field that the form does not have.
        """
        content, operator, title = dict(self.content or {}), self.operator, self.title
        for name, value in corrections:
            if name == "title":
                title = value
            elif name.startswith("operator.") and operator and name.removeprefix("operator.") in CORRECTABLE:
                operator = operator.model_copy(update={name.removeprefix("operator."): value})
            elif name in content:
                content[name] = int(value) if isinstance(content[name], int) else value
            else:
                raise UnknownField(name)
        return self.model_copy(update={"content": content, "operator": operator, "title": title})
