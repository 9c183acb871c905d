from datetime import timedelta
from decimal import Decimal

import pytest

from partners.directory import service as directory_service
from partners.directory.models import Partner, ReferralCode
from partners.directory.signals import code_added
from partners.policy import service as policy_service
from partners.policy.models import StandingPolicy
from partners.policy.queries import policy_in_force
from partners.portal import service as portal_service
from partners.portal.models import PartnerAccess
from partners.share.models import ShareEstimate
from prm.accounts.service import add_member
from prm.core.clock import now
from prm.core.errors import Refused
from tests.partners.factories import make_estimate, make_partner

NPI = "1234567893"


def test_a_partner_comes_with_its_codes(in_mercy):
    partner = make_partner("Dr. Chow", kind="physician", codes=[("NPI", NPI), ("customer number", "17850.0")])
    assert [(c.scheme, c.code, c.normal) for c in partner.codes.all()] == [
        ("NPI", NPI, NPI),
        ("customer number", "17850.0", "17850"),
    ]


@pytest.mark.parametrize(
    ("details", "field"),
    [
        ({"name": " "}, "name"),
        ({"kind": "wizard"}, "kind"),
        ({"email": "nobody"}, "email"),
        ({"website": "not a url"}, "website"),
        ({"name": "x" * 201}, "name"),
    ],
)
def test_bad_details_are_refused_at_their_field(in_mercy, details, field):
    with pytest.raises(Refused) as refused:
        directory_service.create_partner(**{"name": "Ann", "kind": "agent", **details})
    assert refused.value.field == field
    assert not Partner.objects.exists()


def test_a_taken_code_keeps_nothing_of_the_new_partner(in_mercy):
    make_partner("Ann", codes=["17850"])
    with pytest.raises(Refused, match=r"17850\.0 is already a code of Ann"):
        make_partner("Ben", codes=["new", "17850.0"])
    assert list(Partner.objects.values_list("name", flat=True)) == ["Ann"]
    assert ReferralCode.objects.count() == 1


def test_the_same_code_in_another_tenant_is_free(mercy, anchor):
    from prm.tenancy.context import tenant_scope

    for house in (mercy, anchor):
        with tenant_scope(house.tenant):
            make_partner(codes=["17850"])


def test_the_same_code_again_changes_nothing(in_mercy):
    partner = make_partner(codes=["17850"])
    again = directory_service.add_code(partner.pk, scheme="", code=" 17850.0 ")
    assert [again] == list(ReferralCode.objects.all())


@pytest.mark.parametrize(("code", "reason"), [("", "required"), ("x" * 121, "max_length")])
def test_odd_codes_are_refused(in_mercy, code, reason):
    with pytest.raises(Refused) as refused:
        directory_service.add_code(make_partner().pk, scheme="", code=code)
    assert refused.value.code == reason


def test_an_npi_with_a_slip_is_refused(in_mercy):
    with pytest.raises(Refused, match="check digit"):
        directory_service.add_code(make_partner().pk, scheme="NPI", code="1234567890")


def test_a_new_code_is_announced(in_mercy):
    heard = []

    def hear(sender, code, **kwargs):
        heard.append((code.partner_id, code.scheme_key, code.normal))

    code_added.connect(hear)
    try:
        partner = make_partner()
        directory_service.add_code(partner.pk, scheme=" Customer  NUMBER", code="ab-1")
    finally:
        code_added.disconnect(hear)
    assert heard == [(partner.pk, "customer number", "AB-1")]


# --- changes


def test_an_update_counts_versions(in_mercy):
    partner = make_partner("Ann")
    directory_service.update_partner(partner.pk, expected_version=1, city="Albany")
    stored = Partner.objects.get()
    assert (stored.city, stored.version) == ("Albany", 2)


def test_an_update_without_a_difference_writes_nothing(in_mercy):
    partner = make_partner("Ann", city="Albany")
    directory_service.update_partner(partner.pk, city="Albany", name="Ann ")
    assert Partner.objects.get().version == 1


def test_two_editors_do_not_overwrite_each_other(in_mercy):
    partner = make_partner("Ann")
    directory_service.update_partner(partner.pk, expected_version=1, city="Albany")
    with pytest.raises(Refused) as refused:
        directory_service.update_partner(partner.pk, expected_version=1, city="Troy")
    assert refused.value.code == "conflict"
    assert Partner.objects.get().city == "Albany"


def test_a_partner_is_not_its_own_organisation(in_mercy):
    top = make_partner("Top", kind="agency")
    below = make_partner("Below", kind="agency", organisation=top)
    with pytest.raises(Refused, match="itself"):
        directory_service.update_partner(top.pk, organisation=below)


def test_a_tier_cannot_be_edited(in_mercy):
    with pytest.raises(TypeError):
        directory_service.update_partner(make_partner().pk, tier="high")


def test_partners_are_moved_between_panels(in_mercy):
    first, second = make_partner(), make_partner(rep=in_mercy.rep)
    assert directory_service.assign_rep([first.pk, second.pk], rep=in_mercy.rep) == 1
    assert directory_service.assign_rep([first.pk, second.pk], rep=in_mercy.manager) == 2
    assert directory_service.assign_rep([first.pk, second.pk], rep=None) == 2
    assert not Partner.objects.exclude(rep=None).exists()


def test_only_a_partners_sign_in_is_bound_to_a_partner(in_mercy):
    partner = make_partner()
    with pytest.raises(Refused):
        portal_service.grant_access(in_mercy.rep, partner=partner)
    member = add_member(email="own@mercy.example", name="Own", role="partner", password="secret-pass")
    portal_service.grant_access(member, partner=partner)
    portal_service.grant_access(member, partner=make_partner("Other"))
    assert [access.partner.name for access in PartnerAccess.objects.all()] == ["Other"]
    with pytest.raises(Refused):
        directory_service.update_partner(partner.pk, rep=member)
    with pytest.raises(Refused):
        directory_service.assign_rep([partner.pk], rep=member)


# --- estimates


@pytest.mark.parametrize(
    ("low", "middle", "high", "field"), [(0, 1, 2, "low"), (5, 4, 6, "middle"), (1, 7, 6, "middle")]
)
def test_an_estimate_must_be_a_range(in_mercy, low, middle, high, field):
    with pytest.raises(Refused) as refused:
        make_estimate(make_partner(), low, middle, high)
    assert refused.value.field == field


def test_an_estimate_is_not_from_the_future(in_mercy):
    with pytest.raises(Refused, match="future"):
        make_estimate(make_partner(), 1, 2, 3, as_of=now().date() + timedelta(days=3))
    assert not ShareEstimate.objects.exists()


# --- policy


def test_a_tenant_starts_with_the_usual_rules(in_mercy):
    policy = policy_in_force()
    assert (policy.version, policy.high_from, policy.medium_from) == (1, 10_000, 2_000)
    assert policy_in_force() == policy


def test_a_new_policy_keeps_the_old_one(in_mercy):
    policy_in_force()
    policy_service.set_policy(by=in_mercy.manager, high_from=Decimal(50_000))
    versions = StandingPolicy.objects.order_by("version").values_list(
        "version", "state", "high_from", "medium_from"
    )
    assert list(versions) == [(1, "past", 10_000, 2_000), (2, "in_force", 50_000, 2_000)]


@pytest.mark.parametrize(
    "figures",
    [
        {"high_from": Decimal(2_000)},
        {"medium_from": Decimal(0)},
        {"trailing_months": 0},
        {"hysteresis_pct": Decimal(100)},
        {"repeat_k": 7},
        {"lapse_months": 0},
        {"regulated_kinds": ["wizard"]},
        {"weights": {"revenue": -1}},
    ],
)
def test_an_impossible_policy_is_refused(in_mercy, figures):
    policy_in_force()
    with pytest.raises(Refused):
        policy_service.set_policy(**figures)
    assert StandingPolicy.objects.count() == 1


def test_a_write_is_followed_by_a_new_standing(in_mercy, django_capture_on_commit_callbacks):
    with django_capture_on_commit_callbacks(execute=True):
        partner = make_partner()
    partner.refresh_from_db()
    assert partner.standing.level == "prospect"


def test_changes_are_in_the_audit_trail_with_who_and_how(in_mercy):
    from django.apps import apps

    partner = make_partner("Ann")
    directory_service.update_partner(partner.pk, city="Troy")
    events = apps.get_model("partners", "PartnerEvent").objects.order_by("pgh_id")
    assert [(event.pgh_label, event.city) for event in events] == [("insert", ""), ("update", "Troy")]
