"""A policy as a file: read whole, or refused at the place that is wrong."""

from datetime import date
from decimal import Decimal

import pytest

from partners.whatif.files import read_policy
from prm.core.errors import Refused


def test_toml_and_json_say_the_same():
    toml = read_policy(
        'high_from = 500000.5\nvalid_from = 2027-01-01\nreason = "New"\n[weights]\nrevenue = 30\n'
    )
    plain = read_policy(
        '{"high_from": 500000.5, "valid_from": "2027-01-01", "reason": "New", "weights": {"revenue": 30}}'
    )
    assert toml == plain
    assert (toml.figures["high_from"], toml.valid_from) == (Decimal("500000.5"), date(2027, 1, 1))


def test_what_is_shown_loads_again():
    shown = '{"tenant": "mercy", "policy": {"version": 3, "state": "in_force", "confirmed": true, "high_from": "9", "high_pct": null}}'
    assert read_policy(shown).figures == {"high_from": Decimal(9), "high_pct": None}


def test_bands_become_where_tiers_begin():
    text = 'bands = [{tier="low", from=0, to=10}, {tier="medium", from=10, to=20}, {tier="high", from=20}]'
    assert read_policy(text).figures == {"medium_from": 10, "high_from": 20}


@pytest.mark.parametrize(
    ("text", "field"),
    [
        ("high_from = ", "file"),
        ("hihg_from = 3", "hihg_from"),
        ("high_from = true", "high_from"),
        ('high_from = "NaN"', "high_from"),
        ("repeat_k = 2.5", "repeat_k"),
        ("valid_from = 2027-13-01", "file"),
        ('valid_from = "soon"', "valid_from"),
        ("weights = 3", "weights"),
        ('weights = {revenue = "much"}', "weights.revenue"),
        ("usual_visits = {high = 2}", "usual_visits.high"),
        ("regulated_kinds = 3", "regulated_kinds"),
        ("bands = 3", "bands"),
        (
            'bands = [{tier="low", from=0, to=15}, {tier="medium", from=10, to=20}, {tier="high", from=20}]',
            "bands",
        ),
        (
            'bands = [{tier="low", from=0, to=5}, {tier="medium", from=10, to=20}, {tier="high", from=20}]',
            "bands",
        ),
        ('bands = [{tier="low", colour=1}]', "bands"),
        ('high_from = 30\nbands = [{tier="low"}, {tier="medium", from=10}, {tier="high", from=20}]', "bands"),
    ],
)
def test_bad_file_is_refused_at_its_place(text, field):
    with pytest.raises(Refused) as refused:
        read_policy(text)
    assert refused.value.field == field
