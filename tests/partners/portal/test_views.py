"""What a partner sees of their own, and who is let in."""

import re

import pytest
from django.db import transaction
from django.test import Client

from partners.portal import service as portal_service
from partners.portal.models import PartnerInvitation
from prm.accounts.invitations import service as invitations
from prm.accounts.invitations.links import Proof
from prm.accounts.models import Membership
from prm.accounts.service import add_member
from prm.core.errors import Refused
from tests.partners.factories import make_partner
from tests.partners.pages import MANAGER_PAGES, STAFF_PAGES, page, stand, url


def sign_in_of(partner, email="own@mercy.example"):
    member = add_member(email=email, name="Own", role="partner", password="secret-pass")
    portal_service.grant_access(member, partner=partner)
    return member


def test_an_unregulated_partner_sees_the_way_to_the_next_tier(house, scope, client_for):
    with scope():
        partner = stand(make_partner("Castellano Agency", kind="agency"), (500,) * 12)
        member = sign_in_of(partner)
    html = page(client_for(member), "home/")
    assert "Your tier" in html
    assert "High starts at $10,000" in html


@pytest.mark.parametrize("kind", ["physician", "practice"])
def test_a_regulated_partner_sees_no_tier_revenue_or_score(house, scope, client_for, kind):
    with scope():
        partner = stand(make_partner("Dr. Chow", kind=kind, rep=house.rep), (1234,) * 12)
        member = sign_in_of(partner)
    html = page(client_for(member), "home/").lower()
    assert "dr. chow" in html
    for word in ("tier", "revenue", "score", "$", "14,808", "medium", "high"):
        assert word not in html, word


@pytest.mark.parametrize("path", [*STAFF_PAGES, *MANAGER_PAGES])
def test_a_partner_sees_no_staff_page(house, scope, client_for, path):
    with scope():
        partner = stand(make_partner())
        member = sign_in_of(partner)
    page(client_for(member), path.format(pk=partner.pk), status=403)


def test_a_partner_sign_in_without_a_partner_sees_nothing(house, scope, client_for):
    with scope():
        make_partner("Somebody")
        member = add_member(email="own@mercy.example", name="Own", role="partner", password="secret-pass")
    assert "Somebody" not in page(client_for(member), "home/", status=403)


def test_staff_have_no_portal(house, client_for):
    page(client_for(house.manager), "home/", status=403)


def test_an_administrator_lets_a_partner_in_who_then_sees_their_own_page(house, scope, client_for):
    with scope():
        partner = make_partner("Castellano Agency", kind="agency")
        other = make_partner("Grant Park Advisors", kind="agency")
    client = client_for(house.administrator)
    answer = client.post(
        url(f"partners/{partner.pk}/access/"), {"email": "rosa@agency.example", "name": "Rosa"}
    )
    with scope():
        assert not Membership.objects.filter(role="partner").exists()
    link = re.search(r"/invitation/[^\"]+", answer.text)[0]
    rosa = Client()
    assert rosa.post(link, {"name": "Rosa", "password": "long enough now"}).status_code == 302
    html = page(rosa, "home/")
    assert "Castellano Agency" in html
    assert other.name not in html
    again = client.post(url(f"partners/{other.pk}/access/"), {"email": "rosa@agency.example", "name": "Rosa"})
    assert "member already" in again.text


def test_an_invitation_for_a_partner_who_is_gone_lets_nobody_in(house, scope, client_for):
    with scope():
        partner = make_partner("Castellano Agency", kind="agency")
        invitation = portal_service.invite(partner, email="rosa@agency.example", by=house.administrator)
        PartnerInvitation.objects.all().delete()
        with pytest.raises(Refused, match="no longer here"), transaction.atomic():
            invitations.accept_new(invitation, name="Rosa", password="long enough now", proof=Proof.HAND)
        assert not Membership.objects.filter(role="partner").exists()


def test_only_an_administrator_gives_access(house, scope, client_for):
    with scope():
        partner = make_partner("Castellano Agency", kind="agency")
    assert client_for(house.manager).get(url(f"partners/{partner.pk}/access/")).status_code == 403
