"""Fault 17: changes from there are applied together, with statements of our own that do not grow with the records."""

import re

import pytest
from django.db import connection
from django.test.utils import CaptureQueriesContext

from partners.directory.models import Partner
from partners.directory.service import create_partner

SAVEPOINT = re.compile("SAVEPOINT", re.IGNORECASE)


def read_back(connected, partners, city):
    """The statements about our own tables while so many changed accounts are read and applied."""
    for partner in partners:
        connected.there.edit("Account", partner.pk, BillingCity=city)
    with CaptureQueriesContext(connection) as caught:
        report = connected.sync(push=False)
    assert report.pulled["partners.partner"]["applied"] == len(partners)
    return [
        query["sql"]
        for query in caught
        if "salesforce_" in query["sql"]
        and "INSERT INTO" not in query["sql"]
        and not SAVEPOINT.search(query["sql"])
    ]


@pytest.mark.parametrize("more", [30])
def test_records_are_applied_together(connected, more):
    partners = [create_partner(name=f"P{number}", kind="agent", city="X") for number in range(more)]
    connected.settle()
    few = read_back(connected, partners[:5], "Weston")
    many = read_back(connected, partners, "Easton")
    assert len(many) <= len(few)
    assert set(Partner.objects.values_list("city", flat=True)) == {"Easton"}
    connected.forget()
    connected.settle()
    assert connected.writes() == []
