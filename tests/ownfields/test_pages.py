"""The tab of the settings, and own fields in the API."""

import pytest
from django.db import connection
from django.test.utils import CaptureQueriesContext

from partners.directory.models import PartnerValue
from prm.core.ids import uuid7
from prm.ownfields.models import OwnField
from tests.partners.factories import make_partner

PAGE, API = "/t/mercy/settings/fields/", "/api/v1/mercy/own-fields/"


@pytest.fixture
def admin(in_mercy, client_for):
    return client_for(in_mercy.administrator)


def field(key="beds"):
    return OwnField.objects.get(key=key)


def test_a_field_is_added_changed_archived_and_removed_by_page(admin):
    assert b"None yet" in admin.get(PAGE).content
    new = {"of": "partner", "name": "Size", "type": "choice", "choices": "Small\n\n Large ", "key": ""}
    assert admin.post(f"{PAGE}add/", new).status_code == 302
    size = field("size")
    assert [choice.word for choice in size.options] == ["Small", "Large"]
    changed = {"name": "How large", "word_small": "", "word_large": "Large", "more": "Huge"}
    assert admin.post(f"{PAGE}{size.pk}/", changed).status_code == 302
    assert [choice.word for choice in field("size").options if choice.offered] == ["Large", "Huge"]
    admin.post(f"{PAGE}{size.pk}/set/", {"is_archived": "true"})
    page = admin.get(PAGE).content.decode()
    assert "How large" in page
    assert "archived" in page
    admin.post(f"{PAGE}{size.pk}/remove/")
    assert not OwnField.objects.exists()


def test_what_is_refused_stands_at_its_field(admin):
    answer = admin.post(f"{PAGE}add/", {"of": "partner", "name": "Size", "type": "choice"})
    assert not OwnField.objects.exists()
    assert b"at least one choice" in answer.content


def test_tabs_lead_from_one_to_the_other(admin):
    assert PAGE in admin.get("/t/mercy/settings/").content.decode()
    assert 'aria-current="page"' in admin.get(PAGE).content.decode()


def test_the_page_asks_as_often_for_many_values(admin):
    admin.post(f"{PAGE}add/", {"of": "partner", "name": "Beds", "type": "number"})

    def asked():
        with CaptureQueriesContext(connection) as queries:
            assert b"data-unit" in admin.get(PAGE).content
        return len(queries)

    asked()
    few = asked()
    for number in range(5):
        make_partner(own={"beds": number})
    assert asked() == few
    assert PartnerValue.objects.count() == 5


def test_by_api(admin):
    made = admin.post(
        API,
        {"of": "partner", "name": "Size", "type": "choice", "choices": [{"word": "Small"}]},
        content_type="application/json",
    )
    assert made.status_code == 201
    body = made.json()
    assert (body["key"], body["choices"]) == ("size", [{"key": "small", "word": "Small", "offered": True}])
    url = f"{API}{body['id']}/"
    more = [{"key": "small", "word": "Little"}, {"word": "Large"}]
    changed = admin.patch(url, {"choices": more, "name": "How large"}, content_type="application/json")
    assert [one["word"] for one in changed.json()["choices"]] == ["Little", "Large"]
    assert admin.patch(url, {"type": "text"}, content_type="application/json").status_code == 400
    assert admin.get(f"{API}?of=partner").json()["count"] == 1
    assert admin.get(f"{API}?of=visit").json()["count"] == 0
    make_partner(own={"size": "large"})
    assert admin.delete(url).status_code in (400, 409)
    assert admin.patch(url, {"is_archived": True}, content_type="application/json").json()["is_archived"]
    assert admin.delete(f"{API}{uuid7()}/").status_code == 404


def test_who_may_not_change_settings_may_read_them(in_mercy, client_for):
    rep = client_for(in_mercy.rep)
    assert rep.get(API).status_code == 200
    body = {"of": "partner", "name": "Beds", "type": "number"}
    assert rep.post(API, body, content_type="application/json").status_code == 403
    assert rep.get(PAGE).status_code == 403
