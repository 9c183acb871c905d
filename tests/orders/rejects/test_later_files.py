"""A rejected line and the files that come after it: the order ends as the source, and people, last said."""

from concurrent.futures import ThreadPoolExecutor
from decimal import Decimal

import pytest
from django.db import connection

from orders.book.models import Order
from orders.rejects import service
from orders.rejects.models import RejectedLine
from orders.runs import execution
from partners.standing.models import PartnerMonth
from prm.core.errors import Refused
from prm.tenancy.context import tenant_scope
from tests.conftest import make_house
from tests.orders.factories import import_rows, make_source

SLIP = ("1,2026-05-03,77,A,1,100", "1,2026-05-03,77,B,1,5O")


@pytest.fixture
def source(in_mercy):
    return make_source(create_partners=True)


def line():
    return RejectedLine.objects.get()


def amount():
    return Order.objects.get(number="1").amount


def test_order_sent_again_right_settles_the_line_that_waited(source):
    import_rows(source, *SLIP)
    assert (line().state, line().number) == ("open", "1")
    import_rows(source, "1,2026-05-03,77,A,1,100", "1,2026-05-03,77,B,1,50")
    assert (amount(), line().state) == (Decimal(150), "superseded")
    with pytest.raises(Refused, match="settled already"):
        service.correct(line().pk, line().raw | {"unit_price": "50"})
    assert (amount(), PartnerMonth.objects.get().revenue) == (Decimal(150), Decimal(150))


def test_order_sent_again_without_the_line_settles_it_too(source):
    import_rows(source, *SLIP)
    import_rows(source, SLIP[0])
    assert line().state == "superseded"


def test_line_of_an_order_that_was_not_sent_again_still_waits(source):
    import_rows(source, *SLIP)
    import_rows(source, "2,2026-05-03,77,A,1,100")
    assert line().state == "open"
    service.correct(line().pk, line().raw | {"unit_price": "50"})
    assert amount() == Decimal(150)


def test_the_same_file_again_settles_nothing(source):
    import_rows(source, *SLIP)
    import_rows(source, *SLIP)
    assert line().state == "open"


def test_line_that_is_wrong_again_waits_again(source):
    import_rows(source, *SLIP)
    import_rows(source, SLIP[0])
    run = import_rows(source, *SLIP)
    assert (line().state, line().run_id) == ("open", run.pk)
    assert run.counts["rejected_new"] == 1


def test_another_wrong_version_leaves_only_its_own_line_waiting(source):
    import_rows(source, *SLIP)
    import_rows(source, SLIP[0], "1,2026-05-03,77,B,1,5o")
    assert sorted(RejectedLine.objects.values_list("raw__unit_price", "state")) == [
        ("5O", "superseded"),
        ("5o", "open"),
    ]


def test_another_sources_order_of_that_number_settles_nothing(source):
    import_rows(source, *SLIP)
    import_rows(make_source("Other"), "1,2026-05-03,77,A,1,100")
    assert line().state == "open"


def test_what_is_added_by_hand_settles_no_other_line(source):
    import_rows(source, *SLIP, "1,2026-05-03,77,C,1,7O")
    first, second = RejectedLine.objects.order_by("line_no")
    service.correct(first.pk, first.raw | {"unit_price": "50"})
    second.refresh_from_db()
    assert second.state == "open"


def test_correction_of_a_line_that_comes_late_in_a_scattered_order_is_kept(source):
    rows = ["1,2026-05-03,77,A,1,10", "2,2026-05-03,77,A,1,1", "1,2026-05-03,78,B,1,20"]
    import_rows(source, *rows)
    service.correct(line().pk, line().raw | {"code": "77"})
    assert amount() == Decimal(30)
    import_rows(source, *rows)
    assert amount() == Decimal(30)
    run = import_rows(source, "1,2026-05-03,77,A,1,11", *rows[1:])
    assert amount() == Decimal(31)
    assert (run.counts["lines"]["rejected"], run.counts["lines"]["stored"]) == (0, 2)
    assert run.counts["rejected_by_reason"] == {}


@pytest.mark.django_db(transaction=True)
def test_correction_made_while_a_newer_file_is_read_is_not_lost(transactional_db, monkeypatch):
    house = make_house("mercy", ("alice", "bob", "mary"))
    with tenant_scope(house.tenant):
        source = make_source(create_partners=True)
        import_rows(source, *SLIP)
        pk = line().pk

    def correct():
        try:
            with tenant_scope(house.tenant):
                service.correct(pk, line().raw | {"unit_price": "50"})
        finally:
            connection.close()

    read = execution._read

    def read_slowly(*args):
        lines = read(*args)
        with ThreadPoolExecutor(1) as pool:
            pool.submit(correct).result()
        return lines

    monkeypatch.setattr(execution, "_read", read_slowly)
    with tenant_scope(house.tenant):
        run = import_rows(source, "1,2026-05-03,77,A,1,110", SLIP[1])
        assert run.state == "done", run.message
        assert amount() == Decimal(160)
        assert PartnerMonth.objects.get().revenue == Decimal(160)
        assert line().state == "corrected"
