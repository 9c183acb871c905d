"""Many rows at once: by the rules of single ones, with a fixed number of queries; each kind of file; German headings."""

import io
import zipfile
from datetime import UTC, datetime

import pytest
import xlsxwriter
from django.db import connection
from django.test.utils import CaptureQueriesContext

from activities.lists.runs.models import BringRow
from activities.visits.models import Visit
from orders.book.models import Order
from partners.contacts.models import Contact
from partners.directory.models import Partner, ReferralCode
from tests.activities.lists.factories import bring, give_back, read, row, write
from tests.orders.factories import make_order, make_source

pytestmark = pytest.mark.usefixtures("in_mercy")


def test_rows_that_cannot_be_written_stop_no_other():
    made = "".join(f"Ann{n} Field{n},agent,C{n},Ridge\n" for n in range(9))
    run = read("Name,Kind,Code,City\n" + made)
    # The rule that only the write knows: the code has become somebody's of another kind meanwhile.
    BringRow.objects.filter(run=run, line=4).update(
        values={"name": "Ann2", "kind": "baker" * 9, "code": "C2"}
    )
    done = write(run)
    assert done.counts == {"new": 8, "rejected": 1}
    assert Partner.objects.count() == ReferralCode.objects.count() == 8
    assert row(run, 4).outcome == "rejected"
    give_back(run)
    assert not Partner.objects.exists()


def test_a_code_that_orders_wait_for_ties_them_also_among_many():
    source = make_source()
    make_order(source, "1", code="C7")
    bring("Name,Kind,Code\n" + "".join(f"Ann{n} Field{n},agent,C{n}\n" for n in range(9)))
    assert Order.objects.get().partner.name == "Ann7 Field7"


@pytest.mark.parametrize("kind", ["partners", "contacts", "visits", "estimates"])
def test_twice_as_many_rows_ask_no_more(kind, in_mercy):
    bring("Name,Kind,Code\n" + "".join(f"Ann{n} Field{n},agent,D{n}\n" for n in range(9)))
    head, line = LINES[kind]
    counts = []
    for low, high in ((0, 3), (3, 9)):
        rows = (line.format(n=n, rep=in_mercy.rep.user, high=1000 + n) for n in range(low, high))
        run = read(head + "".join(rows), kind=kind)
        with CaptureQueriesContext(connection) as asked:
            assert write(run).counts == {"new": high - low}
        counts.append(len(asked))
    assert counts[1] <= counts[0]


LINES = {
    "partners": ("Name,Kind,Code\n", "Bob{n} Hill{n},agent,B{n}\n"),
    "contacts": ("Contact,Code\n", "Zoe{n} Vale{n},D{n}\n"),
    "visits": ("Date,Rep,How,Purpose,Code\n", "2026-03-1{n} 10:00,{rep},In person,Relationship,D{n}\n"),
    "estimates": ("As of,Source,Low,Estimate,High,Code\n", "2026-01-31,Claims,100,500,{high},D{n}\n"),
}


def test_german_list_in_a_zip_of_a_workbook_reads_without_a_word(in_mercy):
    book = io.BytesIO()
    with xlsxwriter.Workbook(book, {"in_memory": True}) as workbook:
        sheet = workbook.add_worksheet()
        sheet.write_row(0, 0, ["Nummer", "Firma", "Art", "Ort", "Betreuer", "Telefonnummer"])
        sheet.write_row(1, 0, ["007", "Praxis Müller", "practice", "Köln", str(in_mercy.rep.user), "0221 55"])
    packed = io.BytesIO()
    with zipfile.ZipFile(packed, "w") as archive:
        archive.writestr("liste.xlsx", book.getvalue())
        archive.writestr("__MACOSX/._liste.xlsx", b"x")
    run = write(read(packed.getvalue(), name="liste.zip"))
    assert run.counts == {"new": 1}, row(run, 2).reason
    partner = Partner.objects.get()
    assert (partner.name, partner.city, partner.rep, partner.codes.get().code) == (
        "Praxis Müller", "Köln", in_mercy.rep, "007",
    )  # fmt: skip


def test_past_visits_name_whom_they_were_with(in_mercy):
    bring("Name,Kind,Code\nAnn Field,agent,C1\n")
    bring("Ansprechpartner,Nummer\nDr. Zoe Vale,C1\n", kind="contacts")
    head = "Datum,Betreuer,Kanal,Zweck,Nummer,Ansprechpartner\n"
    text = f"{head}2026-03-11 10:00,{in_mercy.rep.user},In person,Relationship,C1,Vale Zoe\n"
    run = bring(
        text + f"2026-03-12 10:00,{in_mercy.rep.user},In person,Relationship,C1,Max Nobody\n", kind="visits"
    )
    assert run.counts == {"new": 1, "rejected": 1}
    assert "No contact there is called Max Nobody" in row(run, 3).reason
    assert Visit.objects.get().met == Contact.objects.get()
    assert bring_again(text).counts == {"unchanged": 1}
    assert Visit.objects.get().happened_at.date() == datetime(2026, 3, 11, tzinfo=UTC).date()


def bring_again(text):
    return read(text, kind="visits")
