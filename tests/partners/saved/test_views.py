"""Saved views: what an address asks for under a name, for oneself or for everybody."""

import pytest

from partners.saved.models import SavedView
from partners.saved.rules import canonical
from partners.saved.service import change_view, remove_view, save_view
from prm.accounts.middleware import actor_of
from prm.core.errors import Refused
from prm.tenancy.context import acting_as, tenant_scope
from tests.partners.factories import make_partner

LIST, API = "/t/mercy/partners/", "/api/v1/mercy/saved-views/"


def by(member):
    return acting_as(actor_of(member, None, "page"))


@pytest.mark.parametrize(
    ("query", "kept"),
    [
        ("", ""),
        ("?tier=low&page=3&view=x&export=csv", "tier=low"),
        ("sort=-score&level=new", "level=new&sort=-score"),
        ("columns=rep&columns=city", "columns=city&columns=rep"),
        ("q=&tier=low", "tier=low"),
        ("<x>=1&A=2", ""),
    ],
)
def test_what_says_the_same_is_kept_the_same(query, kept):
    assert canonical(query) == kept == canonical(kept)


def test_everybody_has_own_views_and_managers_share(in_mercy):
    with by(in_mercy.rep):
        save_view(name=" My  low ones ", query="?tier=low&page=2", by=in_mercy.rep)
        with pytest.raises(Refused, match="manager shares"):
            save_view(name="Shared", query="", is_shared=True, by=in_mercy.rep)
        with pytest.raises(Refused, match="already"):
            save_view(name="my low ones", query="", by=in_mercy.rep)
    with by(in_mercy.manager):
        shared = save_view(name="New here", query="level=new", is_shared=True, by=in_mercy.manager)
    names = [(view.name, view.query) for view in SavedView.objects.seen_by(in_mercy.rep.pk)]
    assert names == [("My low ones", "tier=low"), ("New here", "level=new")]
    assert [view.name for view in SavedView.objects.seen_by(in_mercy.administrator.pk)] == ["New here"]
    with by(in_mercy.rep):
        with pytest.raises(Refused, match="Whoever shared"):
            remove_view(shared.pk)
        with pytest.raises(Refused, match="Whoever shared"):
            change_view(shared.pk, name="Mine now")
    with by(in_mercy.administrator):
        assert change_view(shared.pk, query="level=lapsed").query == "level=lapsed"
        remove_view(shared.pk)
    assert SavedView.objects.count() == 1


def test_a_private_view_is_nobody_elses(in_mercy):
    with by(in_mercy.rep):
        mine = save_view(name="Mine", query="", by=in_mercy.rep)
    with by(in_mercy.manager), pytest.raises(Refused, match="no such view"):
        change_view(mine.pk, name="Yours")


@pytest.mark.parametrize("name", ["", "  ", "x" * 61])
def test_a_view_has_a_name(in_mercy, name):
    with by(in_mercy.rep), pytest.raises(Refused):
        save_view(name=name, query="", by=in_mercy.rep)


def test_a_query_has_bounds(in_mercy):
    with by(in_mercy.rep), pytest.raises(Refused, match="do not fit"):
        save_view(name="Long", query=f"q={'x' * 2_001}", by=in_mercy.rep)


def test_the_page_shows_views_and_says_when_one_was_changed(mercy, client_for):
    bob = client_for(mercy.manager)
    assert (
        bob.post(f"{LIST}views/add/", {"name": "Low", "query": "tier=low", "is_shared": "on"}).status_code
        == 302
    )
    with tenant_scope(mercy.tenant):
        make_partner("Somebody")
        view = SavedView.objects.get()
        address = view.get_absolute_url()
    html = bob.get(address).content.decode()
    assert "Edited" not in html
    assert "<title>Low" in html
    assert "Edited" in bob.get(f"{address}&level=new").content.decode()
    assert "Low" in client_for(mercy.rep).get(LIST).content.decode()
    assert "is_shared" not in client_for(mercy.rep).get(f"{LIST}views/add/").content.decode()
    assert (
        bob.post(f"{LIST}views/{view.pk}/", {"name": "Lower", "query": "tier=low&level=new"}).status_code
        == 302
    )
    assert bob.post(f"{LIST}views/{view.pk}/remove/").status_code == 302
    with tenant_scope(mercy.tenant):
        assert not SavedView.objects.exists()


def test_another_tenants_views_are_not_there(mercy, anchor, client_for):
    with tenant_scope(anchor.tenant), by(anchor.administrator):
        view = save_view(name="Theirs", query="", is_shared=True, by=anchor.administrator)
    bob = client_for(mercy.manager)
    assert "Theirs" not in bob.get(LIST).content.decode()
    assert bob.get(f"{LIST}views/{view.pk}/").status_code == 404
    assert bob.delete(f"{API}{view.pk}/").status_code == 404


def test_by_api_views_are_made_changed_and_removed(mercy, client_for):
    bob, mary = client_for(mercy.manager), client_for(mercy.rep)
    made = bob.post(
        API, {"name": "Low", "query": "tier=low", "is_shared": True}, content_type="application/json"
    )
    assert made.status_code == 201
    address = f"{API}{made.json()['id']}/"
    assert [row["name"] for row in mary.get(API).json()["results"]] == ["Low"]
    changed = bob.patch(address, {"query": "tier=high&page=4"}, content_type="application/json")
    assert changed.json()["query"] == "tier=high"
    assert mary.patch(address, {"name": "x"}, content_type="application/json").status_code == 400
    assert bob.delete(address).status_code == 204
