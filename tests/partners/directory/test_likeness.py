"""How alike two partners are, and why."""

from uuid import UUID

import pytest

from partners.directory.likeness import ASKED, LISTED, Known, likeness

ONE, HOUSE = UUID(int=1), UUID(int=9)


def known(*names, **details):
    return Known(ONE, names, **details)


@pytest.mark.parametrize(
    ("one", "other", "reason"),
    [
        (
            known("Dr. Elena Marchetti", city="Riverside"),
            known("Elena Marchetti, MD", city="riverside"),
            "Same name",
        ),
        (known("Pine Street Clinic"), known("pine street clinic"), "Same name"),
        (known("李娜"), known("李娜"), "Same name"),
        (
            known("Elena Marchetti", city="Troy"),
            known("E. Marchetti", city="Troy"),
            "Same Marchetti and initial",
        ),
        (
            known("E. Marchetti", city="Troy"),
            known("Elena Marchetti", city="Troy"),
            "Same Marchetti and initial",
        ),
        (known("Elena Rossi", "E. Marchetti, MD"), known("e. marchetti"), "Same name"),
    ],
)
def test_whoever_adds_the_other_is_asked(one, other, reason):
    found = likeness(one, other)
    assert found.score >= ASKED
    assert reason in found.reasons


@pytest.mark.parametrize(
    ("one", "other", "reason"),
    [
        (
            known("Hannah Brandvold", organisation=HOUSE),
            known("Hanna Brandvold", organisation=HOUSE),
            "Same organisation",
        ),
        (
            known("Teresa Lund", city="Troy", phone="5551"),
            known("Teresa Herrera-Lund", city="Lee", phone="5551"),
            "Same phone",
        ),
        (known("Elena Marchetti"), known("E. Marchetti"), "Same Marchetti and initial"),
        (
            known("Ann Lee", codes=(("a", "10017"),)),
            known("Anne Lee", codes=(("b", "10017"),)),
            "Same code 10017 in two systems",
        ),
    ],
)
def test_worth_a_look(one, other, reason):
    found = likeness(one, other)
    assert found.score >= LISTED
    assert reason in found.reasons


@pytest.mark.parametrize(
    ("one", "other"),
    [
        (known("Elena Marchetti", city="Troy"), known("Elena Marchetti", city="Riverside")),
        (known("Elena Marchetti", phone="5551", city="Troy"), known("John Smith", phone="5551", city="Troy")),
        (known("Elena Marchetti"), known("Marco Marchetti")),
        (known("Cardiology"), known("Lakeside Cardiology")),
        (known("Ann Lee", codes=(("npi", "1"),)), known("Ann Lee", codes=(("npi", "2"),))),
    ],
)
def test_not_alike_enough(one, other):
    assert likeness(one, other).score < LISTED


def test_it_is_the_same_from_both_sides():
    one, other = known("E. Marchetti", city="Troy"), known("Elena Marchetti", city="Lee", phone="1")
    assert likeness(one, other).score == likeness(other, one).score


@pytest.mark.parametrize(
    ("one", "other"),
    [
        ("Hans Müller", "HANS MUELLER"),
        ("Søren Sørensen", "Soeren Soerensen"),
        ("Jürgen Groß", "Juergen Gross"),
    ],
)
def test_a_name_in_another_spelling_in_the_same_city_is_asked_about(one, other):
    found = likeness(known(one, city="Köln"), known(other, city="Koeln"))
    assert found.score >= ASKED
    assert found.reasons == ("Same name in another spelling", "Both in Köln")
