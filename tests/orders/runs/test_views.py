"""Pages of imports: the way of a file from choosing to its result."""

from decimal import Decimal

import pytest
from django.core.files.base import ContentFile
from django.core.files.storage import default_storage

from orders.book.models import Order
from orders.rejects import service as rejects
from orders.rejects.models import RejectedLine
from orders.runs import service
from orders.runs.models import ImportRun
from orders.sources.models import OrderSource
from partners.standing.models import PartnerMonth
from prm.tenancy.work import broker
from prm.tenancy.work.models import Job
from tests.orders.factories import COLUMNS, csv_text, import_rows, make_source
from tests.orders.pages import read_waiting, upload, url, words


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


@pytest.mark.parametrize("answers", [True, False])
def test_file_that_waits_to_be_read_says_so_and_whether_anybody_can_read_it(
    alice, scope, monkeypatch, answers
):
    monkeypatch.setattr(broker, "answers", lambda: answers)
    with scope():
        source = make_source()
        run = service.receive(
            source, [ContentFile(csv_text("1,2026-05-03,77,A,2,10").encode(), name="may.csv")]
        )
    page = words(alice.get(url("run", pk=run.pk)))
    assert "The file is being read" in page and 'http-equiv="refresh"' in page
    assert ("Background work cannot be reached at the moment." in page) is not answers
    listed = words(alice.get(url("imports")))
    assert "may.csv" in listed and "being read" in listed
    piece = alice.get(url("run", pk=run.pk), {"part": "progress"}, headers={"HX-Request": "true"})
    assert "HX-Refresh" not in piece.headers
    read_waiting()
    piece = alice.get(url("run", pk=run.pk), {"part": "progress"}, headers={"HX-Request": "true"})
    assert piece["HX-Refresh"] == "true"
    alice.post(url("run-read", pk=run.pk))
    assert "The file is being read" in words(alice.get(url("run", pk=run.pk)))


def test_page_says_while_rejected_lines_are_tried_again(alice, scope):
    with scope():
        run = import_rows(make_source(), "1,never,77,A,1,1")
        rejects.ask_retry(run.pk, RejectedLine.objects.get().reason)
    part = {"part": "retry"}
    assert "Rejected rows are being tried again." in words(alice.get(url("run", pk=run.pk)))
    assert "HX-Refresh" not in alice.get(url("run", pk=run.pk), part, headers={"HX-Request": "true"}).headers
    with scope():
        Job.objects.all().delete()
    assert alice.get(url("run", pk=run.pk), part, headers={"HX-Request": "true"})["HX-Refresh"] == "true"


def test_file_that_reads_better_another_way_goes_in_only_after_a_choice(alice, scope):
    with scope():
        source = make_source(date_formats=["%d/%m/%Y"], create_partners=True)
    page = words(upload(alice, source, csv_text("1,05/03/2026,77,A,2,10", "2,05/14/2026,77,A,2,10")))
    assert "Nothing goes in yet" in page and "Month first (11/23/2026) fits 2" in page
    assert "run-start" not in page and "Import 1 row" not in page
    with scope():
        run = ImportRun.objects.get()
    alice.post(url("run-accept", pk=run.pk), {"once": "date=month-first"})
    read_waiting()
    page = words(alice.get(url("run", pk=run.pk)))
    assert "Nothing goes in yet" not in page and "Import 2 rows" in page
    with scope():
        source.refresh_from_db()
        assert source.rules.date_formats == ("%d/%m/%Y",)


def test_source_is_changed_to_the_reading_that_fits_better(alice, scope):
    with scope():
        source = make_source(date_formats=["%d/%m/%Y"])
    upload(alice, source, csv_text("1,05/03/2026,77,A,2,10", "2,05/14/2026,77,A,2,10"))
    with scope():
        run = ImportRun.objects.get()
    alice.post(url("run-change", pk=run.pk), {"reading": "date=month-first"})
    with scope():
        source.refresh_from_db()
        assert source.rules.date_formats == ("%m/%d/%Y",)
