"""Rendering of pages: one Jinja2 environment a language, over a service's templates and the shared ones.

In templates, beside Jinja2's own names: `_()` and `{% trans %}` (Chinese is the source), `ui` (all components),
`site`, `here`, `url` and `link` helpers, and the filters of `shared.web.formats`.
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

from shared.charts.wilson import wilson_interval
from shared.web.assets import Assets
from shared.web.codes import qr_svg
from shared.web.deadlines import pie_path
from shared.web.differences import difference
from shared.web.formats import MISSING, Formats
from shared.web.here import Here
from shared.web.i18n import Text, gettext_for_templates, load
from shared.web.languages import (
    COOKIE,
    COOKIE_SECONDS,
    HTML_LANG,
    LANGUAGES,
    SOURCE,
    Language,
    chosen,
)
from shared.web.periods import month_name, period_name
from shared.web.problem_texts import PROBLEMS, UNKNOWN
from shared.web.site import Site
from shared.web.typesetting import break_name, break_title, has_chinese, keep_whole, marked_chinese, whole
from shared.web.units import beside_label, in_column, with_unit
from shared.web.vocabulary import FAMILIES, TAGS, word

TEMPLATES = Path(__file__).parent / "templates"
COMPONENTS = "components"


class Components:
    """The macros of all component templates under one name: `ui.tile(...)`."""

    def __init__(self) -> None:
        self._macros: dict[str, Callable[..., str]] = {}

    def add(self, macros: Mapping[str, Any]) -> None:
        """Take over the public macros of one template; a name may be defined only once."""
        taken = self._macros.keys() & macros.keys()
        if taken:
            raise ValueError(f"defined twice: {sorted(taken)}")
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
        self._translations = {language: load(language, [service / "locale"]) for language in LANGUAGES}
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
        """Answer `request` with a page in its language; `?lang=` is remembered in a cookie."""
        here = Here.of(request)
        html = self.html(here.language, template, here=here, **context)
        response = HTMLResponse(html, status_code=status, headers=dict(headers or {}))
        response.headers["Content-Language"] = HTML_LANG[here.language]
        response.headers.add_vary_header("Accept-Language")
        response.headers.add_vary_header("Cookie")
        asked = chosen(request)
        if asked:
            response.set_cookie(COOKIE, asked, max_age=COOKIE_SECONDS, samesite="lax", httponly=True)
        return response

    def problem(
        self,
        request: Request,
        status: int,
        *,
        title: Text | None = None,
        detail: Text | str | None = None,
        headers: Mapping[str, str] | None = None,
    ) -> HTMLResponse:
        """Answer with the error page of `status`: what is wrong and what to do; `detail` is of this case."""
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
        )

    def html(self, language: Language, template: str, **context: Any) -> str:
        """Return a page or a part of one in `language`; for events, feeds and screens."""
        return self._environments[language].get_template(template).render(**context)

    def text(self, language: Language, text: Text | str) -> str:
        """Return a text of Python code in `language`."""
        return str(_shown(self._translations[language])(text))

    def formats(self, language: Language) -> Formats:
        """Return the formats of `language`."""
        return Formats(language, self.site.zone)

    def routes(self) -> list[BaseRoute]:
        """Return the routes of the static files that the pages refer to."""
        return self.assets.routes()

    def _environment(self, language: Language, templates: Path, extra: Mapping[str, Any]) -> Environment:
        translations = self._translations[language]
        show = _shown(translations)
        environment = Environment(
            loader=ChoiceLoader([FileSystemLoader(templates), FileSystemLoader(TEMPLATES)]),
            autoescape=True,
            undefined=StrictUndefined,
            trim_blocks=True,
            lstrip_blocks=True,
            extensions=["jinja2.ext.i18n", "jinja2.ext.do"],
            finalize=show,
        )
        environment.policies["ext.i18n.trimmed"] = True
        # Sets how {% trans %} is compiled; the callables themselves are then ours, which know Text.
        environment.install_null_translations(newstyle=True)  # type: ignore[attr-defined]
        environment.globals.update(gettext_for_templates(translations))
        environment.filters.update(_filters(language, self.formats(language), show))
        environment.globals.update(self._globals(language), **extra)
        environment.globals["ui"] = _components(environment)
        return environment

    def _globals(self, language: Language) -> dict[str, Any]:
        return {
            "language": language,
            "html_lang": HTML_LANG[language],
            "site": self.site,
            "bureau": self.site.bureau(language),
            "static_url": self.assets.url,
            "portal": lambda path="/": self.site.link("publisher", path),
            "corrections": lambda path="/corrections": self.site.link("corrections", path),
            "wilson": wilson_interval,
            "difference": difference,
            "pie_path": pie_path,
            "qr_svg": qr_svg,
            "tags": TAGS,
            "weekday_names": self.formats(language).weekday_names,
            "missing": MISSING,
        }


def _filters(language: Language, formats: Formats, show: Callable[[Any], Any]) -> dict[str, Callable[..., Any]]:
    def set_text(text: str, set_type: Callable[[str], Markup]) -> Markup:
        return set_type(text) if language == SOURCE or isinstance(text, Markup) else marked_chinese(text, set_type)

    def nb(value: Any, unit: str = "") -> Any:
        return with_unit(formats, value, unit) if unit or not isinstance(value, str) else set_text(value, keep_whole)

    return {
        **{family: _words(family, show) for family in FAMILIES},
        "nb": nb,
        "whole": whole,
        "cell": lambda value, unit="": in_column(formats, value, unit),
        "beside": lambda unit: beside_label(formats, unit),
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


def _words(family: str, show: Callable[[Any], Any]) -> Callable[[str], str]:
    # Translated here and not where it is printed: Jinja2 folds a filter on a constant into text at compile time.
    return lambda code: str(show(word(family, code)))


def _shown(translations: NullTranslations) -> Callable[[Any], Any]:
    def show(value: Any) -> Any:
        return value.into(translations) if isinstance(value, Text) else value

    return show


def _components(environment: Environment) -> Components:
    components = Components()
    # A component may use any other: the name must be there before the first template is read.
    environment.globals["ui"] = components
    for path in sorted((TEMPLATES / COMPONENTS).glob("*.html")):
        module = environment.get_template(f"{COMPONENTS}/{path.name}").module
        components.add({name: value for name, value in vars(module).items() if _is_macro(name, value)})
    return components


def _is_macro(name: str, value: object) -> bool:
    return callable(value) and not name.startswith("_")
