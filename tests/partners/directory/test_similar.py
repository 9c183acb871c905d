"""Similar names: found in spite of slips, order, titles and accents, by an index and not by a scan."""

import pytest

from partners.directory.models import Partner, PartnerWord
from partners.directory.sql import similar_names
from prm.core.ids import uuid7
from tests.conftest import owner_connection


@pytest.fixture
def partners(in_mercy):
    names = ["Dr. Tomás Herrera", "Dr. Grace Nakamura", "Elm Street Family Practice", "Jo Lund", "Bo Ek"]
    return {name: Partner.objects.create(name=name, kind="physician").pk for name in names}


def found(partners, *asked, limit=10):
    names = {pk: name for name, pk in partners.items()}
    return [[names[pk] for pk in ids] for ids in similar_names(asked, limit=limit)]


@pytest.mark.parametrize(
    "asked",
    [
        "Tomas Herrera", "HERRERA T MD", "herrera, tomás", "Dr Herera", "Herrerra", "HERREAR", "Xerrera", "Herrerx",
        "Tomsa Herara", "Herrera-Smith",
    ],
)  # fmt: skip
def test_a_name_is_found_in_spite_of_slips_order_titles_and_accents(partners, asked):
    assert found(partners, asked) == [["Dr. Tomás Herrera"]]


@pytest.mark.parametrize(
    ("asked", "name"), [("Lxnd", "Jo Lund"), ("Lunnd Jo", "Jo Lund"), ("elm", "Elm Street Family Practice")]
)
def test_short_words_are_found_too(partners, asked, name):
    assert found(partners, asked) == [[name]]


def test_each_name_has_its_own_answer_in_the_order_asked(partners):
    assert found(partners, "nakamora", "", "MD", "Hererra") == [
        ["Dr. Grace Nakamura"], [], [], ["Dr. Tomás Herrera"],
    ]  # fmt: skip


def test_the_best_come_first_and_initials_decide_between_namesakes(partners):
    for name in ("Ann Herrera", "Theo Herrera", "Herrerix"):
        partners[name] = Partner.objects.create(name=name, kind="physician").pk
    (names,) = found(partners, "A Herrera")
    assert names[0] == "Ann Herrera" and names[-1] == "Herrerix"
    assert found(partners, "A Herrera", limit=1) == [["Ann Herrera"]]


def test_words_follow_the_name(partners):
    herrera = Partner.objects.get(pk=partners["Dr. Tomás Herrera"])
    words = PartnerWord.objects.filter(partner=herrera).order_by("word")
    assert [(w.word, w.backwards) for w in words] == [
        ("dr", "rd"),
        ("herrera", "arerreh"),
        ("tomas", "samot"),
    ]
    Partner.objects.filter(pk=herrera.pk).update(name="Maria Maria von Österreich-Este")
    assert sorted(words.values_list("word", flat=True)) == ["este", "maria", "osterreich", "von"]
    Partner.objects.filter(pk=herrera.pk).update(city="Vienna")
    assert words.all().count() == 4
    herrera.delete()
    assert not words.all().exists()


def test_partners_who_left_are_not_found(partners):
    Partner.objects.filter(pk=partners["Jo Lund"]).update(is_active=False)
    assert found(partners, "Lund") == [[]]


def test_no_partner_is_scanned_for_a_similar_name(db):
    """Under row-level security, in which no comparison by trigrams may use an index."""
    from partners.directory import sql

    tenant = str(uuid7())
    with owner_connection(tenant) as walled:
        walled.execute(
            "INSERT INTO partners_partnerword (tenant_id, partner_id, word)"
            " SELECT %s, gen_random_uuid(), 'surname' || lpad((n * 7919 %% 5000)::text, 4, '0')"
            " FROM generate_series(1, 20000) n",
            [tenant],
        )
        walled.execute("ANALYZE partners_partnerword")
        asked = {"names": ["nakamora"], "tenant": tenant, "limit": 10}
        plan = "\n".join(row[0] for row in walled.execute(f"EXPLAIN {sql._SIMILAR}", asked).fetchall())
    assert "partners_word " in plan and "partners_word_backwards " in plan, plan
    assert "Seq Scan on partners_partnerword" not in plan, plan
