"""Reps change their own activities, managers all, and nobody without the right anything."""

from types import SimpleNamespace
from uuid import UUID

import pytest
from django.core.exceptions import PermissionDenied
from hypothesis import given
from hypothesis import strategies as st

from activities import rights
from prm.accounts.rights import Right
from prm.core.errors import Refused

ME, OTHER = UUID(int=1), UUID(int=2)
WRITE, MANAGE = Right.ACTIVITY_WRITE, Right.ACTIVITY_MANAGE

members = st.sampled_from([ME, OTHER, None])
held = st.frozensets(st.sampled_from([Right.ACTIVITY_VIEW, WRITE, MANAGE]))


def caller(*held, member=ME):
    membership = SimpleNamespace(pk=member) if member else None
    return SimpleNamespace(rights=frozenset(held), membership=membership)


@pytest.mark.parametrize(
    ("held", "rep", "may"),
    [
        ({WRITE}, ME, True),
        ({WRITE}, OTHER, False),
        ({WRITE}, None, False),
        ({MANAGE}, ME, True),
        ({MANAGE}, OTHER, True),
        ({MANAGE}, None, True),
        (set(), ME, False),
    ],
)
def test_what_a_rep_logged_is_theirs_and_the_managers(held, rep, may):
    assert rights.may_change(caller(*held), rep) is may


def test_a_key_changes_only_what_it_may_manage():
    assert not rights.may_change(caller(WRITE, member=None), None)
    assert rights.may_change(caller(MANAGE, member=None), ME)


@given(held, st.frozensets(st.sampled_from([ME, OTHER])))
def test_an_opportunity_is_open_to_its_keepers_and_unkept_to_all_who_write(held, keepers):
    request = caller(*held)
    expected = MANAGE in held or (WRITE in held and ME in keepers)
    if not keepers:
        expected = WRITE in held
    assert rights.may_change_opportunity(request, SimpleNamespace(keepers=keepers)) is expected


@given(held, members)
def test_requiring_is_asking(held, rep):
    request = caller(*held)
    if rights.may_change(request, rep):
        rights.require_change(request, rep)
    else:
        with pytest.raises(PermissionDenied, match="Only the rep who logged this"):
            rights.require_change(request, rep)


@pytest.mark.parametrize("keepers", [frozenset(), frozenset({OTHER})])
def test_requiring_an_opportunity_says_whose_it_is(keepers):
    with pytest.raises(PermissionDenied, match="Only the owner"):
        rights.require_opportunity(caller(), SimpleNamespace(keepers=keepers))


def test_a_member_acts_for_themselves():
    request = caller(WRITE)
    assert rights.acting_member(request, None) is request.membership
    assert rights.acting_member(request, request.membership) is request.membership


def test_a_manager_acts_for_others_and_a_rep_does_not():
    wanted = SimpleNamespace(pk=OTHER)
    assert rights.acting_member(caller(WRITE, MANAGE), wanted) is wanted
    with pytest.raises(Refused) as error:
        rights.acting_member(caller(WRITE), wanted)
    assert (error.value.field, error.value.code) == ("rep", "not_allowed")


def test_a_key_has_to_say_whose_activity_it_is():
    with pytest.raises(Refused) as error:
        rights.acting_member(caller(MANAGE, member=None), None)
    assert (error.value.field, error.value.code) == ("rep", "required")


@given(held, members, members)
def test_more_rights_never_open_less(held, rep, member):
    for more in (WRITE, MANAGE):
        before, after = caller(*held, member=member), caller(*held, more, member=member)
        assert rights.may_change(before, rep) <= rights.may_change(after, rep)
