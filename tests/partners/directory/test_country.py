"""The country of a partner: however it is written, by page, API, file, merge and trail."""

import json

import pytest

from partners.directory.models import Partner
from partners.directory.service import update_partner
from partners.merges.service import merge_partners, undo_merge
from prm.audit.trail.queries import Asked, page
from prm.audit.trail.words import entries
from prm.core.errors import Refused
from prm.tenancy.context import tenant_scope
from tests.activities.lists.factories import bring, give_back, read, row
from tests.partners.factories import make_partner
from tests.partners.pages import url

LIST = "/t/mercy/partners/"


@pytest.mark.usefixtures("in_mercy")
class TestService:
    def test_it_is_kept_as_its_code(self):
        partner = make_partner("Ann", country="Deutschland")
        assert (partner.country, partner.get_country_display()) == ("DE", "Germany")
        update_partner(partner.pk, country="usa")
        update_partner(partner.pk, city="Salem")
        partner.refresh_from_db()
        assert partner.country == "US"
        update_partner(partner.pk, country="")
        partner.refresh_from_db()
        assert partner.country == ""

    def test_what_is_none_is_refused_at_its_field(self):
        with pytest.raises(Refused, match="“Freedonia” is no country") as refused:
            make_partner("Ann", country="Freedonia")
        assert refused.value.field == "country"
        assert not Partner.objects.exists()

    def test_a_merge_takes_it_over_and_gives_it_back(self):
        first, second = make_partner("Ann"), make_partner("Ann F.", country="AT")
        merge = merge_partners(first.pk, merged_id=second.pk)
        first.refresh_from_db()
        assert first.country == "AT"
        undo_merge(merge.pk)
        first.refresh_from_db()
        assert first.country == ""

    def test_a_file_says_it_in_any_language(self):
        known = make_partner("Ben", kind="agent", codes=["B1"], country="US")
        head = "Name;Kind;Code;Land\n"
        run = read(
            f"{head}Ann;agent;A1;Allemagne\nBen;agent;B1;Schweiz\nCem;agent;C1;Freedonia\nDia;agent;D1;us\n"
        )
        assert run.counts == {"new": 2, "certain": 1, "rejected": 1}
        assert row(run, 3).changes == {"country": ["US", "CH"]}
        assert "Freedonia is no country" in row(run, 4).reason
        done = bring(f"{head}Ann;agent;A1;Allemagne\nBen;agent;B1;Schweiz\n")
        assert Partner.objects.get(name="Ann").country == "DE"
        known.refresh_from_db()
        assert known.country == "CH"
        give_back(done)
        known.refresh_from_db()
        assert known.country == "US"

    def test_the_trail_says_its_name(self):
        partner = make_partner("Ann", country="DE")
        update_partner(partner.pk, country="AT")
        words = [
            (change.before, change.after)
            for entry in entries(page(Asked()).lines)
            for change in entry.changes
            if change.name == "country"
        ]
        assert ("Germany", "Austria") in words


def test_the_form_offers_it_and_the_page_shows_it(house, scope, client_for):
    client = client_for(house.rep)
    assert '<option value="DE">Germany</option>' in client.get(url("partners/add/")).content.decode()
    client.post(url("partners/add/"), {"name": "Ann", "kind": "agent", "city": "Ulm", "country": "DE"})
    with scope():
        partner = Partner.objects.get()
        path = partner.get_absolute_url()
    assert "Ulm, Germany" in client.get(path).content.decode()


def test_the_list_shows_filters_and_groups_by_it(mercy, client_for):
    with tenant_scope(mercy.tenant):
        for name, country in (("Ann", "DE"), ("Ben", "DE"), ("Cem", "")):
            make_partner(name, country=country)
    client = client_for(mercy.manager)
    assert "Germany" in client.get(LIST, {"columns": "country"}).content.decode()
    assert client.get(LIST, {"country": "DE"}).content.decode().count("data-href") == 2
    assert client.get(LIST, {"country": "Allemagne"}).content.decode().count("data-href") == 2
    assert client.get(LIST, {"country": "Freedonia"}).content.decode().count("data-href") == 0
    assert client.get(LIST, {"country": "none"}).content.decode().count("data-href") == 1
    groups = client.get(LIST, {"group": "country"}).content.decode()
    assert "Germany" in groups
    assert "No country" in groups
    assert "?country=DE" in groups


def test_the_api_takes_names_and_gives_codes(mercy, client_for):
    client = client_for(mercy.rep)
    made = client.post(
        "/api/v1/mercy/partners/",
        {"name": "Ann", "kind": "agent", "country": "Germany"},
        content_type="application/json",
    )
    assert (made.status_code, made.json()["country"]) == (201, "DE")
    wrong = client.patch(
        f"/api/v1/mercy/partners/{made.json()['id']}/",
        json.dumps({"country": "Nowhere"}),
        content_type="application/json",
    )
    assert wrong.status_code == 400
    assert "country" in wrong.content.decode()
    assert client.get("/api/v1/mercy/partners/", {"country": "DE"}).json()["count"] == 1
