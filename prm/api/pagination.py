"""Pages of results: by number for short lists, by cursor for long ones.

Both end the order of their list with a unique key, so that a walk to the end gives every row once.
"""

from dataclasses import dataclass
from datetime import date
from typing import TypeVar

from django.core import signing
from django.core.exceptions import ValidationError
from django.db.models import Field, Model, QuerySet
from rest_framework.exceptions import NotFound
from rest_framework.pagination import CursorPagination, PageNumberPagination
from rest_framework.request import Request
from rest_framework.utils.urls import replace_query_param
from rest_framework.views import APIView

from prm.core.errors import Refused
from prm.core.listing.ordering import after, ended, field_of, terms_of, value_of

M = TypeVar("M", bound=Model)
_SALT = "prm.api.cursor"
# Rows of a page: usually, and at most.
SIZE, MOST = 50, 200


class Sized:
    """`?page_size=100`; at most 200 rows a page."""

    page_size: int | None = SIZE
    page_size_query_param: str | None = "page_size"
    max_page_size: int | None = MOST

    def get_page_size(self, request: Request) -> int:
        """Return the rows of a page. Raises Refused for a size that is none: nobody is given another silently."""
        asked = request.query_params.get("page_size")
        if not asked:
            return SIZE
        digits = asked.lstrip("0")
        if not (digits.isascii() and digits.isdigit()):
            raise Refused("The number of rows on a page is 1 or more.", field="page_size", code="invalid")
        return min(int(digits[:4]), MOST)


class PageNumber(Sized, PageNumberPagination):
    """`?page=2`."""

    def paginate_queryset(  # type: ignore[override]  # lists of ours are querysets
        self, queryset: QuerySet[M], request: Request, view: APIView | None = None
    ) -> list[M] | None:
        """Return the rows of the page."""
        return super().paginate_queryset(ended(queryset), request, view)


@dataclass(frozen=True)
class _Place:
    """Between which rows a page begins: behind (or, going back, before) a row with these values."""

    order: str
    values: list[str | None]
    back: bool
    with_edge: bool = False  # that row belongs to the page: the page it stood beside turned out empty

    def written(self) -> str:
        return signing.dumps([self.order, self.values, self.back, self.with_edge], salt=_SALT)

    @classmethod
    def read(cls, text: str) -> "_Place":
        """Raise `signing.BadSignature` for what we did not write."""
        return cls(*signing.loads(text, salt=_SALT))


class Cursor(Sized, CursorPagination):
    """The links that it answers; for lists too long to count or to skip through.

    The view says its order by `ordering` and an `OrderingFilter`. A cursor holds the values of the row at
    the edge of its page, key included, and is signed: it names a place in this list and order only.
    """

    def paginate_queryset(  # type: ignore[override]  # lists of ours are querysets
        self, queryset: QuerySet[M], request: Request, view: APIView | None = None
    ) -> list[M] | None:
        """Return the rows of the page. Raises `NotFound` for a cursor that names no place in the list."""
        self.request = request
        self.page_size = self.get_page_size(request)
        ordered = ended(queryset.order_by(*self._ordering(request, queryset, view)))
        self._terms = terms_of(ordered)
        self._order = ",".join(f"{'-' if term.descending else ''}{term.path}" for term in self._terms)
        self._place = self._asked(request)
        back = self._place is not None and self._place.back
        self._terms_asked = tuple(term.turned() for term in self._terms) if back else self._terms
        if self._place is not None:
            fields = [field_of(ordered, term.path) for term in self._terms]
            values = self._values(fields, self._place)
            ordered = after(ordered, self._terms_asked, values, with_edge=self._place.with_edge)
        found = list(ordered.order_by(*(term.order() for term in self._terms_asked))[: self.page_size + 1])
        more = len(found) > self.page_size
        rows = found[: self.page_size]
        self.page = rows[::-1] if back else rows
        self.has_next = back or more
        self.has_previous = more if back else self._place is not None
        return self.page

    def get_next_link(self) -> str | None:
        """Return the address of the page after this one."""
        return self._link(back=False) if self.has_next else None

    def get_previous_link(self) -> str | None:
        """Return the address of the page before this one."""
        return self._link(back=True) if self.has_previous else None

    def _link(self, *, back: bool) -> str:
        if self.page:
            edge = self.page[0] if back else self.page[-1]
            values = [_text(value_of(edge, term.path)) for term in self._terms]
        else:
            assert self._place is not None
            values = self._place.values
        written = _Place(self._order, values, back, with_edge=not self.page).written()
        return replace_query_param(self.request.build_absolute_uri(), self.cursor_query_param, written)

    def _ordering(self, request: Request, queryset: QuerySet[M], view: APIView | None) -> tuple[str, ...]:
        for backend in getattr(view, "filter_backends", ()):
            if hasattr(backend, "get_ordering"):
                asked = backend().get_ordering(request, queryset, view)
                if asked:
                    return tuple(asked)
        return (self.ordering,) if isinstance(self.ordering, str) else tuple(self.ordering)

    def _asked(self, request: Request) -> _Place | None:
        text = request.query_params.get(self.cursor_query_param)
        if not text:
            return None
        try:
            place = _Place.read(text)
        except signing.BadSignature as error:
            raise NotFound(self.invalid_cursor_message) from error
        if place.order != self._order:
            raise NotFound("This cursor belongs to another order of the list.")
        return place

    def _values(self, fields: "list[Field[object, object]]", place: _Place) -> list[object]:
        try:
            return [
                None if text is None else field.to_python(text)
                for field, text in zip(fields, place.values, strict=True)
            ]
        except (ValidationError, ValueError) as error:
            raise NotFound(self.invalid_cursor_message) from error


def _text(value: object) -> str | None:
    """Write a value so that its field reads the same from it (moments to the microsecond)."""
    if value is None:
        return None
    return value.isoformat() if isinstance(value, date) else str(value)
