"""What a kind of item is declared with: its board, fields, natural key, checks, title, summary."""

from __future__ import annotations

from collections.abc import Callable, Iterator, Mapping
from dataclasses import dataclass, field
from enum import StrEnum

from services.publisher.kinds.fields import Code, Field, FieldFault, Values
from shared.contracts import Board, ComplaintRevised, PublicOperator
from shared.identifiers import canonical_uscc
from shared.names import fold_name
from shared.web.i18n import Text, _


class OperatorUse(StrEnum):
    """Whether an item of a kind is about an operator."""

    REQUIRED = "required"
    OPTIONAL = "optional"
    NONE = "none"


@dataclass(frozen=True, slots=True)
class ContentCheck:
    """A check of a kind: what content fails it, the code and words of that, and whether it blocks review and release."""

    code: str
    text: Text
    fails: Callable[[Values], bool]
    blocks: bool = True


# No text holds it.
KEY_SEPARATOR = "\x1f"
OPERATOR_FIELDS: tuple[Field, ...] = (
    Code(name="operator.name", label=_("经营者"), max_length=200),
    Code(name="operator.uscc", label=_("信用代码"), max_length=18),
    Code(name="operator.address", label=_("地址"), max_length=200, required=False),
)


@dataclass(frozen=True, slots=True)
class FilledForm:
    """What somebody typed into the form of a kind: the content, the operator, the faults by field in words and as codes."""

    content: dict[str, str | int | None]
    operator: PublicOperator | None
    faults: dict[str, Text]
    codes: dict[str, str]


@dataclass(frozen=True, slots=True, kw_only=True)
class Kind:
    """A kind of item.

    `title` and `summary` compose what lists show from the content (and the operator's name under `operator.name`).
    `natural_key` are the fields that tell one item from another; none: each is its own. `checks` look at the content.
    `interrupts`: screens show it at once and in front, for a day. `note` stands below the item in public; `is_document`: it
    is an official document (PDF) too. `relations` returns the faults, by field, of fields that do not fit each other; what
    has one is not saved. `seriousness`, `decided_on` and `ends_on` are the fields by which its term is found.
    `from_complaint`: the program drafts it, and no office; returns the content from a complaint or None.
    """

    name: str
    board: Board
    label: Text
    fields: tuple[Field, ...]
    title: Callable[[Values], str]
    summary: Callable[[Values], str]
    operator: OperatorUse = OperatorUse.NONE
    natural_key: tuple[str, ...] = ()
    checks: tuple[ContentCheck, ...] = ()
    note: Text | None = None
    is_document: bool = False
    interrupts: bool = False
    relations: Callable[[Values], Mapping[str, Text]] = lambda _content: {}
    seriousness: str = ""
    decided_on: str = ""
    ends_on: str = ""
    from_complaint: Callable[[ComplaintRevised], dict[str, str | int | None] | None] | None = None
    _by_name: dict[str, Field] = field(init=False, repr=False, compare=False, default_factory=dict)

    def __post_init__(self) -> None:
        """Index the fields by name. Raises `ValueError` for a key that no field has."""
        self._by_name.update({each.name: each for each in self.form_fields()})
        used = {*self.natural_key, *filter(None, (self.seriousness, self.decided_on, self.ends_on))}
        missing = used - self._by_name.keys()
        if missing:
            raise ValueError(f"{self.name} has no field {', '.join(sorted(missing))}")

    @property
    def is_drafted_by_program(self) -> bool:
        """Whether the program drafts items of this kind, and no office does."""
        return self.from_complaint is not None

    def form_fields(self) -> tuple[Field, ...]:
        """Return the fields of the form, those of the operator first where there is one."""
        return (*(OPERATOR_FIELDS if self.operator is not OperatorUse.NONE else ()), *self.fields)

    def typed_fields(self) -> tuple[Field, ...]:
        """Return the fields of the form that a person fills in."""
        return tuple(each for each in self.form_fields() if not each.is_kept)

    def is_typed(self, name: str) -> bool:
        """Return whether a field is one that a person fills in."""
        return name in self._by_name and not self._by_name[name].is_kept

    def keep(self, content: Values, earlier: Values) -> dict[str, str | int | None]:
        """Return a content with what nobody types as it was in an earlier one."""
        kept = {each.name: earlier.get(each.name) for each in self.fields if each.is_kept}
        return {**content, **kept}

    def is_required(self, each: Field) -> bool:
        """Return whether a field must be filled in."""
        return each.required and not (each in OPERATOR_FIELDS and self.operator is OperatorUse.OPTIONAL)

    def read(self, typed: Mapping[str, str]) -> FilledForm:
        """Return what was typed, as far as it can be stored, with a fault for each field that cannot."""
        values: dict[str, str | int | None] = {}
        faults: dict[str, FieldFault] = {}
        for each in self.typed_fields():
            text = typed.get(each.name, "").strip()
            try:
                values[each.name] = each.parse(text) if text else None
            except FieldFault as fault:
                faults[each.name] = fault
            if not text and self.is_required(each):
                faults[each.name] = _missing(each.label)
        operator = self._read_operator(values, faults)
        return FilledForm(
            {each.name: values.get(each.name) for each in self.fields},
            operator,
            {name: fault.text for name, fault in faults.items()},
            {name: fault.code for name, fault in faults.items()},
        )

    def _read_operator(self, values: Values, faults: dict[str, FieldFault]) -> PublicOperator | None:
        name, code = values.get("operator.name"), values.get("operator.uscc")
        if not name and not code:
            return None
        uscc = canonical_uscc(str(code or ""))
        if uscc is None:
            faults.setdefault("operator.uscc", FieldFault("bad_uscc", _("信用代码校验不通过，请核对主体")))
        if not name:
            faults.setdefault("operator.name", _missing(_("经营者")))
        if uscc is None or not name:
            return None
        address = values.get("operator.address")
        return PublicOperator(key=uscc, name=str(name), uscc=uscc, address=None if address is None else str(address))

    def key_of(self, content: Values, operator: PublicOperator | None) -> str | None:
        """Return the natural key of an item, the same for every writing of its parts; None where each is its own."""
        if not self.natural_key:
            return None
        values = {**content, "operator.uscc": operator.uscc if operator else None}
        return KEY_SEPARATOR.join([self.name, *(fold_name(str(values.get(name) or "")) for name in self.natural_key)])

    def parse(self, name: str, typed: str) -> str | int | None:
        """Return what is stored of one field's text. Raises `FieldFault`, and `KeyError` for a field that the kind lacks."""
        return self._by_name[name].parse(typed) if typed.strip() else None

    def find(self, content: Values) -> Iterator[ContentCheck]:
        """Yield the checks that a content fails."""
        return (check for check in self.checks if check.fails(content))

    def finding(self, code: str) -> Text:
        """Return the words of a failed check; its code where the kind has that check no more."""
        return next((check.text for check in self.checks if check.code == code), Text(code))


def _missing(label: Text) -> FieldFault:
    return FieldFault("missing", _("请填写%(field)s", field=label))
