"""HTML forms as a browser without script submits them."""

from __future__ import annotations

from dataclasses import dataclass, field
from html.parser import HTMLParser

Fields = list[tuple[str, str]]


@dataclass(slots=True)
class Form:
    """One form: its action, the fields that it submits unchanged, and its checkboxes and radio buttons."""

    id: str
    method: str
    action: str
    fields: Fields = field(default_factory=list)
    checkable: Fields = field(default_factory=list)

    def fill(self, **values: str | list[str]) -> Fields:
        """Return the submitted fields, with these values in place of the form's own."""
        unchanged = [(name, value) for name, value in self.fields if name not in values]
        replaced = [(n, v) for n, vs in values.items() for v in (vs if isinstance(vs, list) else [vs])]
        return unchanged + replaced

    def choices(self, name: str) -> list[str]:
        """Return the values of the boxes and buttons of that name."""
        return [value for field_name, value in self.checkable if field_name == name]


class FormReader(HTMLParser):
    """Collects the forms of a page, including fields outside their form that name it by id."""

    def __init__(self) -> None:
        super().__init__()
        self.forms: list[Form] = []
        self._current: Form | None = None
        self._detached: list[tuple[str, str, str, bool]] = []
        self._select: tuple[str, list[tuple[str, bool]]] | None = None
        self._textarea: tuple[str, list[str]] | None = None

    def handle_starttag(self, tag: str, attrs: list[tuple[str, str | None]]) -> None:
        """Handle a start tag."""
        attributes = {name: value or "" for name, value in attrs}
        match tag:
            case "form":
                self._current = Form(
                    attributes.get("id", ""), attributes.get("method", "get").lower(), attributes.get("action", "")
                )
                self.forms.append(self._current)
            case "input" if "name" in attributes and "disabled" not in attributes:
                self._input(attributes)
            case "select":
                self._select = (attributes.get("name", ""), [])
            case "option" if self._select:
                self._select[1].append((attributes.get("value", ""), "selected" in attributes))
            case "textarea":
                self._textarea = (attributes.get("name", ""), [])

    def handle_data(self, data: str) -> None:
        """Collect the text of a textarea."""
        if self._textarea:
            self._textarea[1].append(data)

    def handle_endtag(self, tag: str) -> None:
        """Handle the end of a form or field."""
        if tag == "form":
            self._current = None
        elif tag == "select" and self._select:
            name, options = self._select
            chosen = next((value for value, selected in options if selected), options[0][0] if options else "")
            self._add("", name, chosen, is_submitted=True)
            self._select = None
        elif tag == "textarea" and self._textarea:
            self._add("", self._textarea[0], "".join(self._textarea[1]).strip("\n"), is_submitted=True)
            self._textarea = None

    def close(self) -> None:
        """Assign detached fields to their forms."""
        super().close()
        by_id = {form.id: form for form in self.forms if form.id}
        for form_id, name, value, is_submitted in self._detached:
            if form_id in by_id:
                (by_id[form_id].fields if is_submitted else by_id[form_id].checkable).append((name, value))

    def _input(self, attributes: dict[str, str]) -> None:
        kind = attributes.get("type", "text").lower()
        if kind in {"submit", "button", "file", "image", "reset"}:
            return
        checkable = kind in {"checkbox", "radio"}
        self._add(
            attributes.get("form", ""),
            attributes["name"],
            attributes.get("value", "on" if checkable else ""),
            is_submitted=not checkable or "checked" in attributes,
        )
        if checkable and "checked" in attributes:
            self._add(attributes.get("form", ""), attributes["name"], attributes.get("value", "on"), is_submitted=False)

    def _add(self, form_id: str, name: str, value: str, *, is_submitted: bool) -> None:
        if form_id or self._current is None:
            self._detached.append((form_id, name, value, is_submitted))
        elif name:
            (self._current.fields if is_submitted else self._current.checkable).append((name, value))


def parse_forms(html: str) -> list[Form]:
    """Return the forms of a page."""
    reader = FormReader()
    reader.feed(html)
    reader.close()
    return reader.forms
