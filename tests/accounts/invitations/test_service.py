"""Invitations: what a link proves, what it opens, and what nobody learns by it."""

from datetime import timedelta

import pytest

from prm.accounts.invitations import service
from prm.accounts.invitations.links import Proof, proof_of
from prm.accounts.models import HANDED_LASTS, INVITATION_LASTS, Invitation, Membership, User
from prm.accounts.service import change_member
from prm.core import clock
from prm.core.errors import Refused
from prm.tenancy.context import tenant_scope

ADDRESS = "ceo@anchor.example"
WORDS = {"name": "Cleo", "password": "correct horse battery"}


def invited(house, email=ADDRESS, role="rep"):
    return service.invite(email=email, role=role, by=house.administrator)


def accept_new(invitation, proof, **words):
    return service.accept_new(invitation, **{**WORDS, **words}, proof=proof)


def test_an_invitation_makes_neither_account_nor_member(in_mercy):
    invited(in_mercy)
    assert not User.objects.filter(email=ADDRESS).exists()
    assert Membership.objects.count() == 3


def test_a_mailed_link_makes_an_account_that_has_proved_its_address(in_mercy):
    user = accept_new(invited(in_mercy), Proof.MAIL)
    assert (user.home, user.proved_at is not None) == (None, True)
    assert Membership.objects.get(user=user).role == "rep"


def test_a_handed_link_makes_an_account_of_this_tenant_alone(in_mercy):
    user = accept_new(invited(in_mercy), Proof.HAND)
    assert (user.home, user.proved_at) == (in_mercy.tenant, None)


def test_the_first_password_opens_no_other_tenant(mercy, anchor):
    """An administrator of mercy takes an address of anchor; anchor then invites its owner."""
    with tenant_scope(mercy.tenant):
        squatter = accept_new(invited(mercy), Proof.HAND, password="chosen by another")
    with tenant_scope(anchor.tenant):
        invitation = invited(anchor, role="administrator")
        with pytest.raises(Refused, match="not proved"):
            service.accept_as(invitation, squatter, proof=Proof.HAND)
        owner = accept_new(invitation, Proof.MAIL)
        assert owner.pk != squatter.pk
        assert not Membership.objects.filter(user=squatter).exists()
        assert not owner.check_password("chosen by another")
    with tenant_scope(mercy.tenant):
        assert not Membership.objects.filter(user=owner).exists()


def test_a_handed_link_opens_nothing_of_a_proved_account(mercy, anchor):
    """An administrator of mercy opens their own link to an address that anchor's people have proved."""
    with tenant_scope(mercy.tenant):
        taken = accept_new(invited(mercy, "charlie@anchor.example"), Proof.HAND, password="chosen by another")
    charlie = anchor.administrator.user
    charlie.refresh_from_db()
    assert taken.pk != charlie.pk
    assert charlie.check_password("secret-pass")
    with tenant_scope(anchor.tenant):
        assert not Membership.objects.filter(user=taken).exists()


def test_a_known_person_accepts_signed_in_and_keeps_password_and_name(mercy, anchor):
    charlie = anchor.administrator.user
    with tenant_scope(mercy.tenant):
        member = service.accept_as(invited(mercy, charlie.email), charlie, proof=Proof.HAND)
        assert (member.user, member.role) == (charlie, "rep")
    charlie.refresh_from_db()
    assert (charlie.name, charlie.check_password("secret-pass")) == ("Charlie", True)


def test_nobody_accepts_for_another_address(in_mercy):
    with pytest.raises(Refused, match=r"for ceo@anchor\.example"):
        service.accept_as(invited(in_mercy), in_mercy.rep.user, proof=Proof.MAIL)


def test_who_holds_the_mailed_link_of_a_proved_account_signs_in_with_it(mercy, anchor):
    with tenant_scope(mercy.tenant), pytest.raises(Refused, match="has an account here already"):
        accept_new(invited(mercy, "charlie@anchor.example"), Proof.MAIL)


def test_by_a_mailed_link_an_account_at_home_elsewhere_proves_its_address(mercy, anchor):
    with tenant_scope(mercy.tenant):
        user = accept_new(invited(mercy), Proof.HAND)
    with tenant_scope(anchor.tenant):
        service.accept_as(invited(anchor), user, proof=Proof.MAIL)
    user.refresh_from_db()
    assert (user.home, user.proved_at is not None) == (None, True)


@pytest.mark.parametrize("known", ["nobody@else.example", "charlie@anchor.example"])
def test_inviting_says_the_same_of_known_and_unknown_addresses(
    mercy, anchor, known, django_assert_num_queries
):
    with tenant_scope(mercy.tenant), django_assert_num_queries(9):
        invitation = invited(mercy, known)
        assert (invitation.name, invitation.member, str(invitation)) == ("", None, known)


def test_an_invitation_is_answered_once(in_mercy):
    invitation = invited(in_mercy)
    accept_new(invitation, Proof.MAIL)
    with pytest.raises(Refused, match="ended"):
        accept_new(invitation, Proof.MAIL)
    with pytest.raises(Refused, match="accepted already"):
        service.revoke(invitation, by=in_mercy.administrator)


def test_a_revoked_invitation_opens_nothing(in_mercy):
    invitation = invited(in_mercy)
    secret = service.renew_mail(invitation, by=in_mercy.administrator)
    service.revoke(invitation, by=in_mercy.administrator)
    invitation.refresh_from_db()
    assert proof_of(invitation, secret) is None
    with pytest.raises(Refused, match="ended"):
        accept_new(invitation, Proof.MAIL)


def test_inviting_again_renews_the_one_invitation_and_ends_its_links(in_mercy):
    first = invited(in_mercy)
    secret = service.hand_over(first, by=in_mercy.administrator)
    again = invited(in_mercy, ADDRESS.upper(), "manager")
    assert (again.pk, again.role) == (first.pk, "manager")
    assert proof_of(again, secret) is None
    assert Invitation.objects.count() == 1


def test_links_are_kept_as_hashes_and_end_in_time(in_mercy, clock_at):
    invitation = invited(in_mercy)
    mailed = service.renew_mail(invitation, by=in_mercy.administrator)
    handed = service.hand_over(invitation, by=in_mercy.administrator)
    invitation.refresh_from_db()
    kept = str(Invitation.objects.values()) + str(list(invitation.tenant_events.values()))
    assert mailed not in kept
    assert handed not in kept
    assert (proof_of(invitation, mailed), proof_of(invitation, handed)) == (Proof.MAIL, Proof.HAND)
    assert proof_of(invitation, "") is None
    clock_at(clock.now() + HANDED_LASTS + timedelta(seconds=1))
    assert (proof_of(invitation, mailed), proof_of(invitation, handed)) == (Proof.MAIL, None)
    clock_at(clock.now() + INVITATION_LASTS)
    assert proof_of(invitation, mailed) is None


def test_a_fresh_invitation_has_no_link_at_all(in_mercy):
    assert proof_of(invited(in_mercy), "") is None


def test_a_member_is_not_invited_and_an_ended_one_may_be(in_mercy):
    with pytest.raises(Refused, match="member already"):
        invited(in_mercy, "mary@mercy.example")
    change_member(in_mercy.rep, is_active=False)
    member = service.accept_as(
        invited(in_mercy, "mary@mercy.example", "manager"), in_mercy.rep.user, proof=Proof.HAND
    )
    assert (member.pk, member.role, member.is_active) == (in_mercy.rep.pk, "manager", True)


@pytest.mark.parametrize(
    "email", ["", "ann", "ann@", "@mercy.example", "a b@mercy.example", "a\n@mercy.example"]
)
def test_an_address_must_be_one(in_mercy, email):
    with pytest.raises(Refused) as refused:
        invited(in_mercy, email)
    assert refused.value.field == "email"


def test_where_mail_is_sent_no_link_is_handed_over(in_mercy, settings):
    settings.MAIL_DELIVERS = True
    with pytest.raises(Refused, match="by mail"):
        service.hand_over(invited(in_mercy), by=in_mercy.administrator)


def test_handing_over_is_in_the_audit_trail(in_mercy):
    invitation = invited(in_mercy)
    service.hand_over(invitation, by=in_mercy.administrator)
    assert invitation.tenant_events.order_by("pgh_id").last().handed_at is not None


# --- sign-in links of members ---------------------------------------------------------------------


def test_a_sign_in_link_opens_this_tenant_and_no_other(mercy, anchor):
    """For somebody who has proved their address there is none, whether or not another tenant knows them."""
    with tenant_scope(mercy.tenant):
        for member in (mercy.rep, mercy.manager):
            with pytest.raises(Refused, match="link for a new password"):
                service.sign_in_link(member, by=mercy.administrator)
        local = accept_new(invited(mercy), Proof.HAND)
        member = Membership.objects.get(user=local)
        invitation, secret = service.sign_in_link(member, by=mercy.administrator)
        invitation.refresh_from_db()
        assert proof_of(invitation, secret) is Proof.HAND
        user = accept_new(invitation, Proof.HAND, password="another good one")
    assert (user.pk, user.home) == (local.pk, mercy.tenant)
    assert user.check_password("another good one")
    with tenant_scope(mercy.tenant):
        assert Membership.objects.filter(user=local).count() == 1


def test_a_sign_in_link_of_somebody_whose_membership_ended_opens_nothing(in_mercy):
    member = Membership.objects.get(user=accept_new(invited(in_mercy), Proof.HAND))
    invitation, _ = service.sign_in_link(member, by=in_mercy.administrator)
    change_member(member, is_active=False)
    with pytest.raises(Refused, match="ended"):
        accept_new(invitation, Proof.HAND)


def test_messages_to_one_address_are_limited(in_mercy):
    invitation = invited(in_mercy)
    for _ in range(5):
        service.renew_mail(invitation, by=in_mercy.administrator)
    with pytest.raises(Refused, match="wait an hour"):
        service.renew_mail(invitation, by=in_mercy.administrator)
