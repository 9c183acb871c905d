"""A file becomes a source on one page of choices, without a format typed; what it leaves open is asked."""

import re
from decimal import Decimal

import pytest
from django.core.files.uploadedfile import SimpleUploadedFile

from orders.book.models import Order
from orders.runs.models import ImportRun
from orders.samples import service
from orders.samples.models import FileSample
from orders.sources.models import OrderSource
from tests.orders.pages import read_waiting, url, words
from tests.orders.proof.test_study import EXPORT


@pytest.fixture
def bring(alice, scope):
    def send(text=EXPORT, name="auftraege_2026.csv", **data):
        content = text if isinstance(text, bytes) else text.encode("cp1252")
        data = data or {"file": SimpleUploadedFile(name, content)}
        page = alice.post(url("source-sample"), data, follow=True)
        if not page.redirect_chain:
            return page
        with scope():
            waiting = list(FileSample.objects.filter(state="reading"))
        here = page.redirect_chain[-1][0]
        if waiting:
            assert piece_of(alice, here).status_code == 200
        with scope():
            for sample in waiting:
                service.study_sample(sample.pk)
        # What it shows next does not fit into the piece that asks.
        assert (piece_of(alice, here)["HX-Refresh"], piece_of(alice, here).content) == ("true", b"")
        return alice.get(here)

    return send


def piece_of(client, here):
    return client.get(here, {"part": "progress"}, headers={"HX-Request": "true"})


def the_sample(scope):
    with scope():
        return FileSample.objects.get()


def test_an_export_becomes_source_and_import_by_one_button(bring, alice, scope):
    shown = words(bring())
    assert "New from auftraege_2026.csv" in shown
    assert "Headings in line 3; 2 title lines and 1 line of totals left out" in shown
    assert "2 dates fit both readings, 1 only day first, none only month first" in shown
    assert "agrees" in shown and "question" not in shown.partition("<main")[2].partition("prm-proof-lines")[0]
    sample = the_sample(scope)
    page = alice.post(
        url("sample", pk=sample.pk),
        {"name": "Auftraege", **chosen(shown), "partner_kind": "physician"},
        follow=True,
    )
    assert "The file is being read" in words(page)
    with scope():
        source, run = OrderSource.objects.get(), ImportRun.objects.get()
        assert (source.name, source.rules.decimal_mark, source.rules.date_formats) == (
            "Auftraege",
            ",",
            ("%d.%m.%Y",),
        )
        assert not FileSample.objects.exists()
    read_waiting()
    assert "First rows, as they will be read" in words(alice.get(url("run", pk=run.pk)))
    with scope():
        from orders.runs.service import perform

        alice.post(url("run-start", pk=run.pk))
        perform(run.pk)
        assert {order.number: (order.amount, order.state) for order in Order.objects.all()} == {
            "R-1": (Decimal("1239.56"), "completed"), "R-2": (Decimal(7), "cancelled"),
        }  # fmt: skip


def chosen(shown):
    """The radios that are checked on a page: what a person who changes nothing sends."""
    found = re.findall(r'name="(reading_\d+)" value="([^"]*)" required checked', shown)
    return dict(found)


def test_what_the_file_leaves_open_is_asked_and_not_taken_without_an_answer(bring, alice, scope):
    text = EXPORT.replace("14.05.2026", "04.05.2026").replace("storniert", "STO")
    shown = words(bring(text))
    assert "2 questions below" in shown and "3 dates fit both readings" in shown
    sample = the_sample(scope)
    page = alice.post(
        url("sample", pk=sample.pk), {"name": "A", **chosen(shown), "partner_kind": "physician"}
    )
    assert "Choose how to read it: Order date." in words(page)
    with scope():
        assert not OrderSource.objects.exists()
    date = re.search(r'name="(reading_\d+)" value="mdy"', shown)[1]
    states = re.findall(r'name="(reading_\d+)" value="scheduled"', shown)
    answers = {**chosen(shown), date: "mdy", **dict.fromkeys(states, "scheduled")}
    alice.post(url("sample", pk=sample.pk), {"name": "A", **answers, "partner_kind": "physician"})
    with scope():
        rules = OrderSource.objects.get().rules
        assert rules.date_formats == ("%m.%d.%Y",) and rules.states["sto"] == "scheduled"


def test_column_that_no_heading_names_is_chosen_and_looked_at_again(bring, alice, scope):
    shown = words(bring(EXPORT.replace("AUFTRNR", "XYZ")))
    assert "No column was found for: Order number" in shown and "Use these readings" not in shown
    sample = the_sample(scope)
    columns = {f"column_{name}": str(place) for name, place in sample.columns.items()}
    page = alice.post(
        url("sample", pk=sample.pk), {"columns": "1", **columns, "column_number": "0"}, follow=True
    )
    assert "3 lines, 2 numbers: several lines make one order" in words(
        page
    ) and "Use these readings" in words(page)
    page = alice.post(
        url("sample", pk=sample.pk), {"columns": "1", **columns, "column_number": "1"}, follow=True
    )
    assert "one was chosen for two" in words(page)


def test_rows_pasted_from_a_spreadsheet_are_a_sample(bring, scope):
    shown = words(
        bring(pasted="Order No\tOrder date\tAmount\n1\t2026-05-03\t1,234.50\n2\t2026-05-04\t5.00\n")
    )
    assert "Tab between cells in all 2 lines" in shown
    assert the_sample(scope).columns == {"number": 0, "date": 1, "amount": 2}


@pytest.mark.parametrize(
    ("content", "why"),
    [
        (b" ", "nothing but blank lines"),
        (b"%PDF-1.7", "a PDF file"),
        (b"No;Date;Sum\n", "headings and nothing below"),
    ],
)
def test_file_that_is_none_of_orders_is_said_and_can_be_thrown_away(bring, alice, scope, content, why):
    assert why in words(bring(content))
    alice.post(url("sample-discard", pk=the_sample(scope).pk))
    with scope():
        assert not FileSample.objects.exists()


def test_nothing_brought_is_asked_for(alice, scope):
    page = alice.post(url("source-sample"), {})
    assert "Choose a file, or paste rows." in words(page)


def test_too_many_samples_are_refused_with_what_to_do(bring, monkeypatch):
    monkeypatch.setattr(service, "MOST_SAMPLES", 1)
    bring()
    assert "1 files wait for their readings already" in words(bring())


def test_samples_are_for_those_who_may_make_sources(bob):
    assert bob.get(url("source-sample")).status_code in (403, 404)


SEVERAL = """Auftrag;Datum;Zuweiser;Menge;Betrag;Status
R-1;23.11.2019;77;1,5;1.234,56;erledigt
R-1;23.11.2019;77;2;10,00;
R-2;24.11.2018;78;1;3,00;offen
"""


def test_first_rows_are_shown_as_a_person_writes_them(bring, alice, scope):
    page = bring(SEVERAL)
    rows = [[cell.text for cell in row] for row in page.context["rows"]]
    assert rows == [
        ["R-1", "23 Nov 2019", "77", "1.5", "1,234.56", "completed"],
        # The number stands on the first row of its order; the state is that of the row above.
        ["", "23 Nov 2019", "77", "2", "10", ""],
        ["R-2", "24 Nov 2018", "78", "1", "3", "received"],
    ]
    assert (page.context["sums"].orders, page.context["sums"].amount) == ("2", "1,247.56")
