"""Search finds partners, codes, orders, opportunities and pages, for whom they are open, and reads indexes only."""

import re
from datetime import date
from decimal import Decimal

import pytest
from django.core.exceptions import ImproperlyConfigured
from django.db import connection
from django.test.utils import CaptureQueriesContext
from django.urls import reverse

from activities.market.budgets.models import Opportunity
from orders.attribution.service import ignore_code
from partners.directory.models import Partner
from prm.accounts.rights import RIGHTS, Right
from prm.search import registry
from prm.search.marks import marked
from prm.search.queries import search
from prm.search.registry import HitAction, SearchSource
from prm.tenancy.context import tenant_scope
from tests.conftest import owner_connection
from tests.orders.factories import import_rows, make_source
from tests.partners.factories import make_partner

EVERYTHING = frozenset(Right)


def found(text, rights=EVERYTHING):
    """The titles found, by the key of their kind."""
    return {g.source.key: [hit.title for hit in g.found.hits] for g in search(text, rights).groups}


@pytest.fixture
def world(in_mercy):
    herrera = make_partner("Dr. Tomás Herrera", codes=[("NPI", "1730029919")])
    make_partner("Dr. Teresa Herrera-Lund", codes=["TL-7"])
    make_partner("Dr. Wu Li")
    import_rows(
        make_source(), "M-884131,2026-05-03,TL-7,MRI,1,10", "M-884132,2026-05-04,TL-99,MRI,1,20",
        "X-1,2026-05-04,TL-99,MRI,1,20", "X-2,2026-05-04,TL-98,MRI,1,20",
    )  # fmt: skip
    Opportunity.objects.create(
        partner=herrera, name="Sleep lab, first quarter", amount=Decimal(85000), currency="USD", close_date=date(2027, 3, 31)
    )  # fmt: skip
    return herrera


@pytest.mark.parametrize(
    ("typed", "key", "titles"),
    [
        ("herr", "partners", ["Dr. Teresa Herrera-Lund", "Dr. Tomás Herrera"]),
        ("HÉRR tom", "partners", ["Dr. Tomás Herrera"]),
        ("lund tere", "partners", ["Dr. Teresa Herrera-Lund"]),
        ("wu", "partners", ["Dr. Wu Li"]),
        ("li", "partners", ["Dr. Wu Li"]),
        ("1730", "codes", ["1730029919"]),
        ("tl-", "codes", ["TL-7"]),
        ("tl-9", "waiting-codes", ["TL-98", "TL-99"]),
        ("m-88413", "orders", ["M-884131", "M-884132"]),
        ("x-2", "orders", ["X-2"]),
        ("sleep", "opportunities", ["Sleep lab, first quarter"]),
        ("quarter lab", "opportunities", ["Sleep lab, first quarter"]),
        ("herrera tomas", "opportunities", ["Sleep lab, first quarter"]),
        ("unattr", "pages", ["Unattributed orders"]),
        ("api k", "pages", ["API keys"]),
    ],
)
def test_what_begins_so_is_found(world, typed, key, titles):
    assert sorted(found(typed).get(key, [])) == titles


@pytest.mark.parametrize("typed", ["", "   ", "zzz", "%", "_", "\\", "herrera x", "'; --", "😀", "a" * 5000])
def test_what_is_not_there_is_not_found(world, typed):
    assert {key: titles for key, titles in found(typed).items() if titles} == {}


def test_a_code_that_was_set_aside_does_not_wait(world):
    ignore_code("TL-98")
    assert found("TL-9")["waiting-codes"] == ["TL-99"]


def test_those_who_left_come_last_and_are_said_to_have_left(world):
    Partner.objects.filter(name="Dr. Teresa Herrera-Lund").update(is_active=False)
    (group,) = (g for g in search("herrera", EVERYTHING).groups if g.source.key == "partners")
    assert [(hit.title, "not active" in hit.detail) for hit in group.found.hits] == [
        ("Dr. Tomás Herrera", False), ("Dr. Teresa Herrera-Lund", True),
    ]  # fmt: skip


@pytest.mark.parametrize("role", RIGHTS)
def test_nobody_finds_a_kind_whose_right_they_lack(world, role):
    keys = set()
    for typed in ("herr", "tl-", "m-8", "sleep", "un", "mem"):
        keys |= set(found(typed, RIGHTS[role]))
    may = {s.key for s in registry.registered() if s.right is None or s.right in RIGHTS[role]}
    assert keys <= may
    assert ("waiting-codes" in keys) == (Right.ORDER_TIE in RIGHTS[role])


def test_figures_are_told_only_to_who_may_see_them(world):
    (with_right,) = (g for g in search("herrera", EVERYTHING).groups if g.source.key == "partners")
    (without,) = (g for g in search("herrera", {Right.PARTNER_VIEW}).groups if g.source.key == "partners")
    assert not any(hit.aside for hit in without.found.hits)
    assert len(with_right.found.hits) == len(without.found.hits) == 2


def test_another_tenants_rows_are_not_found(world, anchor):
    with tenant_scope(anchor.tenant):
        assert {
            k: v for typed in ("herr", "1730", "m-8", "tl", "sleep") for k, v in found(typed).items()
        } == {}


def test_words_of_an_opportunity_follow_its_name(world):
    Opportunity.objects.update(name="Echo contract")
    assert "opportunities" not in found("sleep")
    assert found("contr")["opportunities"] == ["Echo contract"]
    Opportunity.objects.all().delete()
    assert "opportunities" not in found("contr")


def test_count_is_capped_and_says_so(in_mercy):
    Partner.objects.bulk_create(Partner(name=f"Common {n:03}", kind="agent") for n in range(130))
    answer = search("common", EVERYTHING)
    assert (answer.count, answer.is_capped, len(answer.groups[0].found.hits)) == (100, True, 5)
    assert "partners/?q=common" in answer.groups[0].all_url


# --- page and API -------------------------------------------------------------------------------


def test_page_marks_what_matches_and_leads_there(world, mercy, client_for):
    client = client_for(mercy.manager)
    page = client.get(reverse("search:page", kwargs={"tenant": "mercy"}), {"q": "herr"}).content.decode()
    assert "<mark>Herr</mark>era-Lund" in page
    assert world.get_absolute_url() in page
    assert f"visits/log/?partner={world.pk}" in page or "Log visit with" in page


def test_hits_are_options_of_the_field_and_escaped(world, mercy, client_for):
    Partner.objects.create(name="<b>Herr</b> & Co", kind="agent")
    hits = client_for(mercy.manager).get(reverse("search:hits", kwargs={"tenant": "mercy"}), {"q": "herr"})
    text = hits.content.decode()
    assert 'role="option"' in text and "<html" not in text
    assert "<b>" not in text and "&lt;b&gt;<mark>Herr</mark>&lt;/b&gt; &amp; Co" in text


def test_every_page_offers_the_field_to_who_may_search_and_to_nobody_else(world, mercy, client_for):
    page = client_for(mercy.manager).get(reverse("partners:list", kwargs={"tenant": "mercy"}))
    assert "data-prm-search" in page.content.decode()


def test_portal_has_no_search(mercy, client_for):
    from partners.portal.service import grant_access
    from prm.accounts.service import add_member

    with tenant_scope(mercy.tenant):
        access = grant_access(add_member(email="elena@mercy.example", role="partner"), partner=make_partner())
        client = client_for(access.membership)
    assert client.get(reverse("search:page", kwargs={"tenant": "mercy"})).status_code == 403
    home = client.get(reverse("partners:portal", kwargs={"tenant": "mercy"}))
    assert home.status_code == 200 and "data-prm-search" not in home.content.decode()
    assert client.get("/api/v1/mercy/search/", {"q": "elena"}).json()["groups"] == []


def test_api_answers_by_the_rights_of_the_caller(world, mercy, client_for):
    answer = client_for(mercy.manager).get("/api/v1/mercy/search/", {"q": "M-884131"}).json()
    (group,) = answer["groups"]
    assert (group["key"], group["count"], group["is_capped"]) == ("orders", 1, False)
    assert group["hits"][0]["title"] == "M-884131"
    assert set(group["hits"][0]) == {"id", "title", "detail", "aside", "url"}


def test_api_key_finds_what_its_scopes_open(world, mercy):
    from django.test import Client

    from prm.accounts.keys import create_key

    _, secret = create_key(name="Feed", scopes=["orders:read"], created_by=mercy.administrator)
    headers = {"Authorization": f"Api-Key {secret}"}
    keys = [
        g["key"]
        for typed in ("herr", "m-8")
        for g in Client().get("/api/v1/mercy/search/", {"q": typed}, headers=headers).json()["groups"]
    ]
    assert keys == ["orders"]


# --- contributions ------------------------------------------------------------------------------


def test_a_source_of_an_unknown_right_is_refused():
    with pytest.raises(ImproperlyConfigured, match="no member of the table of rights"):
        SearchSource(key="x", label="X", icon="x", find=lambda asked: registry.NOTHING, right="partner.veiw")


def test_an_action_on_hits_that_no_source_finds_is_refused(monkeypatch):
    action = HitAction(
        key="x", on="partnres", words="X", icon="x", right=Right.PARTNER_VIEW, url=lambda hit: hit.url
    )
    monkeypatch.setitem(registry._actions, "x", action)
    with pytest.raises(ImproperlyConfigured, match="which no search finds"):
        registry.check()


# --- cost ---------------------------------------------------------------------------------------


def test_the_number_of_queries_does_not_grow_with_what_is_found(world):
    def queries():
        with CaptureQueriesContext(
            connection,
        ) as seen:
            search("herr", EVERYTHING)
        return len(seen)

    before = queries()
    for n in range(20):
        make_partner(f"Herrmann {n}")
    assert queries() == before


TABLES = {
    "partners_partnerword": "SELECT %s, gen_random_uuid(), 'surname' || lpad((n * 7919 %% 5000)::text, 4, '0')",
    "activities_opportunityword": "SELECT %s, gen_random_uuid(), 'surname' || lpad((n * 7919 %% 5000)::text, 4, '0')",
}


@pytest.mark.parametrize(
    ("table", "owner", "index"),
    [
        ("partners_partnerword", "partner_id", "partners_word"),
        ("activities_opportunityword", "opportunity_id", "activities_opp_word"),
    ],
)
def test_words_are_found_by_their_index_under_row_level_security(db, table, owner, index, mercy):
    from prm.core.words.tables import WordTable

    tenant = mercy.tenant.pk
    with owner_connection(str(tenant)) as walled:
        # Rows of transactions that were rolled back still fill pages, and with them the plan would change.
        walled.execute(f"TRUNCATE {table}")
        walled.execute(
            f"INSERT INTO {table} (tenant_id, {owner}, word) {TABLES[table]} FROM generate_series(1, 20000) n",
            [tenant],
        )
        walled.execute(f"ANALYZE {table}")
        sql, values = WordTable(table, owner).statement(["surname0", "o"], tenant_id=tenant, most=100)
        plan = "\n".join(row[0] for row in walled.execute(f"EXPLAIN {sql}", values).fetchall())
    assert re.search(rf"Index Only Scan using {index} on {table}", plan), plan
    assert f"Seq Scan on {table}" not in plan, plan


# --- marks --------------------------------------------------------------------------------------


@pytest.mark.parametrize(
    ("title", "text", "words", "expected"),
    [
        ("Dr. Tomás Herrera", "herr", ("herr",), "Dr. Tomás <mark>Herr</mark>era"),
        ("Tomás", "tomas", ("tomas",), "<mark>Tomás</mark>"),
        ("Müller", "mull", ("mull",), "<mark>Müll</mark>er"),
        ("M-884131", "m-88", ("88", "m"), "<mark>M-88</mark>4131"),
        ("a<b", "b", ("b",), "a&lt;<mark>b</mark>"),
        ("", "x", ("x",), ""),
    ],
)
def test_matching_letters_are_marked(title, text, words, expected):
    assert marked(title, text, words) == expected
