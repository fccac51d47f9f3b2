"""What every government site has: how it treats personal data, and a map of its pages."""

from __future__ import annotations

from fastapi import APIRouter, Request, Response

from services.publisher.web.dependencies import PresenterDep, render
from shared.contracts import Board
from shared.reference import districts, industries

router = APIRouter(include_in_schema=False)


@router.get("/privacy")
async def privacy_page(request: Request) -> Response:
    """Show what is stored of readers, complainants and operators, and what is never published."""
    return render(request, "portal/privacy.html")


@router.get("/sitemap")
async def sitemap_page(request: Request, presenter: PresenterDep) -> Response:
    """Show the pages of the site."""
    return render(
        request, "portal/sitemap.html", boards=list(Board),
        regions=[(each.code, presenter.region(each.code)) for each in districts()],
        industries=[(code, presenter.industry(code)) for code in industries()],
    )  # fmt: skip
