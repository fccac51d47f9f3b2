"""Fills a form of a rendered page with what was typed into it before, as the browser would have it."""

from __future__ import annotations

from collections import defaultdict, deque
from collections.abc import Iterable, Sequence
from dataclasses import dataclass
from urllib.parse import urlsplit

from lxml import html  # type: ignore[import-untyped]
from lxml.html import FormElement, HtmlElement  # type: ignore[import-untyped]

from shared.web.kept_forms import KeptForm

# What no person types.
PASSED_OVER = frozenset({"submit", "button", "image", "reset", "file"})
CHOICES = frozenset({"checkbox", "radio"})


@dataclass(frozen=True, slots=True)
class FilledPage:
    """A page with its form filled in; texts that have no place in it any more."""

    document: HtmlElement
    form: HtmlElement | None
    unplaced: tuple[str, ...]

    def insert(self, notice: str) -> None:
        """Put a notice before the form."""
        if self.form is not None:
            self.form.addprevious(html.fragment_fromstring(notice))

    def to_html(self) -> str:
        """Return the page."""
        return str(html.tostring(self.document, encoding="unicode", doctype="<!doctype html>"))


def fill_page(page: str, kept: KeptForm) -> FilledPage:
    """Return the page with the form filled in that a kept one was sent from."""
    document = html.document_fromstring(page)
    form = _find_form(document, kept)
    if form is None:
        return FilledPage(document, None, _texts(value for _, value in kept.fields))
    return FilledPage(document, form, _texts(_fill(form, kept.fields)))


def _find_form(document: HtmlElement, kept: KeptForm) -> FormElement | None:
    """Return the form with that action; of several in a list, the one that has most of what was sent as it was."""
    forms = [form for form in document.forms if form.method == "POST" and urlsplit(form.action or "").path == kept.action]
    sent, names = set(kept.fields), {name for name, _ in kept.fields}

    def likeness(form: FormElement) -> tuple[int, int]:
        hidden = {(each.name, each.value) for each in form.inputs if each.get("type") == "hidden"}
        return len(hidden & sent), len({each.name for each in form.inputs} & names)

    return max(forms, key=likeness, default=None)


def _fill(form: FormElement, fields: Sequence[tuple[str, str]]) -> list[str]:
    """Fill in the controls of a form; return the values that none of them takes."""
    values: defaultdict[str, deque[str]] = defaultdict(deque)
    for name, value in fields:
        values[name].append(value)
    for control in form.xpath(".//input[@name] | .//textarea[@name] | .//select[@name] | .//button[@name]"):
        _fill_control(control, values[control.get("name")])
    return [value for left in values.values() for value in left]


def _fill_control(control: HtmlElement, values: deque[str]) -> None:
    kind = control.get("type", "text").lower()
    match control.tag:
        case "textarea":
            _set_text(control, values)
        case "select":
            for option in control.iter("option"):
                _mark(option, "selected", option.get("value", option.text_content()), values)
        case "button":
            _discard(control.get("value", ""), values)
        case "input" if kind in CHOICES:
            _mark(control, "checked", control.get("value", "on"), values)
        case "input" if kind == "password":
            # Nobody may find it again.
            values.clear()
        case "input" if kind in PASSED_OVER:
            _discard(control.get("value", ""), values)
        case "input" if values:
            control.set("value", values.popleft())


def _set_text(control: HtmlElement, values: deque[str]) -> None:
    if values:
        # A browser drops the first line break of a text area.
        text = values.popleft()
        control.text = "\n" + text if text.startswith("\n") else text


def _mark(element: HtmlElement, attribute: str, value: str, values: deque[str]) -> None:
    element.attrib.pop(attribute, None)
    if value in values:
        values.remove(value)
        element.set(attribute, attribute)


def _discard(value: str, values: deque[str]) -> None:
    if value in values:
        values.remove(value)


def _texts(values: Iterable[str]) -> tuple[str, ...]:
    return tuple(value for value in values if value.strip())
