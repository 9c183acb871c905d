"""Pages of the orders app: the way of a file from choosing to correcting, the queue, the portal."""

from datetime import datetime
from decimal import Decimal
from zoneinfo import ZoneInfo

import pytest
from django.core.files.storage import default_storage
from django.core.files.uploadedfile import SimpleUploadedFile
from django.urls import reverse

from orders.book.models import IgnoredCode, Order
from orders.rejects.models import RejectedLine
from orders.runs.models import ImportRun
from orders.sources.models import OrderSource
from partners.directory.models import Partner
from partners.portal.models import PartnerAccess
from partners.standing.models import PartnerMonth
from prm.accounts.service import add_member
from prm.tenancy.context import tenant_scope
from tests.html import shows
from tests.orders.factories import COLUMNS, csv_text, import_rows, make_order, make_source


def url(name, **kwargs):
    return reverse(f"orders:{name}", kwargs={"tenant": "mercy", **kwargs})


@pytest.fixture
def alice(mercy, client_for):
    return client_for(mercy.administrator)


@pytest.fixture
def bob(mercy, client_for):
    return client_for(mercy.manager)


@pytest.fixture
def scope(mercy):
    def enter():
        return tenant_scope(mercy.tenant)

    return enter


def upload(client, source, text, name="may.csv"):
    content = text if isinstance(text, bytes) else text.encode()
    data = {"source": source.pk, "files": [SimpleUploadedFile(name, content)]}
    return client.post(url("import"), data, follow=True)


def words(response):
    return " ".join(response.content.decode().split())


def test_administrator_makes_a_source_by_form(alice, scope):
    assert "No order source yet" in words(alice.get(url("sources")))
    data = {
        "name": "Meditech", "header": "on", "encoding": "utf-8", "delimiter": ",", "decimal_mark": ".",
        "date_format": "%m/%d/%Y", "partner_kind": "physician", "number_prefixes": "C, X",
        "states": "X = cancelled\nC = completed", "is_active": "on",
        "column_number": "ORD_NO", "column_date": "ORD_DT", "column_amount": "NET_AMT",
    }  # fmt: skip
    bad = alice.post(url("source-add"), data | {"column_date": ""})
    assert "Order date is needed." in words(bad)
    assert alice.post(url("source-add"), data).status_code == 302
    with scope():
        source = OrderSource.objects.get()
        assert source.rules.states == {"x": "cancelled", "c": "completed"}
        assert source.rules.cancellations.number_prefixes == ("C", "X")
    form = alice.get(url("source-edit", pk=source.pk))
    assert "x = cancelled" in form.content.decode()


def test_file_is_previewed_imported_and_its_reject_corrected(alice, scope):
    with scope():
        source = make_source(create_partners=True)
    text = csv_text(
        "1,2026-05-03,77,A,2,10", "2,2026-05-04,78,A,two,10", header="No,Date,Code,Item,Qty,Price"
    )
    page = upload(alice, source, text)
    shown = words(page)
    assert "First rows, as they will be read" in shown
    assert "New, makes a partner for 77" in shown
    assert "Rejected: The quantity &#x27;two&#x27; is not a number." in shown
    with scope():
        run = ImportRun.objects.get()
        assert (run.state, Order.objects.count(), RejectedLine.objects.count()) == ("preview", 0, 0)
        stored = run.files[0]["stored_as"]
        assert default_storage.exists(stored)
    alice.post(url("run-start", pk=run.pk))
    # The task is sent when the request's transaction commits, which a test never does.
    with scope():
        from orders.runs.service import perform

        perform(run.pk)
        run.refresh_from_db()
        assert run.state == "done"
        line = RejectedLine.objects.get()
    assert not default_storage.exists(stored)
    result = words(alice.get(url("run", pk=run.pk)))
    assert "Not a number" in result and "2 rows read: 1 stored" in result
    assert "Qty" in words(alice.get(url("rejects", pk=run.pk)))
    form = alice.get(url("reject", pk=line.pk))
    assert 'value="two"' in form.content.decode()
    cells = line.raw | {"quantity": "2x"}
    assert "is not a number" in words(alice.post(url("reject", pk=line.pk), cells))
    assert alice.post(url("reject", pk=line.pk), line.raw | {"quantity": "3"}).status_code == 302
    with scope():
        assert Order.objects.get(number="2").amount == Decimal(30)
        assert RejectedLine.objects.get().state == "corrected"
        assert PartnerMonth.objects.filter(partner__name="78").get().revenue == Decimal(30)
    assert "All rejected rows are settled" in words(alice.get(url("run", pk=run.pk)))


def test_broken_file_is_refused_in_the_preview_and_can_be_thrown_away(alice, scope):
    with scope():
        source = make_source()
    page = words(upload(alice, source, "No;Date;Code;Item;Qty;Price\n1;2026-05-03;77;A;2;10\n"))
    assert "This file cannot be taken" in page and "separated by semicolon" in page
    with scope():
        run = ImportRun.objects.get()
    alice.post(url("run-stop", pk=run.pk))
    with scope():
        run.refresh_from_db()
        assert run.state == "cancelled" and run.files[0]["stored_as"] == ""


def test_upload_beyond_the_limit_is_refused_with_the_size(alice, scope, settings):
    settings.UPLOAD_LIMIT = 10
    with scope():
        source = make_source()
    page = words(upload(alice, source, csv_text("1,2026-05-03,77,A,2,10")))
    assert "at most 0.0 MB are taken at once" in page
    with scope():
        assert not ImportRun.objects.exists()


def test_answering_a_question_changes_the_source(alice, scope):
    with scope():
        source = make_source(columns=COLUMNS | {"state": "St"}, date_formats=["%m/%d/%Y"])
    text = csv_text(
        "1,05/03/2026,77,A,2,10,Z", "2,05/14/2026,77,A,2,10,Z", header="No,Date,Code,Item,Qty,Price,St"
    )
    page = words(upload(alice, source, text))
    assert "1 of 2 dates fit both ways; 1 fit only month first" in page
    assert "State “Z” is new in this source." in page
    with scope():
        run = ImportRun.objects.get()
    alice.post(url("run-answer", pk=run.pk), {"choice": "1-3"})
    with scope():
        source.refresh_from_db()
        assert source.rules.states == {"z": "cancelled"}
        assert not OrderSource.objects.exclude(pk=source.pk).exists()


def test_rejected_lines_are_dismissed_undone_retried_and_exported(alice, scope):
    with scope():
        source = make_source(columns=COLUMNS | {"state": "St"})
        header = "No,Date,Code,Item,Qty,Price,St"
        from tests.orders.factories import run_import

        run = run_import(
            source, csv_text("1,2026-05-03,=1+1,A,2,10,Z", "2,2026-05-03,77,A,2,10,Z", header=header)
        )
    settle = url("rejects-settle", pk=run.pk)
    alice.post(settle, {"reason": "unknown_state", "action": "dismiss"})
    alice.post(settle, {"reason": "unknown_state", "action": "reopen"})
    assert alice.get(url("rejects", pk=run.pk), {"reason": "none", "q": "sought in vain"}).status_code == 200
    export = alice.get(url("rejects-export", pk=run.pk)).content.decode("utf-8-sig")
    assert "'=1+1" in export and "unknown_state" in export
    with scope():
        source.spec["states"] = {"z": "completed"}
        source.save()
    alice.post(settle, {"reason": "unknown_state", "action": "retry"})
    with scope():
        assert set(RejectedLine.objects.values_list("state", flat=True)) == {"corrected"}
        assert Order.objects.count() == 2


def test_queue_ties_a_code_remembers_it_and_undoes(bob, scope):
    with scope():
        source = make_source(columns=COLUMNS | {"partner_name": "Name"})
        partner = Partner.objects.create(name="Dr. Tomás Herrera", kind="physician")
        from tests.orders.factories import run_import

        rows = ["1,2026-05-03,1730,A,1,10,HERRERA T MD", "2,2026-05-04,1730,A,1,5,HERRERA T MD"]
        run_import(source, csv_text(*rows, header="No,Date,Code,Item,Qty,Price,Name"))
    page = words(bob.get(url("unattributed")))
    assert "1 code, 2 orders, $15 without a provider" in page
    assert "Certain: Dr. Tomás Herrera" in page
    assert "Tie 2 orders to Dr. Tomás Herrera" in page
    bob.post(url("tie"), {"code": "1730", "partner": partner.pk})
    with scope():
        assert PartnerMonth.objects.get().revenue == Decimal(15)
    assert "Every order has its owner" in words(bob.get(url("unattributed")))
    bob.post(url("untie"), {"code": "1730"})
    with scope():
        assert not PartnerMonth.objects.exists()
        assert Order.objects.unattributed().count() == 2
    bob.post(url("ignore"), {"code": "1730"})
    with scope():
        assert IgnoredCode.objects.get().normal == "1730"
        assert not Order.objects.unattributed().exists()
    bob.post(url("untie"), {"code": "1730", "ignored": "1"})
    bob.post(url("tie-certain"), {"code": ["1730", "other"]})
    with scope():
        assert Order.objects.filter(partner=partner).count() == 2


def test_orders_without_a_code_are_tied_one_by_one(bob, scope):
    with scope():
        import_rows(make_source(), "1,2026-05-03,,A,1,10", "2,2026-05-03,,A,1,20")
        partner = Partner.objects.create(name="Dr. Marchetti", kind="physician")
        first, second = Order.objects.order_by("number")
    assert "Orders without a code" in words(bob.get(url("unattributed"), {"q": "marchetti"}))
    bob.post(url("tie-order", pk=first.pk), {"partner": partner.pk})
    bob.post(url("tie-order", pk=second.pk), {"action": "ignore"})
    with scope():
        assert PartnerMonth.objects.get().revenue == Decimal(10)
        assert not Order.objects.unattributed().exists()
    bob.post(url("untie"), {"order": first.pk})
    with scope():
        assert not PartnerMonth.objects.exists()


def test_new_partner_from_the_queue(bob, scope):
    with scope():
        import_rows(make_source(), "1,2026-05-03,77,A,1,10")
    bob.post(url("tie-new"), {"code": "77", "name": "Dr. New"})
    with scope():
        assert Order.objects.get().partner.name == "Dr. New"


def test_order_list_and_page(bob, scope):
    with scope():
        import_rows(make_source(create_partners=True), "M-1,2026-05-03,77,A,2,10", "M-2,2026-05-03,,A,1,1")
        order = Order.objects.get(number="M-1")
    listed = bob.get(url("list")).content.decode()
    assert "M-1" in listed and '<span class="prm-warn">unattributed</span>' in listed
    assert "M-2" not in words(bob.get(url("list"), {"tied": "true"}))
    page = words(bob.get(url("detail", pk=order.pk)))
    assert "$20.00" in page and "Referral code" in page


@pytest.fixture
def portal(mercy, client_for, scope):
    with scope():
        source = make_source(create_partners=True, columns=COLUMNS | {"state": "St"})
        from prm.core.calendar import today
        from tests.orders.factories import run_import

        day = today(mercy.tenant).isoformat()
        header = "No,Date,Code,Item,Qty,Price,St"
        rows = [
            f"OWN-1,{day},77,A,1,4321,scheduled",
            f"OWN-2,{day},77,A,1,10,completed",
            f"OTHER-9,{day},78,A,1,10,completed",
        ]
        run_import(source, csv_text(*rows, header=header))
        member = add_member(email="p@mercy.example", role="partner", name="Pat")
        PartnerAccess.objects.create(membership=member, partner=Partner.objects.get(name="77"))
    return client_for(member)


def test_partner_sees_own_referrals_and_no_money(portal):
    page = portal.get(url("own_referrals"))
    shown = words(page)
    assert "OWN-1" in shown and "Scheduled" in shown
    assert "OTHER-9" not in shown
    assert "4,321" not in shown and "4321" not in shown and "$" not in shown
    part = portal.get(url("own_referrals"), headers={"HX-Request": "true"})
    assert "All referrals" in words(part) and "<html" not in part.content.decode()


@pytest.mark.parametrize("name", ["list", "imports", "import", "sources", "source-add", "unattributed"])
def test_partner_gets_no_staff_page(portal, name):
    assert portal.get(url(name)).status_code == 403


@pytest.mark.parametrize("name", ["imports", "import", "sources", "unattributed"])
def test_rep_may_look_at_orders_only(mercy, client_for, name):
    mary = client_for(mercy.rep)
    assert mary.get(url("list")).status_code == 200
    assert mary.get(url(name)).status_code == 403


def test_another_tenants_rows_are_not_found(anchor, client_for, scope, mercy):
    with scope():
        run = import_rows(make_source(), "1,2026-05-03,77,A,x,10", "2,2026-05-03,77,A,1,10")
        order, line, source = Order.objects.get(), RejectedLine.objects.get(), OrderSource.objects.get()
    charlie = client_for(anchor.administrator)
    for name, pk in [("detail", order.pk), ("run", run.pk), ("reject", line.pk), ("source-edit", source.pk),
                     ("rejects", run.pk), ("rejects-export", run.pk)]:  # fmt: skip
        other = reverse(f"orders:{name}", kwargs={"tenant": "anchor", "pk": pk})
        assert charlie.get(other).status_code == 404, name
        assert charlie.get(url(name, pk=pk)).status_code == 404
    charlie.post(
        reverse("orders:tie-order", kwargs={"tenant": "anchor", "pk": order.pk}), {"action": "ignore"}
    )
    with scope():
        assert Order.objects.get().is_ignored is False


# --- the list


@pytest.mark.parametrize("path", ["/t/mercy/orders/", "/api/v1/mercy/orders/"])
def test_days_of_the_order_filters_are_the_tenants_own(mercy, scope, bob, path):
    with scope():
        order = make_order(make_source(), "LATE-1")
        # Already the 11th in UTC, still the 10th in New York, where this tenant lives.
        late = datetime(2026, 5, 10, 23, 30, tzinfo=ZoneInfo("America/New_York"))
        Order.objects.filter(pk=order.pk).update(placed_at=late)

    def found(**days):
        return "LATE-1" in bob.get(path, days).content.decode()

    assert found(placed_from="2026-05-10", placed_to="2026-05-10")
    assert not found(placed_from="2026-05-11")
    assert not found(placed_to="2026-05-09")
    assert found(placed_to="9999-12-31")


def test_the_order_list_names_the_partner_it_is_filtered_by(mercy, scope, bob):
    with scope():
        make_order(make_source(create_partners=True), "M-1", code="77")
        partner = Partner.objects.get()
    html = bob.get("/t/mercy/orders/", {"partner": str(partner.pk)}).content.decode()
    assert shows(html, f"</span> {partner.name}<a")
    assert f'type="hidden" name="partner" value="{partner.pk}"' in html


def test_answer_about_a_file_that_is_gone_says_so(alice, scope):
    with scope():
        source = make_source(create_partners=True)
    upload(alice, source, csv_text("1,2026-05-03,77,A,2,10"))
    with scope():
        run = ImportRun.objects.get()
    default_storage.delete(run.files[0]["stored_as"])
    page = alice.post(url("run-answer", pk=run.pk), {"choice": "0-0"}, follow=True)
    assert page.status_code == 200
    assert "may.csv is no longer here" in words(page)


def test_an_empty_order_list_leads_to_the_import(mercy, bob, client_for):
    assert 'href="/t/mercy/orders/imports/add/"' in bob.get("/t/mercy/orders/").content.decode()


@pytest.mark.parametrize(
    ("kind", "words"), [("physician", "The appointment takes place"), ("agent", "We complete it")]
)
def test_what_happens_next_is_said_in_the_words_of_the_partners_trade(mercy, scope, client_for, kind, words):
    from partners.directory.service import create_partner
    from partners.portal.service import grant_access

    with scope():
        partner = create_partner(name="Own", kind=kind, codes=[("", "77")])
        make_order(make_source(), "M-1", code="77")
        Order.objects.update(state="scheduled")
        member = add_member(email="own@mercy.example", role="partner", name="Own")
        grant_access(member, partner=partner)
    assert words in client_for(member).get(url("own_referrals")).content.decode()
