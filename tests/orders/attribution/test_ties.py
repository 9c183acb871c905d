"""What an answer says it did, it did: whoever made the code known, however often it was answered."""

from decimal import Decimal
from itertools import product
from threading import Barrier, Thread

import pytest
from django.db import connection
from django.db.models import Q, Sum

from orders.attribution import service
from orders.attribution.models import Answer
from orders.attribution.queries import waiting_codes_from
from orders.book.models import IgnoredCode, Order
from orders.rejects.models import RejectedLine
from orders.runs.preview import preview
from partners.directory.models import Partner, ReferralCode
from partners.directory.service import add_code, create_partner
from partners.standing.models import PartnerMonth
from prm.core.errors import Refused
from prm.tenancy.context import tenant_scope
from tests.conftest import make_house
from tests.orders.factories import COLUMNS, csv_text, import_rows, make_source, run_import


@pytest.fixture
def ann(in_mercy):
    return Partner.objects.create(name="Ann", kind="physician")


def revenue(partner):
    return PartnerMonth.objects.filter(partner=partner).aggregate(total=Sum("revenue"))["total"] or Decimal(0)


# --- codes that became known elsewhere ------------------------------------------------------------


def test_orders_that_wait_are_tied_when_another_source_makes_a_partner_of_their_code(in_mercy):
    import_rows(make_source("Waits"), "1,2026-05-03,77,A,1,10", "2,2026-06-03,77,A,1,20")
    run = import_rows(make_source("Makes", create_partners=True), "9,2026-07-03,77,A,1,40")
    partner = Partner.objects.get()
    assert not Order.objects.unattributed().exists()
    assert (revenue(partner), run.counts["partners"]) == (Decimal(70), {"created": 1, "waiting_tied": 2})
    assert PartnerMonth.objects.count() == 3


def test_no_order_waits_for_a_code_that_is_somebodys_whatever_made_it_known(in_mercy):
    waits, makes = make_source("Waits"), make_source("Makes", create_partners=True)
    import_rows(waits, "1,2026-05-03,77,A,1,10", "2,2026-05-03,78,A,1,10", "3,2026-05-03,79,A,1,10")
    import_rows(makes, "9,2026-05-03,77,A,1,40")
    add_code(Partner.objects.first().pk, scheme="", code="78")
    create_partner(name="Cy", kind="agent", codes=[("", "79")])
    assert service.waiting() == []


def test_a_tie_after_a_single_order_was_untied_ties_it_again_and_says_so(ann):
    import_rows(make_source(), "1,2026-05-03,77,A,1,10", "2,2026-05-03,77,A,1,20")
    service.tie_code("77", partner_id=ann.pk)
    service.untie_orders([Order.objects.get(number="1").pk])
    assert [(w.code, w.orders) for w in service.waiting()] == [("77", 1)]
    done = service.tie_code("77", partner_id=ann.pk)
    assert done[:2] == (1, Decimal(10))
    assert (revenue(ann), service.waiting()) == (Decimal(30), [])
    service.undo_answer(done.answer.pk)
    assert [(w.code, w.orders) for w in service.waiting()] == [("77", 1)]
    assert ReferralCode.objects.get().partner == ann


def test_a_tie_after_an_undone_tie_ties_again(ann):
    import_rows(make_source(), "1,2026-05-03,77,A,1,10")
    for _ in range(3):
        done = service.tie_code("77", partner_id=ann.pk)
        assert (done.orders, revenue(ann)) == (1, Decimal(10))
        service.undo_answer(done.answer.pk)
        assert revenue(ann) == 0


@pytest.mark.parametrize("spelt", ["ab-7", " AB-7 ", "Ab-7\u00a0"])
def test_a_code_is_answered_however_it_is_spelt(ann, spelt):
    import_rows(make_source(), "1,2026-05-03,ab-7,A,1,10")
    assert service.tie_code(spelt, partner_id=ann.pk)[:2] == (1, Decimal(10))
    service.untie_code(spelt)
    assert service.ignore_code(spelt).orders == 1
    assert IgnoredCode.objects.get().normal == "AB-7"


def test_a_code_of_a_partner_cannot_be_set_aside(ann):
    add_code(ann.pk, scheme="", code="77")
    with pytest.raises(Refused, match="a partner's code"):
        service.ignore_code("77")


# --- codes with many orders -----------------------------------------------------------------------


@pytest.fixture
def many(ann, monkeypatch):
    """Five orders of a code, of which two are moved at once."""
    monkeypatch.setattr("orders.attribution.moving.AT_ONCE", 2)
    import_rows(make_source(), *(f"{n},2026-05-03,77,A,1,10" for n in range(5)))


def tied():
    return Order.objects.filter(partner__isnull=False).count()


def test_orders_beyond_those_of_a_request_follow_and_are_counted_at_once(
    ann, many, django_capture_on_commit_callbacks
):
    with django_capture_on_commit_callbacks(execute=True):
        done = service.tie_code("77", partner_id=ann.pk)
        assert (done.orders, done.amount, done.later, tied()) == (5, Decimal(50), 3, 2)
        assert service.moving_codes() == ["77"]
    assert (tied(), revenue(ann), service.moving_codes()) == (5, Decimal(50), [])
    with django_capture_on_commit_callbacks(execute=True):
        service.undo_answer(done.answer.pk)
        assert tied() == 3
    assert (tied(), revenue(ann)) == (0, Decimal(0))
    assert [(w.code, w.orders) for w in service.waiting()] == [("77", 5)]


def test_the_last_answer_holds_however_many_were_on_their_way(ann, many, django_capture_on_commit_callbacks):
    bo = Partner.objects.create(name="Bo", kind="physician")
    with django_capture_on_commit_callbacks(execute=True):
        service.undo_answer(service.tie_code("77", partner_id=ann.pk).answer.pk)
        service.tie_code("77", partner_id=bo.pk)
    assert (revenue(ann), revenue(bo)) == (Decimal(0), Decimal(50))
    with django_capture_on_commit_callbacks(execute=True):
        service.untie_code("77")
        service.tie_code("77", partner_id=ann.pk)
        service.untie_code("77")
    assert tied() == 0


# --- what is said ---------------------------------------------------------------------------------


def test_money_that_waits_is_what_would_count_and_all_figures_add_up(ann):
    source = make_source(columns=COLUMNS | {"state": "St"}, states={"x": "cancelled", "ok": "completed"})
    rows = [
        "1,2026-11-03,77,A,1,10,ok",
        "2,2026-11-03,77,A,1,500,x",
        "3,2026-11-03,78,A,1,70,x",
        "4,2026-11-03,,A,1,5,ok",
    ]
    run_import(source, csv_text(*rows, header="No,Date,Code,Item,Qty,Price,St"))
    queue = {w.code: (w.orders, w.amount, w.cancelled) for w in service.waiting()}
    assert queue == {"77": (2, Decimal(10), 1), "78": (1, Decimal(0), 1), "": (1, Decimal(5), 0)}
    real = Order.objects.unattributed().counted().aggregate(total=Sum("amount"))["total"]
    assert sum(amount for _, amount, _ in queue.values()) == real
    done = service.tie_code("77", partner_id=ann.pk)
    assert (done.orders, done.amount, revenue(ann)) == (2, Decimal(10), Decimal(10))
    assert Answer.objects.get().amount == Decimal(10)


def test_preview_and_run_count_alike(in_mercy, tmp_path):
    from orders.doors.files.inputs import FileInput

    IgnoredCode.objects.create(normal="79")
    source = make_source(create_partners=True, cancellations={"number_prefixes": ["C"]})
    import_rows(source, "1,2026-05-03,77,A,1,10")
    rows = [
        "1,2026-05-03,77,A,1,12", "2,2026-05-03,78,A,1,1", "3,2026-05-03,79,A,1,1", "C4,2026-05-03,78,A,1,1",
        "5,2026-05-03,78,A,1,-3", "6,2026-05-03,,A,1,3", "7,bad,78,A,1,3",
    ]  # fmt: skip
    file = tmp_path / "new.csv"
    file.write_text(csv_text(*rows))
    seen = preview(source, [FileInput(file, "new.csv")])
    counts = run_import(source, csv_text(*rows)).counts
    shares = {share.key: share.count for share in seen.shares}
    assert seen.untied == counts["unattributed"]["orders"] == 2
    assert shares["reversed"] == counts["orders"]["cancelled"] == 2
    assert shares["new"] + shares["corrected"] + shares["reversed"] == (
        counts["orders"]["created"] + counts["orders"]["corrected"]
    )
    assert shares["rejected"] == counts["lines"]["rejected"] == 1


def test_preview_takes_corrections_made_before_as_the_run_does(in_mercy, tmp_path):
    from orders.doors.files.inputs import FileInput
    from orders.rejects.service import correct

    source = make_source(create_partners=True)
    rows = ["1,2026-05-03,77,A,1,10", "1,bad,77,B,1,20"]
    import_rows(source, *rows)
    correct(RejectedLine.objects.get().pk, RejectedLine.objects.get().raw | {"date": "2026-05-03"})
    file = tmp_path / "new.csv"
    file.write_text(csv_text(*rows, "2,2026-05-03,77,A,1,1"))
    seen = preview(source, [FileInput(file, "new.csv")])
    counts = import_rows(source, *rows, "2,2026-05-03,77,A,1,1").counts
    assert seen.rejected == counts["lines"]["rejected"] == 0


# --- two codes in one order -----------------------------------------------------------------------


@pytest.mark.parametrize("codes", list(product(["", "77", "78"], repeat=3)), ids="-".join)
def test_lines_of_an_order_with_two_codes_are_judged_without_regard_to_other_orders(in_mercy, codes):
    lines = [f"1,2026-05-03,{code},P{place},1,{place}" for place, code in enumerate(codes, start=1)]
    between = [f"X{place},2026-05-03,99,A,1,1" for place in range(3)]
    results = []
    for name, rows in (
        ("together", [*lines, *between]),
        ("apart", [row for pair in zip(lines, between, strict=True) for row in pair]),
        ("halfway", [lines[0], between[0], *lines[1:], *between[1:]]),
        ("behind", [*lines[:2], between[0], lines[2], *between[1:]]),
    ):
        source = make_source(name)
        import_rows(source, *rows)
        order = Order.objects.get(source=source, number="1")
        rejected = RejectedLine.objects.filter(source=source)
        results.append((order.code, order.amount, sorted(line.raw["product_code"] for line in rejected)))
    assert results == [results[0]] * 4


# --- locks ----------------------------------------------------------------------------------------


@pytest.mark.django_db(transaction=True)
def test_adding_a_code_and_importing_it_at_once_do_not_lock_each_other_out(transactional_db):
    """Both take the order lock before they write a code; so one waits, and neither is thrown out."""
    house = make_house("mercy", ("alice", "bob", "mary"))
    with tenant_scope(house.tenant):
        source = make_source(create_partners=True)
        ann = Partner.objects.create(name="Ann", kind="physician")
    failed = []

    def at_once(*calls):
        barrier = Barrier(len(calls))

        def run(call):
            try:
                with tenant_scope(house.tenant):
                    barrier.wait(timeout=20)
                    call()
            except Refused:
                pass  # the other one was first: said, and nothing is left half done
            except Exception as error:
                failed.append(error)
            finally:
                connection.close()

        threads = [Thread(target=run, args=(call,)) for call in calls]
        for thread in threads:
            thread.start()
        for thread in threads:
            thread.join(timeout=60)

    for code in ("A1", "A2", "A3", "A4"):
        at_once(
            lambda code=code: import_rows(source, f"{code},2026-05-03,{code},A,1,10"),
            lambda code=code: add_code(ann.pk, scheme="", code=code),
        )
    assert failed == []
    with tenant_scope(house.tenant):
        assert Order.objects.count() == 4
        assert not Order.objects.filter(partner=None).exists()


def test_the_order_lock_is_taken_before_a_code_is_written(ann, django_assert_num_queries):
    from django.test.utils import CaptureQueriesContext

    for change in (
        lambda: add_code(ann.pk, scheme="", code="77"),
        lambda: create_partner(name="Bo", kind="agent", codes=[("", "78")]),
    ):
        with CaptureQueriesContext(connection) as seen:
            change()
        texts = [query["sql"] for query in seen]
        lock = next(place for place, text in enumerate(texts) if "pg_advisory_xact_lock" in text)
        first_write = next(place for place, text in enumerate(texts) if text.startswith("INSERT"))
        assert lock < first_write


# --- answers, long after --------------------------------------------------------------------------


def test_an_answer_that_something_came_after_is_not_undone_in_part(ann):
    bo = Partner.objects.create(name="Bo", kind="physician")
    import_rows(make_source(), "1,2026-05-03,,A,1,10")
    order = Order.objects.get()
    first = service.tie_orders([order.pk], partner_id=ann.pk).answer
    second = service.tie_orders([order.pk], partner_id=bo.pk).answer
    with pytest.raises(Refused, match="moved again since"):
        service.undo_answer(first.pk)
    service.undo_answer(second.pk)
    service.undo_answer(first.pk)
    assert [entry.code for entry in service.waiting()] == [""]
    with pytest.raises(Refused, match="taken back already"):
        service.undo_answer(first.pk)


def test_orders_of_two_partners_moved_at_once_go_back_each_to_its_own(ann):
    bo, cy = (Partner.objects.create(name=name, kind="physician") for name in ("Bo", "Cy"))
    import_rows(make_source(), "1,2026-05-03,,A,1,10", "2,2026-05-03,,A,1,20", "3,2026-05-03,,A,1,40")
    first, second, third = Order.objects.order_by("number").values_list("pk", flat=True)
    service.tie_orders([first], partner_id=ann.pk)
    service.tie_orders([second], partner_id=bo.pk)
    assert service.tie_orders([first, second, third], partner_id=cy.pk)[:2] == (3, Decimal(70))
    for answer in Answer.objects.filter(partner=cy):
        service.undo_answer(answer.pk)
    assert (revenue(ann), revenue(bo), revenue(cy)) == (Decimal(10), Decimal(20), Decimal(0))


def test_another_tenants_answers_do_not_exist_here(ann, anchor):
    import_rows(make_source(), "1,2026-05-03,77,A,1,10")
    answer = service.tie_code("77", partner_id=ann.pk).answer
    with tenant_scope(anchor.tenant), pytest.raises(Refused):
        service.undo_answer(answer.pk)
    assert Order.objects.filter(~Q(partner=None)).count() == 1


def test_codes_in_the_queue_are_found_by_their_beginning(ann):
    import_rows(
        make_source(), "1,2026-05-03,77-A,A,1,10", "2,2026-05-03,77-B,A,1,10", "3,2026-05-03,8,A,1,10"
    )
    assert waiting_codes_from("77", most=5) == ["77-A", "77-B"]
    assert waiting_codes_from("77", most=1) == ["77-A"]


def test_a_code_that_is_untied_on_its_page_leaves_no_answer_that_stands(ann):
    """`undo_answer` is not the only way back: the answers of another scheme stay."""
    import_rows(make_source("One", code_scheme="Epic  "), "1,2026-05-03,77,A,1,10")
    import_rows(make_source("Two", code_scheme="Meditech"), "1,2026-05-03,77,A,1,10")
    epic = service.tie_code("77", partner_id=ann.pk, scheme="EPIC").answer
    other = service.tie_code("77", partner_id=ann.pk, scheme="Meditech").answer
    service.untie_code("77", scheme="Epic")
    epic.refresh_from_db()
    other.refresh_from_db()
    assert (epic.undone_at is None, other.undone_at is None) == (False, True)
    service.ignore_code("77", scheme="Epic")
    service.unignore_code("77", scheme="epic")
    assert not Answer.objects.standing().filter(kind="set_aside_code").exists()
