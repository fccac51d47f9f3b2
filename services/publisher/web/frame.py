"""What every page of the publisher begins with: its language, its rules, a connection that sees one moment."""

from __future__ import annotations

from typing import Annotated, Any

from fastapi import Depends, Request, Response

from services.publisher.office import Office
from services.publisher.web.fields import Showing
from shared.charts.renderer import ChartRenderer
from shared.web.here import Here
from shared.web.templating import Pages


def office_of(request: Request) -> Office:
    """Return the rules and keys of this installation."""
    office: Office = request.app.state.office
    return office


def pages_of(request: Request) -> Pages:
    """Return the pages of this service."""
    pages: Pages = request.app.state.pages
    return pages


def charts_of(request: Request) -> ChartRenderer:
    """Return the renderer of charts."""
    charts: ChartRenderer = request.app.state.charts
    return charts


def showing_of(request: Request) -> Showing:
    """Return how public forms are written in the language of the request."""
    pages, language = pages_of(request), Here.of(request).language
    return Showing(language, pages.formats(language), lambda text: pages.text(language, text))


def render(request: Request, template: str, **context: Any) -> Response:
    """Answer with a page; `show` writes public forms in its language."""
    return pages_of(request).render(request, template, show=showing_of(request), **context)


OfficeOf = Annotated[Office, Depends(office_of)]
PagesOf = Annotated[Pages, Depends(pages_of)]
ChartsOf = Annotated[ChartRenderer, Depends(charts_of)]
ShowingOf = Annotated[Showing, Depends(showing_of)]
