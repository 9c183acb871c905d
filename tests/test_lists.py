"""Every list page of the product: each row once in every order, and exported as it is shown.

The lists are found among the addresses, so that a new one is tested by being there.
"""

import csv
import io
import re
from collections import Counter
from contextlib import suppress
from datetime import date, datetime
from decimal import Decimal
from html import unescape
from urllib.parse import urlencode
from uuid import uuid4

import pytest
from django.apps import apps
from django.core.exceptions import FieldDoesNotExist
from django.db import IntegrityError, transaction
from django.urls import resolve
from python_calamine import CalamineWorkbook

from activities.visits.models import Visit
from orders.attribution.service import ignore_code, waiting
from orders.rates.service import set_rate
from partners.directory.models import Partner
from partners.reviews.board import proposals
from partners.reviews.service import decide_tier
from partners.standing.models import Standing
from partners.states import Tier
from prm.accounts.keys import create_key
from prm.accounts.models import Membership
from prm.salesforce.engine.models import Conflict, Outbox, SyncProblem
from prm.salesforce.guards.models import HeldChange, MassChange
from prm.tenancy.context import tenant_scope
from prm.ui.lists import ListPage
from tests.api.test_lists import make_equal
from tests.conftest import ROOT
from tests.test_isolation import all_paths, fill_in, ids_for, one_id_of_each_model, tried

ROW = re.compile(r'<tr[^>]*data-href="([^"]+)"')


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
        urls = (
            [fill_in(path, tenant.slug, pk) for pk in ids_for(path, ids).values()]
            if path.count("<") > 1
            else []
        )
        for url, answer in tried(client, urls or [fill_in(path, tenant.slug, None)]):
            if answer.status_code == 200:
                yield url, view


def counted(html):
    """What the footer says: how many rows there are."""
    found = re.search(r'data-prm-total="(\d+)"', html)
    return int(found.group(1)) if found else 0


def rows_of(client, url, **query):
    """The rows of all pages, and how many there are said to be."""
    found, page = [], 1
    size = counted(client.get(url, query).content.decode()) // 3 + 1
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


def with_query(url, **more):
    return f"{url}{'&' if '?' in url else '?'}{urlencode(more)}"


def csv_of(client, url, **query):
    answer = client.get(with_query(url, **query, export="csv"))
    assert answer.status_code == 200, url
    assert answer.streaming
    content = b"".join(answer.streaming_content)
    assert content.startswith(b"\xef\xbb\xbf"), "spreadsheets take it for another alphabet"
    return list(csv.reader(io.StringIO(content.decode("utf-8-sig"))))


def xlsx_of(client, url, **query):
    answer = client.get(with_query(url, **query, export="xlsx"))
    assert answer.status_code == 200, url
    book = CalamineWorkbook.from_filelike(io.BytesIO(b"".join(answer.streaming_content)))
    return book.get_sheet_by_index(0).to_python()


@pytest.fixture
def admin(demo, client_for):
    with tenant_scope(demo):
        return client_for(Membership.objects.with_people().get(user__email="admin@mercy.example"))


def test_every_list_shows_each_row_once_in_every_order(world, admin):
    seen = set()
    for url, view in addresses(admin, world):
        for sort in [
            "",
            *(f"{'-' if place % 2 else ''}{name}" for place, name in enumerate(sorts_of(admin, url))),
        ]:
            with tenant_scope(world):
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


# --- lists that a page draws by hand ------------------------------------------------------------

MAIN = re.compile(r"(?s)<main.*</main>")
LIST = re.compile(
    r'<tbody|<ul class="prm-rows|<ul class="prm-queue-list|<ol class="prm-timeline|data-prm-cursor'
)
NO_LIST = {
    "/t/<slug:tenant>/campaigns/<uuid:pk>/": "one campaign: figures of its members and days, which export",
    "/t/<slug:tenant>/campaigns/<uuid:pk>/links/": "one campaign's links: the days of each are a list of their own",
    "/t/<slug:tenant>/campaigns/<uuid:pk>/again/": "two kinds of members: each leads to its rows, and is a file of letters",
    "/t/<slug:tenant>/competition/": "ratios of insights: each figure leads to its rows, which export",
    "/t/<slug:tenant>/competition/<uuid:pk>/": "one competitor: its cases are insights, which export",
    "/t/<slug:tenant>/competition/<uuid:pk>/line/": "a form, and what its text was before",
    "/t/<slug:tenant>/salesforce/mapping/": "the whole mapping, which is a file of its own",
    "/t/<slug:tenant>/salesforce/mass-changes/": "what waits for a decision: what each of it did is a list of its own",
    "/t/<slug:tenant>/orders/<uuid:pk>/": "one order: the lines on its paper",
    "/t/<slug:tenant>/orders/imports/<uuid:pk>/": "one import: its rejected rows are a list of their own",
    "/t/<slug:tenant>/lists/<uuid:pk>/": "one list that is brought: its rows are a list of their own",
    "/t/<slug:tenant>/partners/<uuid:pk>/": "one partner: a chart's figures, read out",
    "/t/<slug:tenant>/audit/": "its export is recorded, and so it is a button and no link",
    "/t/<slug:tenant>/partners/<uuid:pk>/history/": "what changed of one partner: the trail exports it",
    "/t/<slug:tenant>/overview/": "figures of lists that stand on their own pages: each leads to its rows",
    "/t/<slug:tenant>/today/": "what to do next out of the panel and the promises, which export",
    "/t/<slug:tenant>/tier-policy/": "the rules and what figures would do: nothing of it is kept",
    "/t/<slug:tenant>/visits/log/": "a choice of a form: whom it is about",
    "/t/<slug:tenant>/insights/add/": "a choice of a form: whom it is about",
    "/t/<slug:tenant>/opportunities/add/": "a choice of a form: whom it is about",
    "/t/<slug:tenant>/settings/": "a form: the kinds are a handful to set, and by command and API as data",
    "/t/<slug:tenant>/opportunities/<uuid:pk>/": "one opportunity with what was expected of it",
}
STATES = {
    "/t/<slug:tenant>/tier-review/": ["show=decided", "show=rules"],
    "/t/<slug:tenant>/orders/unattributed/": ["code=-"],
}


@pytest.fixture
def world(demo):
    """The demo, with a row in every list that its data leaves empty."""
    with tenant_scope(demo):
        partner = Partner.objects.active().order_by("name").first()
        admin = Membership.objects.with_people().get(user__email="admin@mercy.example")
        Conflict.objects.create(
            mapping="partners.partner", record_id=partner.pk, title=partner.name, there="Name", agreed="=1+1",
            ours="Ours", theirs=None, winner="here", state=Conflict.State.OPEN,
        )  # fmt: skip
        SyncProblem.objects.create(
            mapping="partners.partner", record_id=partner.pk, title=partner.name, kind="refused_there", code="X",
            message="Too long", fields=["Name"],
        )  # fmt: skip
        mass = MassChange.objects.create(
            mapping="partners.partner", direction="push", kind="cleared", cause="7", records=2, total=9
        )
        for one in Partner.objects.active().order_by("name")[:2]:
            HeldChange.objects.create(
                mass=mass,
                mapping="partners.partner",
                record_id=one.pk,
                field="Phone",
                title=one.name,
                before="=1+1",
            )
        Outbox.objects.create(
            mapping="partners.partner",
            record_id=partner.pk,
            waits_mapping="partners.partner",
            waits_id=partner.pk,
        )
        create_key(name="Feed", scopes=["orders:write"], created_by=admin)
        decided, kept = _two_to_decide(demo)
        decide_tier(
            decided.pk, decision="accept", by=admin, from_tier=decided.tier,
            proposed_tier=decided.standing.tier_proposal,
        )  # fmt: skip
        set_rate(currency="EUR", since=date(2026, 1, 1), rate=Decimal("1.08"))
        entry = waiting()[0]
        ignore_code(entry.code, scheme=entry.scheme)
        ruled = {**kept.standing.proposal, "rule": "stay"}
        Standing.objects.filter(pk=kept.standing.pk).update(proposal=ruled)
        Visit.objects.filter(rep__user__email="rep@mercy.example").update(
            next_step="Call", next_step_done_at=None
        )
    return demo


def _two_to_decide(tenant):
    """Two partners for whom another tier is proposed than the one in force."""
    for partner in Partner.objects.active().with_standing().exclude(standing__tier_proposal="")[:2]:
        other = Tier.LOW if partner.standing.tier_proposal != Tier.LOW else Tier.HIGH
        Partner.objects.filter(pk=partner.pk).update(tier=other, tier_held="")
    return proposals(tenant)[:2]


def drawn_by_hand(client, tenant):
    """Every page with a list that is no ListPage, as this client gets it: template, address, HTML."""
    ids = one_id_of_each_model(tenant)
    kit = list_views()
    for path in sorted(set(all_paths())):
        if not path.startswith("/t/") or path in kit:
            continue
        urls = (
            [fill_in(path, tenant.slug, pk) for pk in ids_for(path, ids).values()]
            if path.count("<") > 1
            else []
        )
        for url in urls or queries_of(path, tenant, ids):
            answer = client.get(url)
            if answer.status_code in {403, 405}:
                break  # whatever the id
            if answer.status_code != 200 or "html" not in answer.get("Content-Type", ""):
                continue
            main = MAIN.search(answer.content.decode())
            if main and LIST.search(main.group()):
                yield path, url, main.group()
            if url in urls:
                break


def queries_of(path, tenant, ids):
    """The address without a query, and with those under which it shows another list."""
    url = fill_in(path, tenant.slug, None)
    also = STATES.get(path, [])
    if path.endswith("/timeline/"):
        also = [f"partner={ids['partners.Partner']}"]
    if path.endswith("/salesforce/problems/"):
        also = ["mapping=partners.partner&code=X"]
    return [url, *(f"{url}?{query}" for query in also)]


def client_of(tenant, client_for, who):
    with tenant_scope(tenant):
        return client_for(Membership.objects.with_people().get(user__email=f"{who}@mercy.example"))


EVERYBODY = ("admin", "manager", "rep", "partner")


LISTED_BY_HAND = {
    "campaigns", "cards", "forecast", "names",
    "keys", "members", "security", "sources", "rates", "unattributed", "settled", "panel", "panels", "promises",
    "tier-review", "mail", "moved", "timeline", "referrals", "problems", "conflicts", "control-totals", "reconciliation",
}  # fmt: skip


def test_no_page_lists_anything_without_export(world, client_for):
    """As everybody sees them: whatever page draws rows links to them as files, or is named with a reason.

    The files hold what the page shows, and nobody gets one whom the page refuses.
    """
    clients = {who: client_of(world, client_for, who) for who in EVERYBODY}
    found, lacking, named = {}, set(), set()
    for who, client in clients.items():
        for path, url, html in drawn_by_hand(client, world):
            if "export=csv" in html:
                found.setdefault(url, {})[who] = html
            elif path in NO_LIST:
                named.add(path)
            else:
                lacking.add((path, url))
    assert lacking == set()
    assert named == set(NO_LIST), "a reason for a page that lists nothing"
    assert {url.partition("?")[0].strip("/").split("/")[-1] for url in found} == LISTED_BY_HAND
    for url, seen in found.items():
        for who, client in clients.items():
            if who in seen:
                _exports_what_is_drawn(client, url, seen[who])
            else:
                answer = client.get(with_query(url, export="csv"))
                assert answer.status_code in {403, 404}, (url, who)


def _exports_what_is_drawn(client, url, html):
    for link in sorted({unescape(one) for one in re.findall('href="([^"]*export=csv)"', html)}):
        address = url.partition("?")[0] + link.replace("&export=csv", "").replace("?export=csv", "")
        lines, cells = csv_of(client, address), xlsx_of(client, address)
        assert len(lines) == len(cells) > 1, address
        assert [str(text) for text in cells[0]] == lines[0]
        for line, row in zip(lines[1:], cells[1:], strict=True):
            _same(line, row)
        if "list=" not in link:
            assert len(lines) - 1 == _drawn(html), address
        shown = unescape(html.replace("<wbr>", ""))
        some = [line[0].removeprefix("'") for line in lines[1:26]]
        assert [text for text in some if text not in shown] == [], address


def _drawn(html):
    """How many rows the page says there are on all its pages, or draws."""
    if "data-prm-total" in html:
        return counted(html)
    bodies = "".join(re.findall("(?s)<tbody.*?</tbody>", html))
    rows = re.findall('<li class="prm-row"|<div class="prm-review-row"', html)
    # What a row unfolds below itself is no row of the list.
    return len(rows) or len(re.findall("<tr[ >]", bodies)) - bodies.count('class="prm-why"')


def test_keys_are_exported_without_their_secrets(demo, admin):
    with tenant_scope(demo):
        key, secret = create_key(name="=Feed", scopes=["orders:write"], created_by=None)
    [heads, line] = csv_of(admin, "/t/mercy/keys/")
    assert heads == ["Name", "Begins with", "May do", "Last used", "State"]
    assert line == ["'=Feed", key.prefix, "orders:write", "", "Active"]
    assert secret not in str(line)
    assert key.secret_hash not in str(line)
