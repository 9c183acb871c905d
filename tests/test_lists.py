"""Every list page of the product: each row once in every order, and exported as it is shown.

The lists are found among the addresses, so that a new one is tested by being there.
"""

import csv
import io
import re
from collections import Counter
from contextlib import suppress
from datetime import date, datetime
from html import unescape
from uuid import uuid4

import pytest
from django.apps import apps
from django.core.exceptions import FieldDoesNotExist
from django.core.management import call_command
from django.db import IntegrityError, transaction
from django.urls import resolve
from python_calamine import CalamineWorkbook

from prm.accounts.models import Membership
from prm.tenancy.context import tenant_scope
from prm.tenancy.models import Tenant
from prm.ui.lists import ListPage
from tests.api.test_lists import make_equal
from tests.conftest import ROOT
from tests.test_isolation import all_paths, fill_in, one_id_of_each_model

ROW = re.compile(r'<tr[^>]*data-href="([^"]+)"')


@pytest.fixture
def demo(db, settings):
    settings.DEMO_ALLOWED = True
    call_command("demo", size=6, verbosity=0)
    return Tenant.objects.get(slug="mercy")


def list_views():
    """The class of every list page, by its address as a template; addresses of files left out."""
    found = {}
    for path in sorted(set(all_paths())):
        if path.startswith("/t/"):
            view = resolve(fill_in(path, "mercy", uuid4())).func
            while view is not None and not hasattr(view, "view_class"):
                view = getattr(view, "__wrapped__", None)
            if (
                view is not None
                and issubclass(view.view_class, ListPage)
                and not view.view_initkwargs.get("export")
            ):
                found[path] = view.view_class
    return found


def addresses(client, tenant):
    """The address of every list, with an id under which it has rows."""
    ids = one_id_of_each_model(tenant)
    for path, view in list_views().items():
        urls = [fill_in(path, tenant.slug, pk) for pk in ids.values()] if path.count("<") > 1 else []
        for url in urls or [fill_in(path, tenant.slug, None)]:
            if client.get(url).status_code == 200:
                yield url, view
                break


def counted(html):
    """What the footer says: how many rows there are."""
    found = re.search(r'data-prm-total="(\d+)"', html)
    return int(found.group(1)) if found else 0


def rows_of(client, url, **query):
    """The rows of all pages, and how many there are said to be."""
    found, page = [], 1
    size = counted(client.get(url, query).content.decode()) // 5 + 1
    while True:
        html = client.get(url, {**query, "page": page, "per_page": size}).content.decode()
        body = html[html.index("<tbody") : html.index("</tbody>")] if "<tbody" in html else ""
        found += re.findall("(?s)<tr.*?</tr>", body)
        if 'rel="next"' not in html:
            return found, counted(html)
        page += 1


def sorts_of(client, url):
    """What the heads of the columns link to."""
    html = client.get(url).content.decode()
    return sorted(set(re.findall(r"[?&;]sort=-?([a-z_]+)", html)))


def csv_of(client, url, **query):
    answer = client.get(url, {**query, "export": "csv"})
    assert answer.status_code == 200, url
    assert answer.streaming
    content = b"".join(answer.streaming_content)
    assert content.startswith(b"\xef\xbb\xbf"), "spreadsheets take it for another alphabet"
    return list(csv.reader(io.StringIO(content.decode("utf-8-sig"))))


def xlsx_of(client, url, **query):
    answer = client.get(url, {**query, "export": "xlsx"})
    assert answer.status_code == 200, url
    book = CalamineWorkbook.from_filelike(io.BytesIO(b"".join(answer.streaming_content)))
    return book.get_sheet_by_index(0).to_python()


@pytest.fixture
def admin(demo, client_for):
    with tenant_scope(demo):
        return client_for(Membership.objects.with_people().get(user__email="admin@mercy.example"))


def test_every_list_shows_each_row_once_in_every_order(demo, admin):
    seen = set()
    for url, view in addresses(admin, demo):
        for sort in [
            "",
            *(f"{'-' if place % 2 else ''}{name}" for place, name in enumerate(sorts_of(admin, url))),
        ]:
            with tenant_scope(demo):
                _flatten(view, sort.removeprefix("-"))
            found, total = rows_of(admin, url, **({"sort": sort} if sort else {}))
            assert len(found) == total, (url, sort)
            opened = Counter(match.group(1) for row in found if (match := ROW.match(row)))
            repeated = {row: n for row, n in opened.items() if n > 1}
            assert repeated == {}, (url, sort)
            seen.add((view, sort))
    assert {view for view, _ in seen} == set(list_views().values()), "a list without rows was not looked at"
    assert len(seen) > 25


def _flatten(view, column):
    """Give most rows the same value of what the column sorts by, where it is a field."""
    table = view.table_class
    if not column:
        return
    accessor = str(table.base_columns[column].accessor or column).replace(".", "__")
    model = {"OrderTable": "orders.Order", "PartnerTable": "partners.Partner"}.get(table.__name__)
    if model and "user" not in accessor:
        # What is no field, or unique in its source, stays as it is.
        with suppress(FieldDoesNotExist, AttributeError, IntegrityError), transaction.atomic():
            make_equal(apps.get_model(model), accessor)


def test_every_list_exports_what_it_shows(demo, admin):
    """Unfiltered, sorted and searched; CSV and workbook have the rows of all pages, in their order."""
    for url, view in addresses(admin, demo):
        queries = [{}] + [{"sort": f"-{name}"} for name in sorts_of(admin, url)[:1]]
        if view.filterset_class is not None and "q" in view.filterset_class.base_filters:
            queries.append({"q": "a"})
        for query in queries:
            shown, total = rows_of(admin, url, **query)
            lines, cells = csv_of(admin, url, **query), xlsx_of(admin, url, **query)
            assert len(lines) == 1 + total == 1 + len(shown), (url, query)
            if not lines[1:]:
                continue
            assert [str(text) for text in cells[0]] == lines[0], (url, query)
            assert len(cells) == len(lines)
            assert len({len(line) for line in lines}) == 1
            for line, row, seen in zip(lines[1:], cells[1:], shown, strict=True):
                assert line[0].removeprefix("'") in unescape(seen), (url, query)
                _same(line, row)


def _same(line, row):
    """A row of both files says the same; dates and numbers are such in the workbook."""
    for text, cell in zip(line, row, strict=True):
        if isinstance(cell, datetime):
            assert text.startswith(f"{cell:%Y-%m-%d %H:%M}")
        elif isinstance(cell, date):
            assert text.removesuffix(" 00:00:00") == cell.isoformat()
        elif isinstance(cell, float):
            assert float(text) == pytest.approx(cell)
        else:
            assert text.removeprefix("'") == cell.removeprefix("'")


def test_a_search_that_htmx_swaps_brings_its_own_export(demo, admin):
    """The addresses stand in the part that is swapped: what is exported is what is seen."""
    headers = {"HX-Request": "true", "HX-Target": "list"}
    html = admin.get("/t/mercy/partners/", {"q": "a", "page": "1"}, headers=headers).content.decode()
    assert "<html" not in html
    assert 'href="?q=a&amp;export=csv"' in html
    assert 'href="?q=a&amp;export=xlsx"' in html


def test_lists_are_cut_into_pages_by_the_kit_alone():
    """Django's paginator does not mind an order in which rows stand equal."""
    named = [
        file.relative_to(ROOT).as_posix()
        for app in ("prm", "partners", "orders", "activities")
        for file in (ROOT / app).rglob("*.py")
        if "django.core.paginator" in file.read_text(encoding="utf-8")
    ]
    assert named == ["prm/ui/lists.py"]
