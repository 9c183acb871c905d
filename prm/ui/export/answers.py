"""Which file an address asks for, and the answer: `?export=csv` or `?export=xlsx` on the list's own address."""

import re

from django.http import FileResponse, HttpRequest, HttpResponse, StreamingHttpResponse
from django.http.response import HttpResponseBase
from django.utils import timezone

from prm.core.clock import now
from prm.ui.export import csv_file, workbook
from prm.ui.export.cells import Sheet

PARAMETER = "export"
FORMATS = ("csv", "xlsx")


def asked(request: HttpRequest) -> str:
    """Return the format that the address asks for, or ""."""
    wanted = request.GET.get(PARAMETER, "")
    return wanted if wanted in FORMATS else ""


def links(request: HttpRequest) -> dict[str, str]:
    """Return for each format the address that exports what this one shows, all pages of it."""
    query = request.GET.copy()
    for name in ("page", "per_page", PARAMETER):
        query.pop(name, None)
    found = {}
    for wanted in FORMATS:
        query[PARAMETER] = wanted
        found[wanted] = f"?{query.urlencode()}"
    return found


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
        words = f"A workbook takes {workbook.MOST_ROWS:,} rows here, and this list is longer. Filter it, or export it as CSV."
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
