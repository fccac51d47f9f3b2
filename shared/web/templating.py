"""Rendering of pages: one Jinja2 environment a language, over a service's templates and the shared ones.

In templates, beside Jinja2's own names: `_()` and `{% trans %}` (Chinese is the source), `ui` (all components),
`site`, `page_address`, `static_url`, `portal`, `corrections` and `at`, and the filters of `shared.web.formats`.
"""

from __future__ import annotations

from collections.abc import Callable, Mapping
from pathlib import Path
from typing import Any

from babel.support import NullTranslations
from jinja2 import ChoiceLoader, Environment, FileSystemLoader, StrictUndefined
from markupsafe import Markup, escape
from starlette.requests import Request
from starlette.responses import HTMLResponse
from starlette.routing import BaseRoute

from shared.accounts import Person
from shared.charts.wilson import wilson_interval
from shared.version import VERSION
from shared.web.assets import Assets
from shared.web.deadlines import pie_path
from shared.web.differences import difference
from shared.web.formats import MISSING, Formats
from shared.web.i18n import Text, gettext_for_templates, load_translations
from shared.web.languages import (
    COOKIE,
    COOKIE_SECONDS,
    HTML_LANG,
    LANGUAGES,
    SOURCE,
    Language,
    requested_language,
)
from shared.web.page_address import PageAddress
from shared.web.periods import month_name, period_name
from shared.web.problem_texts import PROBLEMS, UNKNOWN
from shared.web.qr_codes import qr_svg
from shared.web.site import Site
from shared.web.text_size import COOKIE as SIZE_COOKIE
from shared.web.text_size import requested_size
from shared.web.typesetting import break_name, break_title, has_chinese, join_units, mark_chinese, nowrap
from shared.web.units import format_cell, format_with_unit, label_unit
from shared.web.vocabulary import FAMILIES, TAGS, word
from shared.web.workplaces import begins_at, home_path, links_elsewhere

TEMPLATES = Path(__file__).parent / "templates"
COMPONENTS = "components"


class Components:
    """The macros of all component templates under one name: `ui.tile(...)`."""

    def __init__(self) -> None:
        self._macros: dict[str, Callable[..., str]] = {}

    def add(self, macros: Mapping[str, Any]) -> None:
        """Add the public macros of one template. Raises ValueError where a name is defined twice."""
        duplicates = self._macros.keys() & macros.keys()
        if duplicates:
            raise ValueError(f"defined twice: {sorted(duplicates)}")
        self._macros.update(macros)

    def __getattr__(self, name: str) -> Callable[..., str]:
        """Return the macro called `name`."""
        try:
            return self._macros[name]
        except KeyError:
            raise AttributeError(f"no component {name}") from None


class Pages:
    """The pages of one service. `service` is its directory, with `templates/` and perhaps `locale/` in it."""

    def __init__(self, service: Path, site: Site, *, extra: Mapping[str, Any] | None = None) -> None:
        self.site = site
        self.assets = Assets()
        self._translations = {language: load_translations(language, [service / "locale"]) for language in LANGUAGES}
        self._environments = {
            language: self._environment(language, service / "templates", extra or {}) for language in LANGUAGES
        }

    def render(
        self,
        request: Request,
        template: str,
        *,
        status: int = 200,
        headers: Mapping[str, str] | None = None,
        **context: Any,
    ) -> HTMLResponse:
        """Return the response to `request`: a page in its language; `?lang=` and `?size=` are stored in cookies."""
        page_address = PageAddress.from_request(request)
        html = self.html(page_address.language, template, page_address=page_address, **context)
        response = HTMLResponse(html, status_code=status, headers=dict(headers or {}))
        response.headers["Content-Language"] = HTML_LANG[page_address.language]
        response.headers.add_vary_header("Accept-Language")
        response.headers.add_vary_header("Cookie")
        requested = requested_language(request)
        if requested:
            response.set_cookie(COOKIE, requested, max_age=COOKIE_SECONDS, samesite="lax", httponly=True)
        size = requested_size(request)
        if size:
            response.set_cookie(SIZE_COOKIE, size, max_age=COOKIE_SECONDS, samesite="lax", httponly=True)
        return response

    def problem(
        self,
        request: Request,
        status: int,
        *,
        title: Text | None = None,
        detail: Text | str | None = None,
        headers: Mapping[str, str] | None = None,
        person: Person | None = None,
        sign_out: str = "",
    ) -> HTMLResponse:
        """Return the error page of `status`: what is wrong and what to do; `detail` is specific to this request.

        `person`: whose role does not permit it, who is shown the way to where the role works, and out by `sign_out`.
        """
        known = PROBLEMS.get(status, UNKNOWN)
        return self.render(
            request,
            "problem.html",
            status=status,
            headers=headers,
            status_code=status,
            title=title or known.title,
            remedy=known.remedy,
            detail=detail,
            person=person,
            workplace=begins_at(self.site, person.role) if person else None,
            sign_out=sign_out,
        )

    def html(self, language: Language, template: str, **context: Any) -> str:
        """Return a rendered template in `language`; for events, feeds and screens too."""
        return self._environments[language].get_template(template).render(**context)

    def text(self, language: Language, text: Text | str) -> str:
        """Return a text of Python code in `language`."""
        return str(_translator(self._translations[language])(text))

    def formats(self, language: Language) -> Formats:
        """Return the formats of `language`."""
        return Formats(language, self.site.zone)

    def routes(self) -> list[BaseRoute]:
        """Return the routes of the static files that the pages refer to."""
        return self.assets.routes()

    def _environment(self, language: Language, templates: Path, extra: Mapping[str, Any]) -> Environment:
        translations = self._translations[language]
        translate = _translator(translations)
        environment = Environment(
            loader=ChoiceLoader([FileSystemLoader(templates), FileSystemLoader(TEMPLATES)]),
            autoescape=True,
            undefined=StrictUndefined,
            trim_blocks=True,
            lstrip_blocks=True,
            extensions=["jinja2.ext.i18n", "jinja2.ext.do"],
            finalize=translate,
        )
        environment.policies["ext.i18n.trimmed"] = True
        # Selects how {% trans %} is compiled; the callables are then replaced by ours, which translate Text.
        environment.install_null_translations(newstyle=True)  # type: ignore[attr-defined]
        environment.globals.update(gettext_for_templates(translations))
        environment.filters.update(_filters(language, self.formats(language), translate))
        environment.globals.update(self._globals(language), **extra)
        environment.globals["ui"] = _components(environment)
        return environment

    def _globals(self, language: Language) -> dict[str, Any]:
        return {
            "language": language,
            "html_lang": HTML_LANG[language],
            "site": self.site,
            "system_version": VERSION,
            "bureau": self.site.bureau(language),
            "static_url": self.assets.url,
            "portal": lambda path="/": self.site.link("publisher", path),
            "at": self.site.link,
            "home_path": home_path,
            "links_elsewhere": lambda role, path: links_elsewhere(self.site, role, path),
            "corrections": lambda path="/corrections": self.site.link("corrections", path),
            "wilson": wilson_interval,
            "difference": difference,
            "pie_path": pie_path,
            "qr_svg": qr_svg,
            "tags": TAGS,
            "weekday_names": self.formats(language).weekday_names,
            "missing": MISSING,
        }


def _filters(language: Language, formats: Formats, translate: Callable[[Any], Any]) -> dict[str, Callable[..., Any]]:
    def set_text(text: str, set_type: Callable[[str], Markup]) -> Markup:
        return set_type(text) if language == SOURCE or isinstance(text, Markup) else mark_chinese(text, set_type)

    def nb(value: Any, unit: str = "") -> Any:
        return format_with_unit(formats, value, unit) if unit or not isinstance(value, str) else set_text(value, join_units)

    return {
        **{family: _word_filter(family, translate) for family in FAMILIES},
        "nb": nb,
        "whole": nowrap,
        "cell": lambda value, unit="": format_cell(formats, value, unit),
        "beside": lambda unit: label_unit(formats, unit),
        "wbr": lambda name: set_text(name, break_name),
        "heading": lambda text: set_text(text, break_title),
        "han": lambda text: language != SOURCE and has_chinese(str(text)),
        "zh": lambda text: set_text(text, escape) if isinstance(text, str) else text,
        "count": formats.count,
        "brief": formats.brief,
        "money": formats.money,
        "percent": formats.percent,
        "day": formats.day,
        "short_day": formats.short_day,
        "iso_day": formats.iso_day,
        "weekday": formats.weekday,
        "clock": formats.clock,
        "moment": formats.moment,
        "stamp": formats.stamp,
        "rate": lambda counts, floor=0: formats.rate(counts[0], counts[1], floor),
        "fraction": lambda counts, unit="": formats.fraction(counts[0], counts[1], unit),
        "period": lambda period: period_name(period, language),
        "month": lambda month: month_name(month, language),
    }


def _word_filter(family: str, translate: Callable[[Any], Any]) -> Callable[[str], str]:
    # Translated here and not by `finalize`: Jinja2 folds a filter on a constant into text at compile time.
    return lambda code: str(translate(word(family, code)))


def _translator(translations: NullTranslations) -> Callable[[Any], Any]:
    def translate(value: Any) -> Any:
        return value.translate(translations) if isinstance(value, Text) else value

    return translate


def _components(environment: Environment) -> Components:
    components = Components()
    # A component may use any other: the name must be defined before the first template is compiled.
    environment.globals["ui"] = components
    for path in sorted((TEMPLATES / COMPONENTS).glob("*.html")):
        module = environment.get_template(f"{COMPONENTS}/{path.name}").module
        components.add({name: value for name, value in vars(module).items() if _is_macro(name, value)})
    return components


def _is_macro(name: str, value: object) -> bool:
    return callable(value) and not name.startswith("_")
