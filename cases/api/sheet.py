"""The sheet of a cell or village, to print and take along: map, people, phones, places, patrols."""

from __future__ import annotations

from typing import Any, NoReturn

from django.conf import settings
from django.http import Http404, HttpResponse
from django.template.loader import render_to_string
from django.utils import timezone
from django.utils.translation import get_language
from drf_spectacular.types import OpenApiTypes
from drf_spectacular.utils import OpenApiParameter, OpenApiResponse, extend_schema
from rest_framework.request import Request
from rest_framework.views import APIView
from weasyprint import HTML  # type: ignore[import-untyped]
from weasyprint.urls import URLFetcher  # type: ignore[import-untyped]

from cases.api.tiles import AnyAccept
from cases.api.views import found, user_of
from cases.selectors.case_sheet import case_sheet
from cases.selectors.sheet import sheet_of
from staff.scope import scope_of


class NothingFetched(URLFetcher):  # type: ignore[misc]
    """A sheet is made of what is in the page: no address is ever opened, neither on the network nor on the disk."""

    def fetch(self, url: str, headers: Any = None) -> NoReturn:
        raise ValueError("a sheet fetches nothing")


def pdf_of(html: str) -> bytes:
    """The page as PDF."""
    made: bytes = HTML(string=html, url_fetcher=NothingFetched()).write_pdf()
    return made


def pdf_answer(*, request: Request, template: str, sheet: Any, name: str) -> HttpResponse:
    """The sheet on paper, in the language asked for, with who printed it and when.

    Names and numbers of people: kept by nobody on the way, nor in the browser of a shared desk.
    """
    user = user_of(request)
    context = {
        "sheet": sheet,
        "language": get_language(),
        "demo": settings.DEMO,
        "printed_at": timezone.now(),
        "printed_by": user.display_name or user.username,
    }
    response = HttpResponse(pdf_of(render_to_string(template, context)), content_type="application/pdf")
    response["Content-Disposition"] = f'inline; filename="{name}.pdf"'
    response["Cache-Control"] = "private, no-store"
    response["X-Content-Type-Options"] = "nosniff"
    return response


class CaseSheetView(APIView):
    content_negotiation_class = AnyAccept

    @extend_schema(
        operation_id="cases_sheet", responses={(200, "application/pdf"): OpenApiResponse(OpenApiTypes.BINARY)}
    )
    def get(self, request: Request, pk: int) -> HttpResponse:
        """A case on paper: its timeline, how each due time came about, and the hashes that prove it."""
        case = found(request, pk)
        sheet = case_sheet(case=case, scope=scope_of(user_of(request)), now=timezone.now())
        return pdf_answer(request=request, template="cases/case_sheet.html", sheet=sheet, name=case.number)


class SheetView(APIView):
    content_negotiation_class = AnyAccept

    @extend_schema(
        operation_id="areas_sheet",
        parameters=[OpenApiParameter("code", str, OpenApiParameter.PATH)],
        responses={(200, "application/pdf"): OpenApiResponse(OpenApiTypes.BINARY)},
    )
    def get(self, request: Request, code: str) -> HttpResponse:
        """A cell or village on paper, in the language asked for: for whoever holds a post that covers it."""
        sheet = sheet_of(code=code, scope=scope_of(user_of(request)), now=timezone.now())
        if sheet is None:
            raise Http404
        return pdf_answer(request=request, template="cases/sheet.html", sheet=sheet, name=sheet.area.code)
