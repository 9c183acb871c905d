"""Tags: put on, taken off, found, grouped, renamed, merged, from files, in bulk and back."""

import csv

import pytest
from django.db import connection
from django.test.utils import CaptureQueriesContext

from partners.bulk.service import change_many, undo_change
from partners.directory.models import Partner
from partners.directory.service import create_partners_from_codes
from partners.merges.service import merge_partners, undo_merge
from partners.tags import service
from partners.tags.models import PartnerTag, Tag
from partners.tags.queries import names_of
from partners.tags.rules import MOST, MOST_OF_ONE
from prm.core.errors import Refused
from tests.partners.factories import make_partner

LIST, API = "/t/mercy/partners/", "/api/v1/mercy/"


@pytest.fixture
def people(in_mercy):
    """Ann has stroke and night, Ben night, Cem nothing."""
    made = {name: make_partner(name) for name in ("Ann", "Ben", "Cem")}
    service.change_tags([made["Ann"].pk], add=["Stroke unit", "night"])
    service.change_tags([made["Ben"].pk], add=["Night"])
    return made


@pytest.fixture
def manager(in_mercy, client_for):
    return client_for(in_mercy.manager)


def tags(partner):
    return names_of([partner.pk])[partner.pk]


def names(client, query):
    rows = client.get(f"{LIST}?{query}").context["table"].page.object_list
    return " ".join(sorted(row.record.name for row in rows))


def test_a_tag_is_one_word_whatever_its_capitals_and_gone_with_its_last_use(people):
    assert tags(people["Ben"]) == ["night"]
    assert service.change_tags([people["Ann"].pk], add=["NIGHT"]) == {}
    service.change_tags([one.pk for one in people.values()], remove=["Night"])
    assert [tag.name for tag in Tag.objects.all()] == ["Stroke unit"]


@pytest.mark.parametrize(
    ("more", "words"),
    [
        ({}, "Say which tag"),
        ({"add": ["a"], "remove": ["A"]}, "at once"),
        ({"add": [f"t{n}" for n in range(MOST_OF_ONE)]}, "at most 30"),
    ],
)
def test_what_makes_no_sense_is_refused(people, more, words):
    with pytest.raises(Refused, match=words):
        service.change_tags([people["Ann"].pk], **more)


def test_a_tenant_has_a_limit(in_mercy):
    Tag.objects.bulk_create(Tag(name=f"t{n}", key=f"t{n}") for n in range(MOST))
    with pytest.raises(Refused, match="can be 500"):
        service.change_tags([make_partner().pk], add=["one more"])


@pytest.mark.parametrize(
    ("query", "found"),
    [
        ("tags=night", "Ann Ben"),
        ("tags=Stroke unit,other", "Ann"),
        ("tags=none", "Cem"),
        ("tags=none,stroke unit", "Ann Cem"),
        ("tags=other", ""),
        ("tags_all=night,stroke unit", "Ann"),
        ("tags_all=night,other", ""),
        ("tags_all=night", "Ann Ben"),
    ],
)
def test_filters_by_any_and_by_all(people, manager, query, found):
    assert names(manager, query) == found


def test_column_sorts_and_exports(people, manager):
    page = manager.get(f"{LIST}?columns=tags&sort=-tags")
    assert [row.record.name for row in page.context["table"].page.object_list] == ["Ann", "Ben", "Cem"]
    rows = csv.DictReader(
        b"".join(manager.get(f"{LIST}export/?columns=tags&sort=name")).decode("utf-8-sig").splitlines()
    )
    assert [row["Tags"] for row in rows] == ["night, Stroke unit", "night", ""]


def test_groups_show_a_partner_under_each_of_its_tags(people, manager):
    grouped = manager.get(f"{LIST}?group=tags").context["grouped"]
    assert [(group.label, group.count, [row.name for row in group.rows]) for group in grouped.groups] == [
        ("night", 2, ["Ann", "Ben"]),
        ("Stroke unit", 1, ["Ann"]),
        ("No tag", 1, ["Cem"]),
    ]
    assert names(manager, grouped.groups[-1].query.lstrip("?")) == "Cem"


def test_renamed_and_merged_on_everybody(people):
    night = Tag.objects.get(key="night")
    assert service.rename_tag(night.pk, name="Nights").name == "Nights"
    with pytest.raises(Refused, match="Merge the two"):
        service.rename_tag(night.pk, name="STROKE UNIT")
    service.merge_tags(night.pk, into=Tag.objects.get(key="stroke unit").pk)
    assert [tags(one) for one in people.values()] == [["Stroke unit"], ["Stroke unit"], []]
    assert Tag.objects.count() == 1


def test_in_bulk_and_taken_back(people):
    ids = [one.pk for one in people.values()]
    done = change_many(ids, action="tags", values={"add": "day, night", "remove": "stroke unit"})
    assert (done.count, done.words) == (3, "3 providers with the tags day, night, without stroke unit")
    assert [tags(one) for one in people.values()] == [["day", "night"]] * 3
    service.change_tags([people["Ben"].pk], remove=["day"])
    assert undo_change(done.pk).put_back == 2
    assert [tags(one) for one in people.values()] == [["night", "Stroke unit"], ["night"], []]


def test_many_cost_as_few_statements_as_some(in_mercy):
    create_partners_from_codes({f"C{n}": "" for n in range(60)}, kind="agent", scheme="")
    ids = list(Partner.objects.values_list("pk", flat=True))
    counts = []
    for some, word in ((ids[:3], "a"), (ids[3:], "b")):
        with CaptureQueriesContext(connection) as queries:
            service.change_tags(some, add=[word])
        counts.append(len(queries))
    assert counts[0] == counts[1]


def test_a_merge_of_partners_joins_their_tags_and_gives_them_back(people):
    merge = merge_partners(people["Ben"].pk, merged_id=people["Ann"].pk)
    assert tags(people["Ben"]) == ["night", "Stroke unit"]
    undo_merge(merge.pk)
    assert [tags(people[name]) for name in ("Ann", "Ben")] == [["night", "Stroke unit"], ["night"]]


def test_by_page(people, manager):
    url = f"{LIST}{people['Cem'].pk}/"
    assert manager.post(f"{url}tags/", {"tags": "x, y"}).status_code == 302
    assert tags(people["Cem"]) == ["x", "y"]
    assert b"Take x off" in manager.get(url).content
    manager.post(f"/t/mercy/partner-tags/{PartnerTag.objects.get(tag__key='x').pk}/off/")
    assert tags(people["Cem"]) == ["y"]
    tag = Tag.objects.get(key="y")
    assert manager.post(f"/t/mercy/tags/{tag.pk}/", {"name": "z", "into": ""}).status_code == 302
    assert b">z<" in manager.get("/t/mercy/tags/").content
    manager.post(f"/t/mercy/tags/{tag.pk}/remove/")
    assert tags(people["Cem"]) == []


def test_by_api(people, manager):
    listed = manager.get(f"{API}tags/").json()["results"]
    assert [(one["name"], one["partners"]) for one in listed] == [("night", 2), ("Stroke unit", 1)]
    url = f"{API}partners/{people['Ann'].pk}/"
    assert manager.get(url).json()["tags"] == ["night", "Stroke unit"]
    changed = manager.patch(url, {"tags": ["day", "Night"]}, content_type="application/json")
    assert changed.json()["tags"] == ["day", "night"]
    found = manager.get(f"{API}partners/?tags=day").json()["results"]
    assert [one["name"] for one in found] == ["Ann"]
    night, day = (Tag.objects.get(key=key).pk for key in ("night", "day"))
    merged = manager.post(f"{API}tags/{night}/merge/", {"into": str(day)}, content_type="application/json")
    assert merged.json() == {"id": str(day), "name": "day", "partners": 2}
    renamed = manager.patch(f"{API}tags/{day}/", {"name": "Days"}, content_type="application/json")
    assert renamed.json()["name"] == "Days"
    assert manager.delete(f"{API}tags/{day}/").status_code == 204
    assert tags(people["Ben"]) == []


def test_a_rep_puts_tags_on_and_changes_none_for_everybody(people, in_mercy, client_for):
    rep = client_for(in_mercy.rep)
    assert rep.post(f"{LIST}{people['Cem'].pk}/tags/", {"tags": "x"}).status_code == 302
    tag = Tag.objects.get(key="x")
    assert rep.post(f"/t/mercy/tags/{tag.pk}/remove/").status_code == 403
