"""People at a partner: on the partner's page, by API, and named in a visit."""

import pytest
from django.urls import reverse

from activities.visits.service import change_visit, log_visit
from partners.contacts.models import Contact
from partners.contacts.service import add_contact, change_contact, remove_contact
from prm.core.errors import Refused
from tests.activities.factories import visit_input
from tests.partners.factories import make_partner


@pytest.fixture
def partner(in_mercy):
    return make_partner("Elm Street", kind="practice")


def test_a_contact_is_added_changed_and_removed_on_pages(in_mercy, partner, client_for):
    client = client_for(in_mercy.manager)
    url = reverse("partners:contact-add", kwargs={"tenant": "mercy", "pk": partner.pk})
    client.post(
        url, {"name": "Ann Field", "role": "Front desk", "email": "ann@elm.example", "is_preferred": "on"}
    )
    contact = Contact.objects.get()
    page = client.get(
        reverse("partners:detail", kwargs={"tenant": "mercy", "pk": partner.pk})
    ).content.decode()
    assert "Ann Field" in page
    assert "ask first" in page
    edit = reverse("partners:contact-edit", kwargs={"tenant": "mercy", "pk": contact.pk})
    client.post(edit, {"name": "Ann Field", "role": "Manager"})
    contact.refresh_from_db()
    assert (contact.role, contact.email, contact.is_preferred) == ("Manager", "", False)
    client.post(reverse("partners:contact-remove", kwargs={"tenant": "mercy", "pk": contact.pk}))
    assert not Contact.objects.exists()


def test_api_keeps_contacts(in_mercy, partner, client_for):
    client = client_for(in_mercy.manager)
    made = client.post(
        "/api/v1/mercy/contacts/",
        {"partner": str(partner.pk), "name": "Ann"},
        content_type="application/json",
    )
    assert made.status_code == 201, made.content
    url = f"/api/v1/mercy/contacts/{made.json()['id']}/"
    assert client.patch(url, {"role": "Desk"}, content_type="application/json").json()["role"] == "Desk"
    assert client.delete(url).status_code == 204


def test_one_contact_is_preferred_and_what_is_wrong_is_refused(partner):
    one, two = (add_contact(partner.pk, name=name, is_preferred=True) for name in ("Ann", "Bea"))
    one.refresh_from_db()
    assert (one.is_preferred, two.is_preferred) == (False, True)
    with pytest.raises(Refused, match="valid email"):
        change_contact(one.pk, email="nonsense")


def test_a_visit_names_whom_one_met_at_this_partner_only(in_mercy, partner):
    ann = add_contact(partner.pk, name="Ann")
    stranger = add_contact(make_partner().pk, name="Bea")
    visit = log_visit(partner=partner, rep=in_mercy.rep, details=visit_input(met_id=ann.pk)).visit
    assert visit.met == ann
    with pytest.raises(Refused) as refused:
        change_visit(visit=visit, details=visit_input(met_id=stranger.pk))
    assert refused.value.field == "met"
    remove_contact(ann.pk)
    visit.refresh_from_db()
    assert visit.met is None
