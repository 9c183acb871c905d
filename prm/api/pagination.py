"""Pages of results: by number for short lists, by cursor for long ones."""

from rest_framework.pagination import CursorPagination, PageNumberPagination


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
