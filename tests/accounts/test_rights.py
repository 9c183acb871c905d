"""The one table of rights: every right by every role, every scope of a key, and the guards that ask it."""

from types import SimpleNamespace

import pytest
from django.core.exceptions import PermissionDenied
from django.http import HttpResponse
from django.test import Client

from prm.accounts.keys import create_key
from prm.accounts.rights import (
    LABELS,
    RIGHTS,
    ROLES,
    SCOPES,
    Right,
    allows,
    page_requires,
    require,
    rights_of,
    roles_with,
    staff_roles,
)
from prm.tenancy.context import tenant_scope

# Written out, so that a change of the table is seen as a change of who may do what.
WHO = {
    # right: administrator, manager, rep, partner
    Right.PARTNER_VIEW: "amr",
    Right.PARTNER_EDIT: "amr",
    Right.STANDING_VIEW: "amr",
    Right.TIER_DECIDE: "am",
    Right.POLICY_EDIT: "am",
    Right.SETTINGS_EDIT: "a",
    Right.ORDER_VIEW: "amr",
    Right.ORDER_WRITE: "a",
    Right.ORDER_TIE: "am",
    Right.SOURCE_EDIT: "a",
    Right.RATE_EDIT: "am",
    Right.IMPORT_RUN: "am",
    Right.RECONCILE: "am",
    Right.TOTAL_WRITE: "am",
    Right.ACTIVITY_VIEW: "amr",
    Right.ACTIVITY_WRITE: "amr",
    Right.ACTIVITY_MANAGE: "am",
    Right.PANEL_KEEP: "r",
    Right.SYNC_VIEW: "am",
    Right.SYNC_EDIT: "a",
    Right.CONFLICT_DECIDE: "am",
    Right.MEMBER_EDIT: "a",
    Right.KEY_EDIT: "a",
    Right.AUDIT_VIEW: "a",
    Right.API_DOCS: "amr",
    Right.OWN_REFERRALS: "p",
}
LETTERS = {"a": "administrator", "m": "manager", "r": "rep", "p": "partner"}

SCOPE_RIGHTS = {
    "orders:write": {Right.ORDER_WRITE, Right.ORDER_VIEW, Right.API_DOCS},
    "orders:read": {Right.ORDER_VIEW, Right.API_DOCS},
    "rates:write": {Right.RATE_EDIT, Right.ORDER_VIEW, Right.API_DOCS},
    "totals:write": {Right.TOTAL_WRITE, Right.API_DOCS},
    "partners:read": {Right.PARTNER_VIEW, Right.STANDING_VIEW, Right.API_DOCS},
    "partners:write": {Right.PARTNER_VIEW, Right.PARTNER_EDIT, Right.API_DOCS},
    "imports:write": {Right.IMPORT_RUN, Right.ORDER_VIEW, Right.API_DOCS},
    "lists:write": {Right.IMPORT_RUN, Right.PARTNER_VIEW, Right.PARTNER_EDIT, Right.API_DOCS},
    "activities:read": {Right.ACTIVITY_VIEW, Right.API_DOCS},
    "sync:read": {Right.SYNC_VIEW, Right.API_DOCS},
}


def member(role):
    return SimpleNamespace(role=role)


def key(*scopes):
    return SimpleNamespace(scopes=scopes)


def request(*rights):
    return SimpleNamespace(rights=frozenset(rights))


def test_the_table_below_names_every_right_and_every_role():
    assert set(WHO) == set(Right)
    assert set(LETTERS.values()) == {role.key for role in ROLES}


@pytest.mark.parametrize("right", Right)
@pytest.mark.parametrize("letter", LETTERS)
def test_role_has_the_right_or_has_it_not(right, letter):
    assert (right in RIGHTS[LETTERS[letter]]) == (letter in WHO[right])


@pytest.mark.parametrize("right", Right)
def test_roles_with_a_right_are_those_of_the_table_in_its_order(right):
    assert roles_with(right) == tuple(LETTERS[letter] for letter in LETTERS if letter in WHO[right])


def test_every_right_is_somebodys():
    assert [right for right in Right if not roles_with(right)] == []


def test_staff_are_all_but_those_who_see_their_own_referrals_only():
    assert staff_roles() == ("administrator", "manager", "rep")
    assert set(staff_roles()).isdisjoint(roles_with(Right.OWN_REFERRALS))


def test_a_partner_may_nothing_but_see_their_own():
    assert RIGHTS["partner"] == {Right.OWN_REFERRALS}


def test_every_role_has_words_and_a_key_of_its_own():
    assert len(LABELS) == len(ROLES)
    assert all(label and label[0].isupper() for label in LABELS.values())


@pytest.mark.parametrize("role", ["", "owner", "Administrator", "admin"])
def test_a_role_that_does_not_exist_may_nothing(role):
    assert rights_of(member(role)) == frozenset()


def test_nobody_may_nothing():
    assert rights_of(None) == frozenset()
    assert rights_of(None, None) == frozenset()


@pytest.mark.parametrize("role", RIGHTS)
def test_a_member_has_the_rights_of_the_role_and_not_of_a_key_as_well(role):
    assert rights_of(member(role), key("orders:write")) == RIGHTS[role]


def test_every_scope_is_written_out_here():
    assert set(SCOPE_RIGHTS) == set(SCOPES)


@pytest.mark.parametrize("scope", SCOPES)
def test_a_scope_gives_these_rights_and_no_others(scope):
    assert rights_of(None, key(scope)) == SCOPE_RIGHTS[scope]


def test_scopes_add_up():
    both = rights_of(None, key("orders:read", "activities:read"))
    assert both == {Right.ORDER_VIEW, Right.ACTIVITY_VIEW, Right.API_DOCS}


@pytest.mark.parametrize("scopes", [(), ("everything",), ("orders",), ("ORDERS:READ",)])
def test_an_unknown_scope_gives_nothing(scopes):
    assert rights_of(None, key(*scopes)) == frozenset()


@pytest.mark.parametrize(
    "right",
    [
        Right.MEMBER_EDIT,
        Right.KEY_EDIT,
        Right.SYNC_EDIT,
        Right.POLICY_EDIT,
        Right.TIER_DECIDE,
        Right.SOURCE_EDIT,
    ],
)
def test_no_key_administers_or_decides(right):
    assert right not in rights_of(None, key(*SCOPES))


def test_require_says_which_right_is_missing():
    require(request(Right.ORDER_VIEW), Right.ORDER_VIEW)
    with pytest.raises(PermissionDenied, match=r"This needs the right order\.tie\."):
        require(request(Right.ORDER_VIEW), Right.ORDER_TIE)


def test_page_needs_any_one_of_its_rights():
    @page_requires(Right.ORDER_VIEW, Right.OWN_REFERRALS)
    def view(asked, number):
        return HttpResponse(str(number))

    for right in (Right.ORDER_VIEW, Right.OWN_REFERRALS):
        assert view(request(right), 7).content == b"7"
    with pytest.raises(PermissionDenied, match=r"order\.view"):
        view(request(Right.PARTNER_VIEW), 7)
    assert view.rights == (Right.ORDER_VIEW, Right.OWN_REFERRALS)
    assert view.__name__ == "view"


@pytest.mark.parametrize("right", Right)
def test_allows_is_membership_and_nothing_else(right):
    assert allows(request(right), right)
    assert not allows(request(*set(Right) - {right}), right)


# --- the same rules, asked through the product's own doors ------------------------------------------

PAGES = {
    "/t/mercy/members/": Right.MEMBER_EDIT,
    "/t/mercy/keys/": Right.KEY_EDIT,
    "/t/mercy/partners/": Right.PARTNER_VIEW,
    "/t/mercy/orders/": Right.ORDER_VIEW,
    "/t/mercy/orders/unattributed/": Right.ORDER_TIE,
}


@pytest.mark.parametrize("path", PAGES)
@pytest.mark.parametrize("role", ["administrator", "manager", "rep"])
def test_a_page_opens_to_the_roles_with_its_right(mercy, client_for, path, role):
    answer = client_for(getattr(mercy, role)).get(path)
    assert answer.status_code == (200 if PAGES[path] in RIGHTS[role] else 403)


ADDRESSES = {
    "partners/": Right.PARTNER_VIEW,
    "orders/": Right.ORDER_VIEW,
    "visits/": Right.ACTIVITY_VIEW,
}


@pytest.mark.parametrize("address", ADDRESSES)
@pytest.mark.parametrize("scope", SCOPES)
def test_a_key_opens_the_addresses_of_its_scope(mercy, address, scope):
    with tenant_scope(mercy.tenant):
        _, secret = create_key(name="Feed", scopes=[scope], created_by=None)
    answer = Client().get(f"/api/v1/mercy/{address}", headers={"Authorization": f"Api-Key {secret}"})
    assert answer.status_code == (200 if ADDRESSES[address] in SCOPE_RIGHTS[scope] else 403)
    if answer.status_code == 403:
        assert answer.json()["code"] == "permission_denied"


@pytest.mark.parametrize(
    ("scope", "status"), [("orders:read", 403), ("orders:write", 400), ("partners:write", 403)]
)
def test_a_key_writes_with_a_scope_for_writing_only(mercy, scope, status):
    """400: let in, and told that the body is empty."""
    with tenant_scope(mercy.tenant):
        _, secret = create_key(name="Feed", scopes=[scope], created_by=None)
    header = {"Authorization": f"Api-Key {secret}"}
    answer = Client().post("/api/v1/mercy/orders/", "{}", "application/json", headers=header)
    assert answer.status_code == status
