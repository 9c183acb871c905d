"""Ids made of names: the same in Python and SQL, for ever, and in no two tenants."""

from uuid import UUID

import pytest
from django.db import connection

from partners.directory.models import Partner, ReferralCode
from partners.directory.service import add_code, create_partner, create_partners_from_codes, remove_code
from prm.core.ids import named_id, named_id_sql
from prm.tenancy.base import ids_for
from prm.tenancy.context import bound_tenant

TENANT = UUID("0199d3a4-7c1b-7a51-8f00-000000000001")


def test_an_id_never_changes():
    """Links in Salesforce hold it: another way to make it would double every record."""
    made = named_id(TENANT, "order", "source", "A-1")
    assert str(made) == "5c21e145-f476-8429-a1b9-8fd3fd2d078c"
    assert made.version == 8


@pytest.mark.parametrize(
    "other", [("order", "sourceA", "-1"), ("orde", "r", "source", "A-1"), ("order", "source", "a-1")]
)
def test_other_names_make_another_id(other):
    assert named_id(TENANT, *other) != named_id(TENANT, "order", "source", "A-1")


@pytest.mark.parametrize("number", ["A-1", "", "7:x", "Ünïcödé – 漢字 🙂"])
def test_sql_makes_the_same_id(db, number):
    with connection.cursor() as cursor:
        cursor.execute(
            f"SELECT {named_id_sql('order', '%(source)s::text', '%(number)s::text')}",
            {"tenant": TENANT, "source": "s", "number": number},
        )
        assert cursor.fetchone()[0] == named_id(TENANT, "order", "s", number)


def test_names_that_are_given_twice_get_two_ids(in_mercy):
    first, second = ids_for(Partner, "partner", [("Elena",), ("Elena",)])
    assert first.version == 8 and second.version == 7


def test_a_partner_is_named_by_the_first_code_however_it_comes(in_mercy, anchor):
    partner = create_partner(name="Elena", kind="agent", codes=[("Agent  number", "A1"), ("", "X")])
    Partner.objects.filter(pk=partner.pk).delete()
    create_partners_from_codes({"A1": "Elena"}, kind="agent", scheme="agent number")
    assert Partner.objects.get().pk == partner.pk
    with bound_tenant(anchor.tenant):
        assert create_partner(name="Elena", kind="agent", codes=[("agent number", "A1")]).pk != partner.pk


def test_a_partner_whose_code_went_to_another_keeps_the_id(in_mercy):
    first = create_partner(name="Elena", kind="agent", codes=[("", "A1")])
    add_code(first.pk, scheme="", code="B2")
    remove_code(ReferralCode.objects.get(normal="A1").pk)
    second = create_partner(name="Otto", kind="agent", codes=[("", "A1")])
    assert Partner.objects.filter(pk=first.pk).exists()
    assert second.pk != first.pk
    create_partners_from_codes({"C3": "Carla"}, kind="agent", scheme="")
    assert Partner.objects.count() == 3
