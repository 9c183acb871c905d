"""Reps change their own activities, managers all, and nobody without the right anything."""

from contextlib import AbstractContextManager
from types import SimpleNamespace
from uuid import UUID, uuid4

import pytest
from django.core.exceptions import PermissionDenied
from hypothesis import given
from hypothesis import strategies as st

from activities import rights
from prm.accounts.rights import Right
from prm.core.errors import Refused
from prm.tenancy import context

ME, OTHER = UUID(int=1), UUID(int=2)
WRITE, MANAGE = Right.ACTIVITY_WRITE, Right.ACTIVITY_MANAGE

members = st.sampled_from([ME, OTHER, None])
held = st.frozensets(st.sampled_from([Right.ACTIVITY_VIEW, WRITE, MANAGE]))


def acting(*held, member=ME) -> AbstractContextManager[None]:
    """Act with these rights, as a member or (None) as a key; no database is asked."""
    actor = context.Actor(kind="user", door="page", member_id=member, rights=frozenset(held))
    return context._entered(context._Scope(SimpleNamespace(pk=uuid4()), actor, uuid4()))


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
    with acting(*held):
        assert rights.may_change(rep) is may


def test_a_key_changes_only_what_it_may_manage():
    with acting(WRITE, member=None):
        assert not rights.may_change(None)
    with acting(MANAGE, member=None):
        assert rights.may_change(ME)


@given(held, st.frozensets(st.sampled_from([ME, OTHER])))
def test_an_opportunity_is_open_to_its_keepers_and_unkept_to_all_who_write(held, keepers):
    expected = MANAGE in held or (WRITE in held and ME in keepers)
    if not keepers:
        expected = WRITE in held
    with acting(*held):
        assert rights.may_change_opportunity(SimpleNamespace(keepers=keepers)) is expected


@given(held, members)
def test_requiring_is_asking(held, rep):
    with acting(*held):
        if rights.may_change(rep):
            rights.require_change(rep)
        else:
            with pytest.raises(PermissionDenied, match="Only the rep who logged this"):
                rights.require_change(rep)


@pytest.mark.parametrize("keepers", [frozenset(), frozenset({OTHER})])
def test_requiring_an_opportunity_says_whose_it_is(keepers):
    with acting(), pytest.raises(PermissionDenied, match="Only the owner"):
        rights.require_opportunity(SimpleNamespace(keepers=keepers))


def test_a_member_acts_for_themselves_unless_another_is_named():
    me, other = SimpleNamespace(pk=ME), SimpleNamespace(pk=OTHER)
    assert rights.named_or_own(None, me) is me
    assert rights.named_or_own(other, me) is other


def test_a_manager_acts_for_others_and_a_rep_does_not():
    other = SimpleNamespace(pk=OTHER)
    with acting(WRITE, MANAGE):
        rights.require_own_name(other)
    with acting(WRITE), pytest.raises(Refused) as error:
        rights.require_own_name(other, "owner")
    assert (error.value.field, error.value.code) == ("owner", "not_allowed")


def test_a_key_has_to_say_whose_activity_it_is():
    with pytest.raises(Refused) as error:
        rights.named_or_own(None, None)
    assert (error.value.field, error.value.code) == ("rep", "required")


@given(held, members, members)
def test_more_rights_never_open_less(held, rep, member):
    for more in (WRITE, MANAGE):
        with acting(*held, member=member):
            before = rights.may_change(rep)
        with acting(*held, more, member=member):
            assert before <= rights.may_change(rep)
