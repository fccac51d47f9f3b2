"""FastAPI dependencies of the publisher's pages, and `render`."""

from __future__ import annotations

from typing import Annotated, Any

from fastapi import Depends, Request, Response

from services.publisher.bureau import BureauContext
from services.publisher.web.presenter import FormPresenter
from shared.charts.renderer import ChartRenderer
from shared.web.languages import Language
from shared.web.page_address import PageAddress
from shared.web.pages import get_pages
from shared.web.templating import Pages


def get_bureau(request: Request) -> BureauContext:
    """Return the rules and keys of this installation."""
    bureau: BureauContext = request.app.state.bureau
    return bureau


def get_charts(request: Request) -> ChartRenderer:
    """Return the renderer of charts."""
    charts: ChartRenderer = request.app.state.charts
    return charts


def get_presenter(request: Request) -> FormPresenter:
    """Return the presenter of public forms in the language of the request."""
    return create_presenter(get_pages(request), PageAddress.from_request(request).language)


def create_presenter(pages: Pages, language: Language) -> FormPresenter:
    """Return the presenter of public forms in `language`."""
    return FormPresenter(language, pages.formats(language), lambda text: pages.text(language, text))


def render(request: Request, template: str, **context: Any) -> Response:
    """Answer with a page; `presenter` writes public forms in its language."""
    return get_pages(request).render(request, template, presenter=get_presenter(request), **context)


BureauDep = Annotated[BureauContext, Depends(get_bureau)]
ChartsDep = Annotated[ChartRenderer, Depends(get_charts)]
PresenterDep = Annotated[FormPresenter, Depends(get_presenter)]
