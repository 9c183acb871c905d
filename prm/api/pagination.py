"""Pages of results: by number for short lists, by cursor for long ones."""

from typing import TypeVar

from django.core.exceptions import ValidationError
from django.db.models import Model, QuerySet
from rest_framework.exceptions import NotFound
from rest_framework.pagination import CursorPagination, PageNumberPagination
from rest_framework.request import Request
from rest_framework.views import APIView

M = TypeVar("M", bound=Model)


class PageNumber(PageNumberPagination):
    """`?page=2&page_size=100`; at most 200 rows a page."""

    page_size = 50
    page_size_query_param = "page_size"
    max_page_size = 200


class Cursor(CursorPagination):
    """`?page_size=100` and the links it answers; for lists too long to count or to skip through.

    The view says its order by `ordering` and an `OrderingFilter`.
    """

    page_size = 50
    page_size_query_param = "page_size"
    max_page_size = 200

    def paginate_queryset(  # type: ignore[override]  # lists of ours are querysets
        self, queryset: QuerySet[M], request: Request, view: APIView | None = None
    ) -> list[M] | None:
        """Return the rows of the page. Raises `NotFound` for a cursor that names no place in the list."""
        try:
            return super().paginate_queryset(queryset, request, view)
        except (ValidationError, ValueError) as error:
            # DRF reads its own cursor only as far as a text; that the text is a moment, the database asks.
            raise NotFound(self.invalid_cursor_message) from error
