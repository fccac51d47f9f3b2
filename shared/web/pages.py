"""The pages of the service that answers a request, as a dependency of its routes."""

from __future__ import annotations

from typing import Annotated

from fastapi import Depends, Request

from shared.web.templating import Pages


def get_pages(request: Request) -> Pages:
    """Return the pages of this service."""
    pages: Pages = request.app.state.pages
    return pages


PagesDep = Annotated[Pages, Depends(get_pages)]
