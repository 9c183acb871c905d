"""Whose codes they are: schemes are compared without case and blanks, and a code belongs to one of them."""

import pytest

from partners.directory import schemes
from partners.directory import service as directory_service
from partners.directory.models import ReferralCode
from prm.core.errors import Refused
from tests.partners.factories import make_partner


@pytest.mark.parametrize("written", ["Epic", " epic ", "EPIC", "\uff25\uff50\uff49\uff43", "epic\u00a0"])
def test_one_scheme_may_be_written_in_many_ways(in_mercy, written):
    partner = make_partner(codes=[("Epic", "1001")])
    assert directory_service.add_code(partner.pk, scheme=written, code="1001").scheme == "Epic"
    assert ReferralCode.objects.filter(scheme_key=schemes.key_of(written)).count() == 1


def test_the_same_code_of_another_scheme_is_another_code(in_mercy):
    north, south = make_partner(codes=[("Meditech", "1001")]), make_partner(codes=[("Epic", "1001")])
    assert [code.scheme for code in ReferralCode.objects.order_by("scheme")] == ["Epic", "Meditech"]
    with pytest.raises(Refused, match=f"epic 1001.0 is already a code of {south}"):
        directory_service.add_code(north.pk, scheme="epic", code="1001.0")


def test_a_scheme_longer_than_its_column_is_refused_at_its_field(in_mercy):
    with pytest.raises(Refused) as refused:
        directory_service.add_code(make_partner().pk, scheme="x" * 61, code="1001")
    assert refused.value.field == "scheme"
