"""Answers about unattributed orders keep orders and partner-months in step, whatever is answered and undone."""

from decimal import Decimal

import pytest
from django.db.models import Sum

from orders.attribution import service
from orders.book.models import IgnoredCode, Order
from partners.directory.models import Partner, ReferralCode
from partners.standing.models import PartnerMonth
from prm.core.errors import Refused
from prm.tenancy.context import tenant_scope
from tests.orders.factories import import_rows, make_source

ROWS = (
    "1,2026-05-03,77,A,1,10", "2,2026-06-03,77,A,1,20", "3,2026-06-04,78,A,1,40", "4,2026-06-05,,A,1,80",
)  # fmt: skip


@pytest.fixture
def partners(in_mercy):
    import_rows(make_source(), *ROWS)
    return [Partner.objects.create(name=name, kind="physician") for name in ("Ann", "Bo")]


def revenue(partner):
    return PartnerMonth.objects.filter(partner=partner).aggregate(total=Sum("revenue"))["total"] or Decimal(0)


def test_months_are_those_of_the_orders_after_every_answer(partners):
    ann, bo = partners
    lone = Order.objects.get(number="4")
    steps = [
        lambda: service.tie_code("77", partner_id=ann.pk),
        lambda: service.tie_code("78", partner_id=bo.pk),
        lambda: service.tie_orders([lone.pk], partner_id=bo.pk),
        lambda: service.tie_orders([lone.pk], partner_id=ann.pk),
        lambda: service.untie_code("78"),
        lambda: service.untie_orders([lone.pk]),
        lambda: service.untie_code("77"),
    ]
    for step in steps:
        step()
        for partner in partners:
            held = Order.objects.filter(partner=partner).aggregate(total=Sum("amount"))["total"] or Decimal(0)
            assert revenue(partner) == held
    assert not Order.objects.exclude(partner=None).exists()
    assert not ReferralCode.objects.exists() and not PartnerMonth.objects.exists()


def test_an_order_moved_from_one_partner_to_another_counts_once(partners):
    ann, bo = partners
    lone = Order.objects.get(number="4")
    assert service.tie_orders([lone.pk], partner_id=ann.pk)[:2] == (1, Decimal(80))
    assert service.tie_orders([lone.pk], partner_id=bo.pk)[:2] == (1, Decimal(80))
    assert (revenue(ann), revenue(bo)) == (Decimal(0), Decimal(80))


def test_the_same_answer_again_changes_nothing(partners):
    ann, _ = partners
    service.tie_code("77", partner_id=ann.pk)
    before = list(Order.objects.order_by("number").values_list("number", "partner", "revision"))
    assert service.tie_code("77", partner_id=ann.pk)[:2] == (0, Decimal(0))
    assert list(Order.objects.order_by("number").values_list("number", "partner", "revision")) == before


def test_an_answer_for_an_ignored_code_takes_it_back_into_account(partners):
    ann, _ = partners
    assert service.ignore_code("77").orders == 2
    assert service.waiting_codes() == 1
    service.tie_code("77", partner_id=ann.pk)
    assert not IgnoredCode.objects.exists()
    assert revenue(ann) == Decimal(30)


def test_orders_without_a_code_are_ignored_one_by_one_only(partners):
    with pytest.raises(Refused, match="set aside one by one") as caught:
        service.ignore_code("")
    assert caught.value.code == "no_code"
    lone = Order.objects.get(number="4")
    done = service.ignore_orders([lone.pk])
    assert done.orders == 1
    assert [entry.code for entry in service.waiting()] == ["78", "77"]
    service.undo_answer(done.answer.pk)
    assert service.waiting()[-1].code == ""


def test_tied_orders_cannot_be_ignored(partners):
    ann, _ = partners
    lone = Order.objects.get(number="4")
    service.tie_orders([lone.pk], partner_id=ann.pk)
    assert service.ignore_orders([lone.pk]).orders == 0
    assert Order.objects.get(number="4").is_ignored is False


def test_tying_an_ignored_order_ends_its_being_ignored(partners):
    ann, _ = partners
    lone = Order.objects.get(number="4")
    service.ignore_orders([lone.pk])
    service.tie_orders([lone.pk], partner_id=ann.pk)
    service.untie_orders([lone.pk])
    assert service.waiting()[-1].orders == 1


def test_a_code_is_kept_under_the_scheme_of_its_source_whatever_it_looks_like(in_mercy):
    import_rows(make_source("Labs", code_scheme="agent number"), "1,2026-05-03,A1,A,1,1")
    import_rows(make_source("Clinics", code_scheme="NPI"), "1,2026-05-03,B2,A,1,1")
    ann = Partner.objects.create(name="Ann", kind="agent")
    service.tie_code("A1", partner_id=ann.pk)
    service.tie_code("B2", partner_id=ann.pk)
    assert dict(ReferralCode.objects.values_list("normal", "scheme")) == {"A1": "agent number", "B2": "NPI"}


def test_queue_can_be_cut_and_knows_first_and_last_day(partners):
    (first,) = service.waiting(limit=1)
    assert first.code == "78"
    entry = next(entry for entry in service.waiting() if entry.code == "77")
    assert (entry.first.month, entry.last.month, entry.source) == (5, 6, "Orders")


def test_another_tenant_ties_nothing_here(partners, anchor):
    order = Order.objects.get(number="4")
    with tenant_scope(anchor.tenant):
        stranger = Partner.objects.create(name="Eve", kind="agent")
        assert service.tie_orders([order.pk], partner_id=stranger.pk)[:2] == (0, Decimal(0))
        assert service.waiting() == []
    with pytest.raises(Refused, match="Choose a partner"):
        service.tie_orders([order.pk], partner_id=stranger.pk)
    assert Order.objects.get(number="4").partner is None
