"""Whose codes they are: schemes are compared without case and blanks, and a code belongs to one of them."""

import unicodedata

import pytest
from django.db import connection

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


@pytest.mark.django_db
def test_python_and_the_database_have_one_rule_of_schemes():
    """Every letter, alone and between others: whoever asks in Python finds what the database has written."""
    # What was assigned since Python's edition of Unicode has no case and no other form there yet.
    letters = [chr(n) for n in range(1, 0x30000) if unicodedata.category(chr(n)) not in ("Cn", "Cs")]
    # Whether this control character of terminals is a blank depends on the locale of the database.
    letters.remove("\x85")
    written = [f"a{letter}B {letter}" for letter in letters]
    written += [
        " Epic ",
        "NPI\t1",
        "\uff25\uff50\uff49\uff43",
        "\u00c5\u212b",
        "\u01c4",
        "\u1e9e STRASSE",
        "\u0130stanbul",
        "\u03a3\u03a3",
        "",
    ]
    with connection.cursor() as cursor:
        cursor.execute(
            "SELECT array_agg(lower(btrim(regexp_replace(normalize(s, NFKC), '\\s+', ' ', 'g'))) ORDER BY n)"
            " FROM unnest(%s::text[]) WITH ORDINALITY AS t (s, n)",
            [written],
        )
        keys = cursor.fetchone()[0]
    different = [(a, b, k) for a, k in zip(written, keys, strict=True) if (b := schemes.plain_key(a)) != k]
    assert different == []


def test_many_codes_are_found_under_any_spelling_of_their_scheme(in_mercy):
    partner = make_partner(codes=[("Epic East", "1001")])
    spelt = ["\uff25\uff50\uff49\uff43 East", "epic\u00a0 east", "EPIC EAST"]
    added = directory_service.add_codes([(partner.pk, scheme, "1001") for scheme in spelt])
    assert {code.pk for code in added} == {ReferralCode.objects.get().pk}
