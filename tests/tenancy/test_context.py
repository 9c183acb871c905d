"""Scopes: opened, nested, left by exceptions; who acts in them; and what each call leaves behind."""

import threading
from contextlib import suppress

import pytest
from django.db import connection, transaction
from hypothesis import given, settings
from hypothesis import strategies as st

from prm.accounts.models import Membership
from prm.tenancy.context import (
    SYSTEM,
    Actor,
    acting_as,
    as_member,
    as_sweep,
    bound_tenant,
    current_actor,
    current_tenant,
    current_tenant_id,
    has_tenant,
    tenant_scope,
)
from prm.tenancy.errors import NoTenant, NoTransaction
from prm.tenancy.models import Tenant

ANN = Actor(kind="user", door="page", label="Ann", user_id=1)
FEED = Actor(kind="key", door="api", label="Feed")


def setting(name="prm.tenant"):
    with connection.cursor() as cursor:
        cursor.execute("SELECT coalesce(current_setting(%s, true), '')", [name])
        return cursor.fetchone()[0]


def test_without_a_scope_nothing_is_current():
    assert not has_tenant()
    assert current_tenant_id() is None
    assert current_actor() is SYSTEM
    with pytest.raises(NoTenant, match=r"tenant_scope\(tenant\)"):
        current_tenant()


@pytest.mark.parametrize("opens", [tenant_scope, bound_tenant])
def test_a_scope_says_which_tenant_and_who(mercy, opens):
    with opens(mercy.tenant, actor=ANN) as tenant:
        assert tenant is mercy.tenant
        assert current_tenant() is mercy.tenant
        assert current_tenant_id() == mercy.tenant.pk
        assert current_actor() is ANN
        assert setting() == str(mercy.tenant.pk)
    assert not has_tenant()
    assert setting() == ""


@pytest.mark.parametrize("outer", [tenant_scope, bound_tenant])
@pytest.mark.parametrize("inner", [tenant_scope, bound_tenant])
def test_the_outer_scope_is_back_after_the_inner_one(mercy, anchor, outer, inner):
    with outer(mercy.tenant, actor=ANN):
        with inner(anchor.tenant, actor=FEED):
            assert (current_tenant(), current_actor(), setting()) == (
                anchor.tenant,
                FEED,
                str(anchor.tenant.pk),
            )
        assert (current_tenant(), current_actor(), setting()) == (mercy.tenant, ANN, str(mercy.tenant.pk))


@pytest.mark.parametrize("outer", [tenant_scope, bound_tenant])
@pytest.mark.parametrize("inner", [tenant_scope, bound_tenant])
def test_the_outer_scope_is_back_after_an_error_in_the_inner_one(mercy, anchor, outer, inner):
    with outer(mercy.tenant):
        with pytest.raises(ZeroDivisionError), inner(anchor.tenant):
            raise ZeroDivisionError
        assert current_tenant() == mercy.tenant
        assert setting() == str(mercy.tenant.pk)
    assert not has_tenant()


def test_the_outer_scope_is_back_after_a_statement_that_failed_in_a_savepoint(mercy, anchor):
    with tenant_scope(mercy.tenant):
        with pytest.raises(Exception, match="division by zero"), tenant_scope(anchor.tenant):
            with connection.cursor() as cursor:
                cursor.execute("SELECT 1/0")
        assert setting() == str(mercy.tenant.pk)
        assert Membership.objects.count() == 3


def test_an_inner_scope_keeps_the_actor_unless_it_names_another(mercy, anchor):
    with tenant_scope(mercy.tenant, actor=ANN):
        with tenant_scope(anchor.tenant):
            assert current_actor() is ANN
        with acting_as(FEED):
            assert (current_tenant(), current_actor()) == (mercy.tenant, FEED)
        assert current_actor() is ANN


def test_acting_as_needs_a_tenant():
    with pytest.raises(NoTenant), acting_as(ANN):
        pass


class ScratchTransaction:
    """A transaction of its own per example, rolled back: Hypothesis calls a test many times."""

    def __enter__(self):
        self.atomic = transaction.atomic()
        self.atomic.__enter__()

    def __exit__(self, *error):
        transaction.set_rollback(True)
        return self.atomic.__exit__(*error)


@pytest.mark.usefixtures("db")
@settings(max_examples=30)
@given(st.lists(st.tuples(st.sampled_from(["scope", "bound"]), st.integers(0, 2), st.booleans()), max_size=6))
def test_however_scopes_are_nested_and_left_each_is_what_it_was(steps):
    """A pile of scopes of three tenants, some left by an exception."""
    tenants = [Tenant(slug=f"t{n}", name=f"T{n}") for n in range(3)]
    seen = []

    def enter(rest):
        before = current_tenant_id()
        if rest:
            (how, which, fails), *others = rest
            opens = tenant_scope if how == "scope" else bound_tenant
            try:
                with opens(tenants[which]):
                    assert setting() == str(tenants[which].pk)
                    enter(others)
                    assert current_tenant_id() == tenants[which].pk
                    assert setting() == str(tenants[which].pk)
                    if fails:
                        raise ZeroDivisionError
            except ZeroDivisionError:
                assert fails
        assert current_tenant_id() == before
        seen.append(before)

    with ScratchTransaction():
        enter(steps)
    assert len(seen) == len(steps) + 1


def test_a_thread_of_its_own_has_no_scope(mercy):
    found = []
    with tenant_scope(mercy.tenant):
        thread = threading.Thread(target=lambda: found.append(has_tenant()))
        thread.start()
        thread.join()
    assert found == [False]


def test_the_trail_is_told_who_acts_and_in_which_scope(mercy):
    with tenant_scope(mercy.tenant, actor=ANN):
        told = setting("pghistory.context_metadata")
    assert '"label": "Ann"' in told
    assert '"scope": "' in told
    assert setting("pghistory.context_metadata") == ""


@pytest.mark.django_db(transaction=True)
def test_bound_tenant_opens_no_transaction_and_each_of_its_own_is_announced():
    from prm.tenancy.service import create_tenant

    tenant = create_tenant(slug="mercy", name="Mercy")
    with bound_tenant(tenant):
        for _ in range(2):
            with transaction.atomic():
                assert setting() == str(tenant.pk)
            with pytest.raises(NoTransaction):
                setting()
    assert setting() == ""


def test_what_a_worker_does_opens_its_own_transaction_wherever_it_runs(mercy):
    """Tests run within a transaction, workers do not: what forgets to open one must fail in both."""
    with transaction.atomic(), bound_tenant(mercy.tenant, opens_its_own=True):
        with pytest.raises(NoTransaction):
            setting()
        with transaction.atomic():
            assert setting() == str(mercy.tenant.pk)
            with transaction.atomic(), acting_as(ANN):
                assert setting() == str(mercy.tenant.pk)
        with tenant_scope(mercy.tenant):
            assert setting() == str(mercy.tenant.pk)
        with acting_as(ANN), pytest.raises(NoTransaction):
            setting()
        with suppress(ZeroDivisionError), transaction.atomic():
            raise ZeroDivisionError
        with pytest.raises(NoTransaction):
            setting()
    assert setting() == ""


@pytest.mark.django_db(transaction=True)
def test_tenant_scope_commits_at_its_end_and_rolls_back_on_an_error():
    from prm.tenancy.service import create_tenant

    tenant = create_tenant(slug="mercy", name="Mercy")
    with pytest.raises(ZeroDivisionError), tenant_scope(tenant):
        Tenant.objects.filter(pk=tenant.pk).update(name="Never")
        raise ZeroDivisionError
    assert Tenant.objects.get().name == "Mercy"
    with tenant_scope(tenant):
        Tenant.objects.filter(pk=tenant.pk).update(name="Kept")
    assert Tenant.objects.get().name == "Kept"


def all_memberships():
    return Membership.objects.unscoped("the test reads across tenants")


def test_a_person_sees_their_own_memberships_in_all_tenants_and_nobody_elses(mercy, anchor):
    from prm.accounts.service import add_member

    with tenant_scope(anchor.tenant):
        add_member(email=mercy.rep.user.email, role="manager")
    with as_member(mercy.rep.user_id):
        assert {(m.user_id, m.tenant_id) for m in all_memberships()} == {
            (mercy.rep.user_id, mercy.tenant.pk),
            (mercy.rep.user_id, anchor.tenant.pk),
        }
    assert not all_memberships().exists()


def test_a_person_can_read_their_memberships_and_not_change_them(mercy):
    with as_member(mercy.rep.user_id):
        assert all_memberships().update(role="administrator") == 0
        with connection.cursor() as cursor:
            cursor.execute("DELETE FROM accounts_membership")
            assert cursor.rowcount == 0
    with tenant_scope(mercy.tenant):
        assert Membership.objects.get(pk=mercy.rep.pk).role == "rep"


@pytest.mark.parametrize("opens", [lambda: as_member(1), as_sweep])
def test_reading_beyond_a_tenant_ends_with_its_block(db, opens):
    with opens():
        assert setting("prm.user") + setting("prm.sweep") != ""
    with pytest.raises(ZeroDivisionError), opens():
        raise ZeroDivisionError
    assert setting("prm.user") + setting("prm.sweep") == ""


def test_a_sweep_sees_no_memberships(mercy):
    with as_sweep():
        assert not all_memberships().exists()
