"""The forms around a partner."""

from partners.directory import service as directory_service
from partners.directory.models import Partner, ReferralCode
from tests.partners.factories import make_partner
from tests.partners.pages import HTMX, url


def test_a_rep_adds_a_partner(house, scope, client_for):
    data = {"name": "Ann", "kind": "agent", "code": "17850.0", "scheme": "customer number"}
    response = client_for(house.rep).post(url("partners/add/"), data)
    with scope():
        partner = Partner.objects.get()
        assert response["Location"] == partner.get_absolute_url()
        assert [code.normal for code in partner.codes.all()] == ["17850"]


def test_a_taken_code_is_said_at_its_field_and_the_input_kept(house, scope, client_for):
    with scope():
        make_partner("Ben", codes=["17850"])
    data = {"name": "Ann Kept", "kind": "agent", "code": "17850"}
    response = client_for(house.rep).post(url("partners/add/"), data, headers=HTMX)
    assert response.status_code == 422
    assert "already a code of Ben" in response.content.decode()
    assert "Ann Kept" in response.content.decode()


def test_an_organisation_is_found_by_name(house, scope, client_for):
    with scope():
        make_partner("Lakeside", kind="practice")
        make_partner("Person", kind="agent")
    client = client_for(house.rep)
    data = {"name": "Ann", "kind": "physician"}
    assert (
        "No organisation matches"
        in client.post(url("partners/add/"), {**data, "organisation_words": "Person"}).content.decode()
    )
    client.post(url("partners/add/"), {**data, "organisation_words": " lakeside "})
    with scope():
        assert Partner.objects.get(name="Ann").organisation.name == "Lakeside"


def edit_form(partner, **changes):
    return {"name": partner.name, "kind": partner.kind, "version": "1", "is_active": "on", **changes}


def test_a_clash_keeps_the_input_and_shows_what_is_stored(house, scope, client_for):
    with scope():
        partner = make_partner("Ann")
        directory_service.update_partner(partner.pk, city="Albany")
    client = client_for(house.rep)
    response = client.post(url(f"partners/{partner.pk}/edit/"), edit_form(partner, city="Troy"), headers=HTMX)
    html = response.content.decode()
    assert response.status_code == 422
    assert "changed by somebody else" in html
    assert 'value="Troy"' in html
    assert "Albany" in html
    assert 'name="version" value="2"' in html
    # Having seen it, saving again overwrites.
    client.post(url(f"partners/{partner.pk}/edit/"), edit_form(partner, city="Troy", version="2"))
    with scope():
        assert Partner.objects.get().city == "Troy"


def test_codes_and_estimates_are_added_and_removed(house, scope, client_for):
    with scope():
        partner = make_partner()
    client = client_for(house.rep)
    client.post(url(f"partners/{partner.pk}/codes/add/"), {"code": "AB-1"})
    estimate = {"low": "1000", "middle": "2000", "high": "3000", "source": "Survey", "as_of": "2026-10-01"}
    client.post(url(f"partners/{partner.pk}/estimates/add/"), estimate)
    with scope():
        code = ReferralCode.objects.get()
        assert partner.estimates.get().middle == 2000
        assert partner.estimates.get().by == house.rep
    client.post(url(f"codes/{code.pk}/remove/"))
    with scope():
        assert not ReferralCode.objects.exists()


def test_a_bad_estimate_says_what_is_wrong(house, scope, client_for):
    with scope():
        partner = make_partner()
    estimate = {"low": "3000", "middle": "2000", "high": "1000", "source": "Survey", "as_of": "2026-10-01"}
    response = client_for(house.rep).post(url(f"partners/{partner.pk}/estimates/add/"), estimate)
    assert "must lie between" in response.content.decode()
