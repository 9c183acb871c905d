"""Who is meant, by what a row and a partner have in common."""

import pytest

from partners.evidence.keys import name_key, phone_key, place_key
from partners.evidence.rules import Clues, Known, judge


def known(name, *, city="", email="", phone="", codes=()):
    words = name_key(name.lower().replace(",", "").replace(".", "").split())
    return Known(
        id=name, name=name, note="", words=words, city=place_key(city), email=email, phone=phone, codes=frozenset(codes)
    )  # fmt: skip


def clues(name="", **said):
    words = name_key(name.lower().replace(",", "").replace(".", "").split()) if name else frozenset()
    return Clues(words=words, **said)


HALLORAN = known("Dr. Robert Halloran", city="Easton", phone="555010020", codes=[("npi", "1000000004")])


@pytest.mark.parametrize(
    ("said", "by"),
    [
        (clues("Halloran, Robert", npi="1000000004"), "NPI"),
        (clues(npi="1000000004"), "NPI"),
        (clues("Robert Halloran", city="easton"), "name and city"),
        (clues("Robert Halloran MD", phone="555010020"), "phone"),
    ],
)
def test_exact_evidence_is_certain(said, by):
    verdict = judge(said, [HALLORAN])
    assert (verdict.partner, verdict.by) == (HALLORAN, by)


@pytest.mark.parametrize(
    ("said", "reason"),
    [
        (
            clues("Robert Halloran", npi="1000000012"),
            "The NPI differs: 1000000012 in the file, 1000000004 here",
        ),
        (clues("Lakeview Imaging", npi="1000000004"), "The name differs"),
        (clues("Robert Halloran", city="dayton"), "Same name"),
        (clues("Sara Okafor", phone="555010020"), "Same phone"),
        (clues("Robert Haloran", city="easton"), "The names are alike"),
    ],
)
def test_what_contradicts_or_is_only_alike_is_a_question(said, reason):
    verdict = judge(said, [HALLORAN])
    assert verdict.partner is None
    assert reason in verdict.reason
    assert [one for one, _ in verdict.candidates] == [HALLORAN]


def test_two_partners_by_two_codes_are_a_question():
    other = known("Robert Halloran", codes=[("meditech", "c7")])
    verdict = judge(clues("Robert Halloran", npi="1000000004", code=("meditech", "c7")), [HALLORAN, other])
    assert {one for one, _ in verdict.candidates} == {HALLORAN, other}


def test_nobody_who_shares_nothing():
    assert judge(clues("Mei-Lin Chow", city="easton"), [HALLORAN]).candidates == ()


@pytest.mark.parametrize(
    ("one", "other"), [("+1 (513) 555-0100", "513.555.0100"), ("0049 221 1234567", "+49 221 123 45 67")]
)
def test_phones_are_the_same_however_they_are_written(one, other):
    assert phone_key(one) == phone_key(other) != ""


def test_too_few_digits_tell_nobody():
    assert phone_key("ext. 12") == phone_key("12345") == ""
