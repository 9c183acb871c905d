"""Answers about unattributed orders: applied to the past, remembered, undone."""

from decimal import Decimal
from uuid import uuid4

import pytest

from orders.attribution import service as attribution_service
from orders.book.models import Order
from partners.directory.models import Partner
from partners.directory.service import add_code
from partners.standing.models import PartnerMonth
from prm.core.errors import Refused
from tests.orders.factories import COLUMNS, csv_text, import_rows, make_source, run_import


@pytest.fixture
def source(in_mercy):
    return make_source()


@pytest.fixture
def partner(in_mercy):
    return Partner.objects.create(name="Dr. Tomás Herrera", kind="physician")


def test_queue_lists_codes_by_money_and_orders_without_code_last(source):
    import_rows(
        source,
        "1,2026-05-03,77,A,1,10",
        "2,2026-05-04,78,A,1,30",
        "3,2026-05-05,77,A,1,5",
        "4,2026-05-03,,A,1,99",
    )
    queue = attribution_service.waiting()
    assert [(w.code, w.orders, w.amount) for w in queue] == [
        ("78", 1, Decimal(30)),
        ("77", 2, Decimal(15)),
        ("", 1, Decimal(99)),
    ]
    assert attribution_service.waiting_codes() == 2


def test_queue_is_read_with_a_constant_number_of_queries(source, partner, django_assert_num_queries):
    add_code(partner.pk, scheme="", code="X-7777")
    for codes in (["7777"], [str(n) for n in range(1000, 1020)]):
        import_rows(source, *(f"N{code},2026-05-03,{code},A,1,10" for code in codes))
        with django_assert_num_queries(1):
            queue = attribution_service.waiting()
        with django_assert_num_queries(2):  # three where names were sent
            guesses = attribution_service.suggestions_for(queue)
        assert guesses["7777", ""][0].candidate.id == partner.pk


def test_tying_a_code_applies_to_the_past_and_to_later_orders(source, partner):
    import_rows(source, "1,2026-05-03,77.0,A,1,10", "2,2026-06-03,77,A,1,20")
    done = attribution_service.tie_code("77", partner_id=partner.pk)
    assert done[:2] == (2, Decimal(30))
    import_rows(source, "3,2026-06-04,77,A,1,5")
    months = dict(PartnerMonth.objects.values_list("month__month", "revenue"))
    assert months == {5: Decimal(10), 6: Decimal(25)}
    assert attribution_service.waiting() == []


def test_code_added_on_the_partner_page_ties_waiting_orders_too(source, partner):
    import_rows(source, "1,2026-05-03,77,A,1,10")
    add_code(partner.pk, scheme="NPI number", code="77.0")
    assert Order.objects.get().partner == partner
    assert PartnerMonth.objects.get().revenue == Decimal(10)


def test_somebody_elses_code_is_refused_and_nothing_changes(source, partner):
    other = Partner.objects.create(name="Dr. Okafor", kind="physician")
    add_code(other.pk, scheme="", code="77")
    with pytest.raises(Refused, match=r"already a code of Dr\. Okafor"):
        attribution_service.tie_code("77", partner_id=partner.pk)
    with pytest.raises(Refused):
        attribution_service.tie_code("78", partner_id=uuid4())
    with pytest.raises(Refused):
        attribution_service.untie_code("79")


def test_undo_brings_the_orders_back(source, partner):
    import_rows(source, "1,2026-05-03,77,A,1,10")
    attribution_service.tie_code("77", partner_id=partner.pk)
    attribution_service.untie_code("77")
    assert not PartnerMonth.objects.exists()
    assert [w.code for w in attribution_service.waiting()] == ["77"]


def test_order_tied_by_hand_stays_tied_when_it_is_corrected(source, partner):
    import_rows(source, "1,2026-05-03,,A,1,10")
    attribution_service.tie_orders([Order.objects.get().pk], partner_id=partner.pk)
    import_rows(source, "1,2026-05-03,,A,1,12")
    assert Order.objects.get().partner == partner
    assert PartnerMonth.objects.get().revenue == Decimal(12)


def test_ignored_code_leaves_the_queue_and_can_come_back(source, partner):
    import_rows(source, "1,2026-05-03,9999,A,1,10")
    assert attribution_service.ignore_code("9999", note="self referral").orders == 1
    assert attribution_service.waiting() == []
    import_rows(source, "2,2026-05-04,9999,A,1,10")
    assert attribution_service.waiting() == []
    attribution_service.unignore_code("9999")
    assert attribution_service.waiting()[0].orders == 2
    attribution_service.ignore_code("9999")
    attribution_service.tie_code("9999", partner_id=partner.pk)
    assert Order.objects.filter(partner=partner).count() == 2


def test_name_sent_with_the_code_leads_to_a_suggestion(in_mercy, partner):
    source = make_source(columns=COLUMNS | {"partner_name": "Name"})
    text = csv_text("1,2026-05-03,1730,A,1,10,HERRERA T MD", header="No,Date,Code,Item,Qty,Price,Name")
    run_import(source, text)
    queue = attribution_service.waiting()
    best = attribution_service.suggestions_for(queue)["1730", ""][0]
    assert (best.candidate.id, best.certain) == (partner.pk, True)


def test_each_code_is_weighed_against_its_own_candidates_with_three_queries(
    in_mercy, partner, django_assert_num_queries
):
    okafor = Partner.objects.create(name="Dr. Ngozi Okafor", kind="physician")
    add_code(okafor.pk, scheme="", code="X-7777")
    source = make_source(columns=COLUMNS | {"partner_name": "Name"})
    rows = ["1,2026-05-03,7777,A,1,10,", "2,2026-05-03,1730,A,1,20,HERERA T", "3,2026-05-03,1,A,1,5,XYZ CORP"]
    run_import(source, csv_text(*rows, header="No,Date,Code,Item,Qty,Price,Name"))
    queue = attribution_service.waiting()
    with django_assert_num_queries(3):
        guesses = attribution_service.suggestions_for(queue)
    shown = {key[0]: [(g.candidate.name, g.reasons) for g in found] for key, found in guesses.items()}
    assert shown == {
        "1730": [("Dr. Tomás Herrera", ("Similar spelling of the name",))],
        "7777": [("Dr. Ngozi Okafor", ("Same digits as the known code X-7777",))],
        "1": [],
    }
