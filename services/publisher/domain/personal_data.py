"""The last check for personal data: intake has removed it, so anything found here blocks the item."""

from __future__ import annotations

from collections.abc import Collection, Iterable, Iterator
from functools import lru_cache

from services.publisher.domain.form import Form
from services.publisher.kinds import find_kind
from shared.personal_data import search_patterns
from shared.personal_data.normalization import normalize
from shared.personal_data.stories import ANY_YEAR, KIND_OF_TOKEN, PersonalDataKind, find_in_story

# Texts about what happened; a title and an address hold the operator's own data, so that patterns alone are searched for.
STORIES = ("issue", "result", "goods")


def find_personal_data(form: Form) -> frozenset[PersonalDataKind]:
    """Return the kinds of personal data that the texts of a form still contain."""
    year, name = _find_year(form), form.operator.name if form.operator else ""
    kinds: set[PersonalDataKind] = set()
    for text in _stories(form):
        kinds |= find_in_story(text, year, operator=name)
    for text in _operator_texts(form):
        kinds |= _find_by_pattern(text, year)
    return frozenset(kinds)


# Names of classes, offices and operators are the same in thousands of forms that are drafted or released together.
@lru_cache(maxsize=4_096)
def _find_by_pattern(text: str, year: int) -> frozenset[PersonalDataKind]:
    return frozenset(KIND_OF_TOKEN[token] for _, _, token in search_patterns(normalize(text).text, year))


def _find_year(form: Form) -> int:
    """Return the year that a form is about."""
    day = (form.content or {}).get("received_on") or form.period
    return int(day[:4]) if day else ANY_YEAR


def narratives(form: Form) -> Iterator[str]:
    """Yield the texts of a form's content that tell what happened."""
    content = form.content or {}
    yield from filter(None, (content.get(name) for name in _narrative_fields(form)))


def _narrative_fields(form: Form) -> Collection[str]:
    kind = find_kind(form.kind)
    return STORIES if kind is None else [each.name for each in kind.fields if each.is_narrative]


def _stories(form: Form) -> Iterator[str]:
    # A desk's kind composes its summary of what its fields say, names of products and offices among them.
    yield from filter(None, (None if find_kind(form.kind) else form.summary, form.reason))
    yield from filter(None, (form.response,))
    yield from narratives(form)
    yield from _new_values(form, _narrative_fields(form))


def _operator_texts(form: Form) -> Iterator[str]:
    """Yield the texts that name an operator, an office, a product or a document."""
    yield from filter(None, (form.title, form.summary, form.operator.address if form.operator else None))
    yield from _new_values(form, ("title", "operator.address"))
    kind = find_kind(form.kind)
    for each in kind.fields if kind else ():
        value = (form.content or {}).get(each.name)
        if isinstance(value, str) and not each.is_narrative and not each.is_kept:
            yield value


def _new_values(form: Form, fields: Iterable[str]) -> Iterator[str]:
    return (new for name, _, new in form.changes if name in fields and new)
