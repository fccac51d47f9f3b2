"""Forms of a page as a browser without script would send them."""

from __future__ import annotations

from dataclasses import dataclass, field
from html.parser import HTMLParser

Fields = list[tuple[str, str]]


@dataclass(slots=True)
class Form:
    """One form: where it goes, what it would send as it stands, and what could be ticked."""

    id: str
    method: str
    action: str
    fields: Fields = field(default_factory=list)
    tickable: Fields = field(default_factory=list)

    def filled(self, **values: str | list[str]) -> Fields:
        """Return what is sent with these values in the place of what the form holds."""
        kept = [(name, value) for name, value in self.fields if name not in values]
        given = [(n, v) for n, vs in values.items() for v in (vs if isinstance(vs, list) else [vs])]
        return kept + given

    def choices(self, name: str) -> list[str]:
        """Return the values of the boxes and buttons of that name."""
        return [value for of, value in self.tickable if of == name]


class FormReader(HTMLParser):
    """Collects the forms of a page, with fields that stand elsewhere and name their form."""

    def __init__(self) -> None:
        super().__init__()
        self.forms: list[Form] = []
        self._open: Form | None = None
        self._elsewhere: list[tuple[str, str, str, bool]] = []
        self._select: tuple[str, list[tuple[str, bool]]] | None = None
        self._area: tuple[str, list[str]] | None = None

    def handle_starttag(self, tag: str, attrs: list[tuple[str, str | None]]) -> None:
        """Take in a tag."""
        a = {name: value or "" for name, value in attrs}
        match tag:
            case "form":
                self._open = Form(a.get("id", ""), a.get("method", "get").lower(), a.get("action", ""))
                self.forms.append(self._open)
            case "input" if "name" in a and "disabled" not in a:
                self._input(a)
            case "select":
                self._select = (a.get("name", ""), [])
            case "option" if self._select:
                self._select[1].append((a.get("value", ""), "selected" in a))
            case "textarea":
                self._area = (a.get("name", ""), [])

    def handle_data(self, data: str) -> None:
        """Take in the text of a text area."""
        if self._area:
            self._area[1].append(data)

    def handle_endtag(self, tag: str) -> None:
        """Take in the end of a form or field."""
        if tag == "form":
            self._open = None
        elif tag == "select" and self._select:
            name, options = self._select
            chosen = next((value for value, selected in options if selected), options[0][0] if options else "")
            self._add("", name, chosen, held=True)
            self._select = None
        elif tag == "textarea" and self._area:
            self._add("", self._area[0], "".join(self._area[1]).strip("\n"), held=True)
            self._area = None

    def close(self) -> None:
        """Give fields that stand outside their form to it."""
        super().close()
        by_id = {form.id: form for form in self.forms if form.id}
        for form_id, name, value, held in self._elsewhere:
            if form_id in by_id:
                (by_id[form_id].fields if held else by_id[form_id].tickable).append((name, value))

    def _input(self, a: dict[str, str]) -> None:
        kind = a.get("type", "text").lower()
        if kind in {"submit", "button", "file", "image", "reset"}:
            return
        tickable = kind in {"checkbox", "radio"}
        self._add(a.get("form", ""), a["name"], a.get("value", "on" if tickable else ""), held=not tickable or "checked" in a)
        if tickable and "checked" in a:
            self._add(a.get("form", ""), a["name"], a.get("value", "on"), held=False)

    def _add(self, form_id: str, name: str, value: str, *, held: bool) -> None:
        if form_id or self._open is None:
            self._elsewhere.append((form_id, name, value, held))
        elif name:
            (self._open.fields if held else self._open.tickable).append((name, value))


def forms_of(html: str) -> list[Form]:
    """Return the forms of a page."""
    reader = FormReader()
    reader.feed(html)
    reader.close()
    return reader.forms
