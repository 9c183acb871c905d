"""Members: who is one, in which order they are listed, and what the administrator's pages do."""

import pytest

from prm.accounts.models import ApiKey, Membership, User
from prm.accounts.rights import LABELS, Right, staff_roles
from prm.accounts.service import add_member, change_member
from prm.core.errors import Refused
from prm.tenancy.context import tenant_scope
from prm.ui.formatting import breakable


def test_an_address_is_kept_in_lower_case_and_is_one_person(db):
    user = User.objects.create_user("  Ann@Mercy.Example ", "pass", name="Ann")
    assert user.email == "ann@mercy.example"
    assert user.check_password("pass")
    assert (user.is_staff, user.is_superuser) == (False, False)
    assert (str(user), user.get_full_name()) == ("Ann", "Ann")


def test_a_person_without_a_name_is_called_by_their_address(db):
    assert str(User.objects.create_user("ann@mercy.example")) == "ann@mercy.example"


def test_without_a_password_nobody_signs_in_by_password(db):
    assert not User.objects.create_user("ann@mercy.example").has_usable_password()


def test_an_operator_is_no_member_of_any_tenant(mercy):
    operator = User.objects.create_superuser("root@example.com", "a long enough one")
    assert (operator.is_staff, operator.is_superuser) == (True, True)
    with tenant_scope(mercy.tenant):
        assert not Membership.objects.filter(user=operator).exists()


@pytest.mark.parametrize("role", LABELS)
def test_a_member_is_called_by_name_and_role_and_may_what_the_role_may(in_mercy, role):
    member = add_member(email="new@mercy.example", name="New", role=role)
    assert str(member) == f"New ({LABELS[role]})"
    assert member.may(Right.OWN_REFERRALS) == (role == "partner")
    assert (member in Membership.objects.staff()) == (role in staff_roles())


@pytest.mark.parametrize("role", ["", "boss", "Rep"])
def test_there_are_no_other_roles(in_mercy, role):
    with pytest.raises(Refused) as refused:
        add_member(email="new@mercy.example", role=role)
    assert refused.value.field == "role"
    if role:
        with pytest.raises(Refused):
            change_member(in_mercy.rep, role=role)


@pytest.mark.parametrize("email", ["", "ann", "ann@", "@mercy.example", "a b@mercy.example"])
def test_an_address_must_be_one(in_mercy, email):
    with pytest.raises(Refused) as refused:
        add_member(email=email, role="rep")
    assert refused.value.field == "email"


def test_active_members_are_those_who_may_come_in(in_mercy):
    change_member(in_mercy.rep, is_active=False)
    User.objects.filter(pk=in_mercy.manager.user_id).update(is_active=False)
    assert list(Membership.objects.active()) == [in_mercy.administrator]


def test_people_are_listed_by_name_with_one_query(in_mercy, django_assert_num_queries):
    with django_assert_num_queries(1):
        assert [str(member.user) for member in Membership.objects.with_people()] == ["Alice", "Bob", "Mary"]


def test_changing_nothing_changes_nothing(in_mercy):
    change_member(in_mercy.rep)
    assert in_mercy.rep.tenant_events.count() == 1


# --- pages ----------------------------------------------------------------------------------------


@pytest.fixture
def alice(mercy, client_for):
    return client_for(mercy.administrator)


def form(**fields):
    return {"email": "new@mercy.example", "name": "New", "role": "rep", **fields}


def members(mercy):
    with tenant_scope(mercy.tenant):
        return {m.user.email: (m.role, m.is_active) for m in Membership.objects.select_related("user")}


def test_inviting_lets_nobody_in_before_they_accept(mercy, alice):
    before = members(mercy)
    answer = alice.post("/t/mercy/members/add/", form())
    assert "/invitation/mercy/" in answer.text
    assert members(mercy) == before
    assert not User.objects.filter(email="new@mercy.example").exists()
    assert breakable("new@mercy.example") in alice.get("/t/mercy/members/").text


@pytest.mark.parametrize(
    "wrong",
    [{"email": "no address"}, {"role": "boss"}, {"email": "mary@mercy.example"}],
)
def test_what_is_wrong_is_said_and_nobody_is_added(mercy, alice, wrong):
    """The form is shown again, with what was typed."""
    before = members(mercy)
    answer = alice.post("/t/mercy/members/add/", form(**wrong))
    assert answer.status_code == 200
    assert set(answer.context["form"].errors) == set(wrong)
    assert members(mercy) == before


def test_a_partner_is_not_made_on_the_page_of_members(mercy, alice):
    """Their membership is bound to a partner, on that partner's page."""
    assert alice.post("/t/mercy/members/add/", form(role="partner")).status_code == 200


def test_changing_and_ending_a_membership(mercy, alice):
    path = f"/t/mercy/members/{mercy.rep.pk}/"
    assert alice.post(path, {"role": "manager", "is_active": "on"}).status_code == 302
    assert members(mercy)["mary@mercy.example"] == ("manager", True)
    assert alice.post(path, {"role": "manager", "agreed": "end"}).status_code == 302
    assert members(mercy)["mary@mercy.example"] == ("manager", False)


@pytest.mark.parametrize(
    ("change", "agreed", "words"),
    [
        ({"role": "rep", "is_active": "on"}, "rep", "Make Bob Rep"),
        ({"role": "partner", "is_active": "on"}, "partner", "Make Bob Partner"),
        ({"role": "manager"}, "end", "End Bob&#x27;s membership"),
    ],
)
def test_what_takes_rights_away_is_asked_once_more(mercy, alice, change, agreed, words):
    path = f"/t/mercy/members/{mercy.manager.pk}/"
    for answered in ({}, {"agreed": "something else"}):
        asked = alice.post(path, {**change, **answered})
        assert words in asked.text
        assert members(mercy)["bob@mercy.example"] == ("manager", True)
    assert alice.post(path, {**change, "agreed": agreed}).status_code == 302
    assert members(mercy)["bob@mercy.example"] != ("manager", True)


def test_more_rights_are_given_without_a_question(mercy, alice):
    path = f"/t/mercy/members/{mercy.rep.pk}/"
    assert alice.post(path, {"role": "administrator", "is_active": "on"}).status_code == 302
    assert members(mercy)["mary@mercy.example"] == ("administrator", True)


def test_the_last_administrator_stays_whatever_the_page_is_sent(mercy, alice):
    answer = alice.post(f"/t/mercy/members/{mercy.administrator.pk}/", {"role": "rep", "is_active": "on"})
    assert answer.status_code == 200
    assert "no administrator" in answer.text
    assert members(mercy)["alice@mercy.example"] == ("administrator", True)


def test_another_tenants_member_is_not_there(mercy, anchor, alice):
    path = f"/t/mercy/members/{anchor.rep.pk}/"
    assert alice.get(path).status_code == 404
    assert alice.post(path, {"role": "rep"}).status_code == 404
    assert members(anchor)["chris@anchor.example"] == ("rep", True)


def test_a_new_key_is_shown_once(mercy, alice):
    answer = alice.post("/t/mercy/keys/add/", {"name": "Feed", "scopes": ["orders:write"]})
    with tenant_scope(mercy.tenant):
        key = ApiKey.objects.get()
    assert f"{key.prefix}." in answer.text
    assert key.created_by_id == mercy.administrator.pk
    assert f"{key.prefix}." not in alice.get("/t/mercy/keys/").text


def test_a_key_is_ended_by_a_post_only(mercy, alice):
    alice.post("/t/mercy/keys/add/", {"name": "Feed", "scopes": ["orders:read"]})
    with tenant_scope(mercy.tenant):
        path = f"/t/mercy/keys/{ApiKey.objects.get().pk}/revoke/"
    assert alice.get(path).status_code == 405
    assert alice.post(path).status_code in {200, 204, 302}
    with tenant_scope(mercy.tenant):
        assert ApiKey.objects.get().revoked_at is not None


@pytest.mark.parametrize(
    ("role", "page"),
    [("administrator", "/t/mercy/set-up/"), ("manager", "/t/mercy/overview/"), ("rep", "/t/mercy/today/")],
)
def test_a_day_begins_where_the_rights_say(mercy, client_for, role, page):
    answer = client_for(getattr(mercy, role)).get("/t/mercy/")
    assert (answer.status_code, answer["Location"]) == (302, page)
