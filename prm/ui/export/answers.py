"""Which file an address asks for, and the answer: `?export=csv` or `?export=xlsx` on the list's own address."""

import re
from collections.abc import Callable, Iterable, Iterator, Mapping
from typing import Protocol, TypeVar

from django.db.models import QuerySet
from django.http import FileResponse, HttpRequest, HttpResponse, StreamingHttpResponse
from django.http.response import HttpResponseBase
from django.utils import timezone

from prm.core.clock import now
from prm.core.listing.ordering import ended
from prm.core.listing.streaming import streamed
from prm.core.notation.reader import figure
from prm.ui.export import csv_file, workbook
from prm.ui.export.cells import Sheet, cell_of

PARAMETER = "export"
FORMATS = ("csv", "xlsx")
Row = TypeVar("Row")
Row_co = TypeVar("Row_co", covariant=True)
Columns = Mapping[str, Callable[[Row], object]]
"""The columns of a list that its page draws by hand: under each head, what of a row is shown."""


class Rows(Protocol[Row_co]):
    """Rows that can be counted: a list, or a queryset."""

    def __iter__(self) -> Iterator[Row_co]: ...
    def __len__(self) -> int: ...


def asked(request: HttpRequest) -> str:
    """Return the format that the address asks for, or ""."""
    wanted = request.GET.get(PARAMETER, "")
    return wanted if wanted in FORMATS else ""


def links(request: HttpRequest, **which: str) -> dict[str, str]:
    """Return for each format the address that exports what this one shows, all pages of it.

    *which* tells lists of one page apart: names and values of the query.
    """
    query = request.GET.copy()
    query.update(which)
    for name in ("page", "per_page", PARAMETER):
        query.pop(name, None)
    found = {}
    for wanted in FORMATS:
        query[PARAMETER] = wanted
        found[wanted] = f"?{query.urlencode()}"
    return found


def file_asked(
    request: HttpRequest, name: str, columns: Columns[Row], rows: Rows[Row]
) -> HttpResponseBase | None:
    """Return the file that the address asks for, of a list that its page draws by hand; None for the page.

    *rows*: all that the page shows, on however many pages, in its order; a queryset is not read for the page.
    The page links to the files by `{% exports %}`.
    """
    if not (wanted := asked(request)):
        return None
    if isinstance(rows, QuerySet):
        return exported(wanted, sheet_of(name, columns, streamed(ended(rows))), rows=rows.count())
    return exported(wanted, sheet_of(name, columns, rows), rows=len(rows))


def sheet_of(name: str, columns: Columns[Row], rows: Iterable[Row]) -> Sheet:
    """Return rows under these columns, to be written to a file."""
    return Sheet(name, list(columns), ([cell_of(cell(row)) for cell in columns.values()] for row in rows))


def exported(wanted: str, sheet: Sheet, *, rows: int) -> HttpResponseBase:
    """Return the list as a file to keep. *rows*: how many there are, as far as anybody counted."""
    if wanted == "csv":
        # Sent while it is read, in the tenant's scope (TenantMiddleware).
        answer: HttpResponseBase = StreamingHttpResponse(
            csv_file.lines(sheet), content_type=csv_file.CONTENT_TYPE
        )
        answer["Content-Disposition"] = f'attachment; filename="{_name(sheet)}.csv"'
        return answer
    if rows > workbook.MOST_ROWS:
        words = f"A workbook takes {figure(workbook.MOST_ROWS)} rows here, and this list is longer. Filter it, or export it as CSV."
        return HttpResponse(words, status=413, content_type="text/plain; charset=utf-8")
    return FileResponse(
        workbook.written(sheet),
        as_attachment=True,
        filename=f"{_name(sheet)}.xlsx",
        content_type=workbook.CONTENT_TYPE,
    )


def _name(sheet: Sheet) -> str:
    plain = re.sub(r"[^A-Za-z0-9]+", "-", sheet.name).strip("-").lower() or "list"
    return f"{plain}-{timezone.localtime(now()):%Y-%m-%d}"
