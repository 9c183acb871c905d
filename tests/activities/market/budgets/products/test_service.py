"""An opportunity for several products: what they are worth, and that they always make its amount."""

from decimal import Decimal

import pytest
from django.db.models import Sum

from activities.market.budgets.models import BudgetUpdate, Opportunity
from activities.market.budgets.products.models import OpportunityProduct
from activities.market.budgets.products.queries import Part, parts_of, products_of
from activities.market.budgets.products.service import MOST_PRODUCTS, split_opportunity
from activities.market.budgets.revising import Revision
from activities.market.budgets.service import (
    reverse_budget,
    revise_opportunities,
    say_what_for,
    update_budget,
)
from orders.catalogue.models import Product
from orders.catalogue.service import merge_product
from prm.core.errors import Refused
from prm.tenancy.context import tenant_scope
from tests.activities import factories as make


@pytest.fixture
def elena(in_mercy):
    return make.partner(rep=in_mercy.rep)


@pytest.fixture
def echo(elena):
    return Product.objects.create(code="ECHO", name="Echo")


@pytest.fixture
def scan(elena):
    return Product.objects.create(code="MRI", name="MRI")


@pytest.fixture
def deal(elena, echo, scan):
    made = make.opportunity(elena, amount=90_000)
    return split_opportunity(
        opportunity=made, parts=[Part(echo, Decimal(60_000)), Part(scan, Decimal(30_000))]
    )


def parts(opportunity):
    return {part.product.code: part.amount for part in products_of(opportunity)}


def refused(call, code):
    with pytest.raises(Refused) as error:
        call()
    assert (error.value.field, error.value.code) == ("products", code)
    return error.value.message


def test_parts_are_kept_with_their_amounts_the_largest_first(deal):
    assert list(parts(deal).items()) == [("ECHO", 60_000), ("MRI", 30_000)]
    assert deal.product is None


def test_parts_that_do_not_make_the_amount_are_refused_with_both(deal, echo, scan):
    words = refused(
        lambda: split_opportunity(
            opportunity=deal, parts=[Part(echo, Decimal(60_000)), Part(scan, Decimal(29_000))]
        ),
        "sum",
    )
    assert "$89,000.00" in words
    assert "$90,000.00" in words
    assert parts(deal) == {"ECHO": 60_000, "MRI": 30_000}


def test_one_product_is_no_part_and_none_is_nothing(deal, scan):
    split_opportunity(opportunity=deal, parts=[Part(scan, Decimal(90_000))])
    assert (deal.product, parts(deal)) == (scan, {"MRI": 90_000})
    assert not OpportunityProduct.objects.exists()
    split_opportunity(opportunity=deal, parts=[])
    assert parts(deal) == {}


def test_saying_one_product_ends_the_parts_and_saying_none_leaves_them(deal, echo):
    say_what_for(opportunity=deal, competitor=None, product=None)
    assert parts(deal) == {"ECHO": 60_000, "MRI": 30_000}
    say_what_for(opportunity=deal, competitor=None, product=echo)
    assert parts(deal) == {"ECHO": 90_000}


def test_the_same_product_twice_too_many_a_negative_part_and_another_tenant_s_are_refused(deal, echo, anchor):
    refused(lambda: split_opportunity(opportunity=deal, parts=[Part(echo, Decimal(45_000))] * 2), "twice")
    many = [Part(echo, Decimal(1))] * (MOST_PRODUCTS + 1)
    refused(lambda: split_opportunity(opportunity=deal, parts=many), "too_many")
    refused(lambda: split_opportunity(opportunity=deal, parts=[Part(echo, Decimal(-1))]), "out_of_range")
    with tenant_scope(anchor.tenant):
        theirs = Product.objects.create(code="X", name="X")
    refused(
        lambda: split_opportunity(opportunity=deal, parts=[Part(theirs, Decimal(90_000))]), "does_not_exist"
    )


def test_products_that_became_one_are_one_part(deal, echo, scan):
    merge_product(scan.pk, into=echo.pk)
    assert parts(deal) == {"ECHO": 90_000}


def test_a_new_amount_changes_the_parts_in_proportion_and_taking_it_back_brings_each_back(deal):
    update = update_budget(opportunity=deal, by=None, amount=Decimal("100000.01"))
    assert parts(deal) == {"ECHO": Decimal("66666.67"), "MRI": Decimal("33333.34")}
    reverse_budget(update=update, by=None)
    assert parts(deal) == {"ECHO": 60_000, "MRI": 30_000}


def test_taking_a_change_back_brings_back_products_that_were_said_otherwise_since(deal, echo, scan):
    update = update_budget(opportunity=deal, by=None, amount=Decimal(100_000))
    split_opportunity(opportunity=deal, parts=[Part(echo, Decimal(1)), Part(scan, Decimal(99_999))])
    reverse_budget(update=update, by=None)
    assert parts(deal) == {"ECHO": 60_000, "MRI": 30_000}


def test_what_comes_from_elsewhere_for_many_at_once_keeps_every_sum(elena, deal, echo, scan):
    plain = make.opportunity(elena, name="Plain", amount=500)
    revise_opportunities(
        {deal.pk: Revision(amount=Decimal("33.33")), plain.pk: Revision(amount=Decimal(600))}
    )
    for one in Opportunity.objects.filter(pk__in=[deal.pk, plain.pk]).annotate(sum=Sum("parts__amount")):
        assert one.sum in (None, one.amount)
    assert parts(deal) == {"ECHO": Decimal("22.22"), "MRI": Decimal("11.11")}
    update = BudgetUpdate.objects.get(opportunity=deal, new_amount=Decimal("33.33"))
    assert update.parts_before == {str(echo.pk): "60000", str(scan.pk): "30000"}


def test_a_new_opportunity_with_products_that_do_not_make_its_amount_is_not_made(elena, echo, scan):
    details = {"products": [Part(echo, Decimal(1)), Part(scan, Decimal(2))]}
    refused(lambda: make.opportunity(elena, amount=4, **details), "sum")
    assert not Opportunity.objects.exists()
    made = make.opportunity(elena, amount=3, **details)
    assert parts_of([made.pk])[made.pk][0] == Part(scan, Decimal(2))
