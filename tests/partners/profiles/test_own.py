"""Own fields of partners: on their page and form, in the list, files, the API, in bulk, through a merge."""

import csv
from datetime import date
from decimal import Decimal

import pytest
from django.db import connection
from django.test.utils import CaptureQueriesContext

from partners.bulk.service import change_many, undo_change
from partners.directory.models import Partner, PartnerValue
from partners.directory.service import create_partners_from_codes, set_own, update_partner
from partners.merges.service import merge_partners, undo_merge
from prm.core.errors import Refused
from prm.ownfields.service import add_field
from prm.ownfields.values import values_of
from tests.partners.factories import make_partner

LIST, API = "/t/mercy/partners/", "/api/v1/mercy/partners/"


@pytest.fixture
def people(in_mercy):
    """Ann, Ben, Cem and Dia; Dia has nothing in any field."""
    for name, kind in (("Beds", "number"), ("Since", "date"), ("Ward", "text")):
        add_field(of="partner", name=name, type=kind)
    add_field(of="partner", name="Size", type="choice", choices=["Small", "Large"])
    said = {
        "Ann": {"beds": "12.5", "since": "2026-02-01", "ward": "East wing", "size": "Large"},
        "Ben": {"beds": 3, "since": date(2025, 12, 31), "ward": "east", "size": "Small"},
        "Cem": {"beds": -1, "ward": "West", "size": "Large"},
        "Dia": {},
    }
    return {name: make_partner(name, own=values) for name, values in said.items()}


@pytest.fixture
def manager(in_mercy, client_for):
    return client_for(in_mercy.manager)


def names(client, query):
    answer = client.get(f"{LIST}?{query}")
    assert answer.status_code == 200
    return [row.record.name for row in answer.context["table"].page.object_list]


def has(partner):
    return values_of("partner", [partner.pk])[partner.pk]


# --- writing ------------------------------------------------------------------------------------------


def test_values_are_set_and_taken_away_and_the_rest_stays(people):
    before = people["Ann"].version
    changed = update_partner(people["Ann"].pk, own={"beds": None, "ward": "North"})
    assert has(changed) == {"since": "2026-02-01", "ward": "North", "size": "large"}
    assert changed.version == before + 1
    assert update_partner(changed.pk, own={"ward": "North"}).version == before + 1


def test_a_value_that_is_none_names_its_field(people):
    with pytest.raises(Refused, match="Beds: This is a number") as refused:
        update_partner(people["Ann"].pk, own={"beds": "many"}, name="Anna")
    assert refused.value.field == "own_beds"
    assert Partner.objects.get(pk=people["Ann"].pk).name == "Ann"


def test_the_audit_trail_has_each_value(people):
    events = PartnerValue.pgh_event_model.objects.filter(partner=people["Ann"].pk)
    assert events.count() == 4
    update_partner(people["Ann"].pk, own={"beds": 13})
    assert events.order_by("-pgh_id").first().number == 130_000


def test_many_cost_as_few_statements_as_one(in_mercy):
    add_field(of="partner", name="Beds", type="number")
    create_partners_from_codes({f"C{n}": "" for n in range(40)}, kind="agent", scheme="")
    ids = list(Partner.objects.values_list("pk", flat=True))
    counts = []
    set_own({ids[0]: {"beds": 500}})
    for some in (ids[:2], ids[2:]):
        with CaptureQueriesContext(
            connection,
        ) as queries:
            set_own({pk: {"beds": n} for n, pk in enumerate(some)})
        counts.append(len(queries))
    assert counts[0] == counts[1]


# --- page and form -----------------------------------------------------------------------------------


def test_page_and_form_show_and_change_them(people, manager):
    url = f"{LIST}{people['Ann'].pk}/"
    page = manager.get(url).content.decode()
    assert "East wing" in page
    assert "12.5" in page
    form = manager.get(f"{url}edit/").context["form"]
    assert form.initial["own_beds"] == Decimal("12.5")
    data = {
        "name": "Ann", "kind": "agent", "own_beds": "14", "own_since": "", "own_ward": "East wing", "own_size": "small",
        "is_active": "on",
    }  # fmt: skip
    assert manager.post(f"{url}edit/", data).status_code == 302
    assert has(people["Ann"]) == {"beds": "14", "ward": "East wing", "size": "small"}


# --- list ----------------------------------------------------------------------------------------------


@pytest.mark.parametrize(
    ("query", "found"),
    [
        ("own_beds_from=3", "Ann Ben"),
        ("own_beds_to=3", "Ben Cem"),
        ("own_beds_from=3.0001", "Ann"),
        ("own_beds_from=99999999999999", ""),
        ("own_since_from=2026-01-01", "Ann"),
        ("own_since_to=2025-12-31", "Ben"),
        ("own_ward=EAST", "Ann Ben"),
        ("own_ward=east w", "Ann"),
        ("own_size=large", "Ann Cem"),
        ("own_size=none", "Dia"),
        ("own_size=small&own_size=none", "Ben Dia"),
        ("own_size=large&own_beds_from=0", "Ann"),
    ],
)
def test_filters(people, manager, query, found):
    assert " ".join(sorted(names(manager, query))) == found


def test_a_filter_that_is_none_finds_nobody(people, manager):
    assert names(manager, "own_size=gigantic") == []


@pytest.mark.parametrize(
    ("sort", "order"),
    [
        ("own_beds", "Cem Ben Ann Dia"),
        ("-own_beds", "Ann Ben Cem Dia"),
        ("own_since", "Ben Ann Cem Dia"),
        ("own_ward", "Ben Ann Cem Dia"),
        ("own_size", "Ben Ann Cem Dia"),
        ("-own_size", "Ann Cem Ben Dia"),
    ],
)
def test_columns_sort_and_those_without_come_last(people, manager, sort, order):
    assert " ".join(names(manager, f"columns=own_beds,own_since,own_ward,own_size&sort={sort}")) == order


def test_columns_and_chips_are_written_for_people(people, manager):
    page = manager.get(f"{LIST}?columns=own_beds,own_size&own_beds_from=12.5").content.decode()
    assert "12.5" in page
    assert "Large" in page
    assert "from 12.5" in page


def test_groups_by_a_choice(people, manager):
    answer = manager.get(f"{LIST}?group=own_size")
    grouped = {group.label: group.count for group in answer.context["grouped"].groups}
    assert grouped == {"Large": 2, "Small": 1, "Without Size": 1}
    rest = next(group for group in answer.context["grouped"].groups if group.label == "Without Size")
    assert names(manager, rest.query.lstrip("?")) == ["Dia"]


def test_export_has_numbers_as_numbers_and_words_of_choices(people, manager):
    answer = manager.get(f"{LIST}export/?columns=own_beds,own_size")
    rows = list(csv.DictReader(b"".join(answer).decode("utf-8-sig").splitlines()))
    assert [(row["Provider"], row["Beds"], row["Size"]) for row in rows if row["Provider"] == "Ann"] == [
        ("Ann", "12.5", "Large")
    ]


def test_the_list_asks_as_often_with_own_columns_for_many(people, manager):
    query = f"{LIST}?columns=own_beds,own_size,own_ward&sort=-own_beds&own_size=large"

    def asked():
        with CaptureQueriesContext(connection) as queries:
            assert manager.get(query).status_code == 200
        return len(queries)

    asked()
    few = asked()
    for number in range(20):
        make_partner(own={"beds": number, "size": "Large"})
    assert asked() == few


def test_comparisons_of_values_pass_the_policy_to_an_index(db):
    """Below a policy PostgreSQL gives an index only comparisons that cannot leak; `numeric` has none."""
    used = ["int8ge", "int8le", "date_ge", "date_le", "text_ge", "text_lt", "texteq", "uuid_eq"]
    with connection.cursor() as cursor:
        cursor.execute("SELECT proname FROM pg_proc WHERE proname = ANY(%s) AND proleakproof", [used])
        assert {row[0] for row in cursor.fetchall()} == set(used)


# --- files, API, bulk, merge ----------------------------------------------------------------------


def test_by_api(people, manager):
    url = f"{API}{people['Ann'].pk}/"
    assert manager.get(url).json()["own"] == {
        "beds": "12.5", "since": "2026-02-01", "ward": "East wing", "size": "large",
    }  # fmt: skip
    changed = manager.patch(url, {"own": {"beds": 7, "since": None}}, content_type="application/json")
    assert changed.json()["own"] == {"beds": "7", "ward": "East wing", "size": "large"}
    assert [one["name"] for one in manager.get(f"{API}?own_beds_from=4").json()["results"]] == ["Ann"]
    made = manager.post(
        API, {"name": "Eve", "kind": "agent", "own": {"size": "Small"}}, content_type="application/json"
    )
    assert made.json()["own"] == {"size": "small"}


@pytest.mark.parametrize(
    "body",
    [
        {"own": {"nothing": 1}},
        {"own": {"beds": "many"}},
        {"own": []},
        {"own": {"beds": True}},
        {"own": {"beds": [1]}},
    ],
)
def test_what_the_api_cannot_keep_is_refused(people, manager, body):
    answer = manager.patch(f"{API}{people['Ann'].pk}/", body, content_type="application/json")
    assert answer.status_code == 400
    assert has(people["Ann"])["beds"] == "12.5"


def test_in_bulk_and_taken_back(people):
    ids = [one.pk for one in people.values()]
    done = change_many(ids, action="own", values={"field": "size", "value": "Small"})
    assert (done.count, done.words) == (3, "3 providers with Small in Size")
    assert {has(one)["size"] for one in people.values()} == {"small"}
    update_partner(people["Cem"].pk, own={"size": "Large"})
    assert undo_change(done.pk).put_back == 2
    assert [has(one).get("size") for one in people.values()] == ["large", "small", "large", None]


def test_bulk_refuses_what_the_field_cannot_read(people):
    with pytest.raises(Refused, match="This is a number") as refused:
        change_many([people["Ann"].pk], action="own", values={"field": "beds", "value": "many"})
    assert refused.value.field == "value"


def test_a_merge_fills_what_the_survivor_lacks_and_gives_it_back(people):
    merge = merge_partners(people["Ben"].pk, merged_id=people["Ann"].pk)
    assert has(people["Ben"]) == {"beds": "3", "since": "2025-12-31", "ward": "east", "size": "small"}
    undo_merge(merge.pk)
    other = merge_partners(people["Dia"].pk, merged_id=people["Ann"].pk)
    assert has(people["Dia"])["beds"] == "12.5"
    undo_merge(other.pk)
    assert has(people["Dia"]) == {}
    assert has(people["Ann"])["beds"] == "12.5"
