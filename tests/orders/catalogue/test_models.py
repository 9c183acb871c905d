"""Products are known by the code that order systems write."""

import pytest
from django.db import IntegrityError, transaction

from orders.catalogue.models import Product
from prm.tenancy.context import tenant_scope
from tests.orders.factories import csv_text, make_source, run_import

COLUMNS = {"number": "No", "date": "Date", "product_code": "Item", "product_name": "Name", "amount": "Amount"}


def bring(source, *rows):
    run_import(source, csv_text(*rows, header="No,Date,Item,Name,Amount"))


def test_product_reads_as_its_name_or_else_its_code():
    assert (str(Product(code="A", name="Echo")), str(Product(code="A"))) == ("Echo", "A")


def test_code_is_one_product_in_its_tenant_and_another_elsewhere(in_mercy, anchor):
    Product.objects.create(code="A")
    with tenant_scope(anchor.tenant):
        Product.objects.create(code="A")
        assert Product.objects.count() == 1
    with pytest.raises(IntegrityError), transaction.atomic():
        Product.objects.create(code="A")


def test_latest_name_counts_and_an_empty_one_changes_nothing(in_mercy):
    source = make_source(columns=COLUMNS)
    bring(source, "1,2026-05-03,A,Echo,1")
    bring(source, "2,2026-05-03,A,Echocardiogram,1", "3,2026-05-03,A,,1")
    assert list(Product.objects.values_list("code", "name")) == [("A", "Echocardiogram")]


def test_sources_share_the_products_of_their_tenant(in_mercy):
    for name in ("Meditech", "Epic"):
        bring(make_source(name, columns=COLUMNS), "1,2026-05-03,A,Echo,1")
    assert Product.objects.count() == 1
