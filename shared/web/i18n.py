"""Translatable texts of Python code: Chinese is the source, translated into the page's language when rendered."""

from __future__ import annotations

import io
from collections.abc import Callable, Iterable
from dataclasses import dataclass
from pathlib import Path

from babel.messages.mofile import write_mo
from babel.messages.pofile import read_po
from babel.support import NullTranslations, Translations
from markupsafe import Markup

from shared.web.languages import SOURCE, Language

SHARED_LOCALE = Path(__file__).parent / "locale"


@dataclass(frozen=True, slots=True)
class Text:
    """A Chinese text with its variables, translated when it is rendered.

    `str(text)` is the Chinese text. A literal percent sign is written `%%`.
    """

    msgid: str
    variables: tuple[tuple[str, object], ...] = ()

    def translate(self, translations: NullTranslations) -> str:
        """Return the text in the language of `translations`."""
        return translations.gettext(self.msgid) % {
            name: value.translate(translations) if isinstance(value, Text) else value for name, value in self.variables
        }

    def __str__(self) -> str:
        """Return the Chinese text."""
        return self.translate(NullTranslations())


def _(msgid: str, **variables: object) -> Text:
    """Mark a Chinese text for translation; `variables` replace its `%(name)s`."""
    return Text(msgid, tuple(variables.items()))


def gettext_for_templates(translations: NullTranslations) -> dict[str, Callable[..., Markup]]:
    """Return the `gettext` and `ngettext` of templates: variables are escaped, and translated where they are a Text."""

    def format_markup(text: str, variables: dict[str, object]) -> Markup:
        values = {
            name: value.translate(translations) if isinstance(value, Text) else value for name, value in variables.items()
        }
        return Markup(text) % values  # noqa: S704 the texts are ours, Markup escapes the variables

    def gettext(msgid: str, /, **variables: object) -> Markup:
        return format_markup(translations.gettext(msgid), variables)

    def ngettext(singular: str, plural: str, number: int, /, **variables: object) -> Markup:
        return format_markup(translations.ngettext(singular, plural, number), {"num": number} | variables)

    return {"gettext": gettext, "ngettext": ngettext}


def load_translations(language: Language, locales: Iterable[Path]) -> NullTranslations:
    """Return the translations into `language` from the .po files of `locales`; later directories take precedence."""
    if language == SOURCE:
        return NullTranslations()
    merged = NullTranslations()
    for locale in (SHARED_LOCALE, *locales):
        merged = _merge(merged, _read_catalog(locale / language / "LC_MESSAGES" / "messages.po"))
    return merged


def _merge(first: NullTranslations, second: Translations | None) -> NullTranslations:
    if second is None:
        return first
    return first.merge(second) if isinstance(first, Translations) else second


def _read_catalog(path: Path) -> Translations | None:
    if not path.is_file():
        return None
    with path.open("rb") as po:
        catalog = read_po(po)
    compiled = io.BytesIO()
    write_mo(compiled, catalog)
    compiled.seek(0)
    return Translations(fp=compiled)
