"""An order that ends with a unique key gives every row one place, also among equal and missing values."""

import pytest
from django.db.models import F
from hypothesis import HealthCheck, given, settings
from hypothesis import strategies as st

from partners.directory.models import Partner
from prm.core.listing.ordering import after, ended, terms_of, value_of
from tests.partners.factories import make_partner


def order_of(queryset):
    return [str(one) for one in queryset.query.order_by]


@pytest.mark.parametrize(
    ("asked", "given_back"),
    [
        (("name",), ["name", "pk"]),
        (("-name",), ["-name", "-pk"]),
        (("-name", "id"), ["-name", "id"]),
        (("name", "-pk"), ["name", "-pk"]),
        ((), ["pk"]),
    ],
)
def test_an_order_ends_with_the_key_in_its_first_direction(asked, given_back):
    assert order_of(ended(Partner.objects.unscoped("never run").order_by(*asked))) == given_back


def test_the_models_own_order_counts_too():
    assert terms_of(ended(Partner.objects.unscoped("never run")))[-1].path == "id"


def test_an_order_without_a_key_has_no_places():
    with pytest.raises(ValueError, match="does not end with its key"):
        terms_of(Partner.objects.unscoped("never run").order_by("name"))


ORDERS = [
    ("city",),
    ("-tier_since",),
    ("tier_since", "-city"),
    ("-organisation__name",),
    (F("tier_since").asc(nulls_first=True),),
    (F("tier_since").desc(nulls_last=True), "city"),
]


@pytest.mark.parametrize("order", ORDERS, ids=str)
@settings(max_examples=10, deadline=None, suppress_health_check=list(HealthCheck))
@given(data=st.data())
def test_from_any_row_the_rest_follows(in_mercy, order, data):
    few = st.sampled_from(["", "Bonn", "Kiel"]), st.sampled_from([None, "2026-01-01", "2026-02-01"])
    one, other = (make_partner(name) for name in ("Aal", "Zoo"))
    for city, since in data.draw(st.lists(st.tuples(*few), min_size=3, max_size=6)):
        made = make_partner(city=city, organisation=data.draw(st.sampled_from([None, one, other])))
        Partner.objects.filter(pk=made.pk).update(tier_since=since)
    rows = ended(Partner.objects.select_related("organisation").order_by(*order))
    terms, listed = terms_of(rows), list(rows)
    for place, row in enumerate(listed):
        values = [value_of(row, term.path) for term in terms]
        assert list(after(rows, terms, values)) == listed[place + 1 :]
        assert list(after(rows, terms, values, with_edge=True)) == listed[place:]
        turned = [term.turned() for term in terms]
        before = after(rows, turned, values).order_by(*(term.order() for term in turned))
        assert list(before)[::-1] == listed[:place]
    Partner.objects.filter(organisation__isnull=False).delete()
    Partner.objects.all().delete()
