"""Tenants, members and keys."""

import threading
import time
from io import StringIO

import pytest
from allauth.account.models import EmailAddress
from django.core.management import CommandError, call_command
from django.db import connection
from django.test import Client

from prm.accounts.keys import create_key, find_key
from prm.accounts.models import ApiKey, Membership, User
from prm.accounts.rights import Right
from prm.accounts.service import add_member, change_member
from prm.core.errors import Refused
from prm.tenancy.context import Actor, tenant_scope
from prm.tenancy.models import Tenant
from prm.tenancy.service import create_tenant
from tests.conftest import make_house, make_members


@pytest.mark.parametrize(
    "fields, field",
    [
        ({"slug": "Mercy"}, "slug"),
        ({"slug": "-x"}, "slug"),
        ({"slug": ""}, "slug"),
        ({"slug": "a" * 41}, "slug"),
        ({"name": "  "}, "name"),
        ({"currency": "dollars"}, "currency"),
        ({"currency": "ZZZ"}, "currency"),
        ({"timezone": "Mars/Olympus"}, "timezone"),
        ({"timezone": "../../etc/passwd"}, "timezone"),
    ],
)
def test_create_tenant_refuses_bad_input_by_field(db, fields, field):
    with pytest.raises(Refused) as caught:
        create_tenant(**{"slug": "ok", "name": "Ok", **fields})
    assert caught.value.field == field
    assert not Tenant.objects.exists()


def test_create_tenant_refuses_a_slug_that_is_taken(mercy):
    with pytest.raises(Refused, match="exists already"):
        create_tenant(slug="mercy", name="Another")


def test_add_member_keeps_the_password_of_a_known_person(mercy, anchor):
    with tenant_scope(anchor.tenant):
        add_member(email="MARY@mercy.example", role="rep", name="Other", password="other-pass")
    user = User.objects.get(email="mary@mercy.example")
    assert user.check_password("secret-pass")
    assert user.name == "Mary"


def test_add_member_twice_is_refused_and_an_ended_one_comes_back(in_mercy):
    with pytest.raises(Refused, match="member already"):
        add_member(email="mary@mercy.example", role="rep")
    change_member(in_mercy.rep, is_active=False)
    again = add_member(email="mary@mercy.example", role="manager")
    assert (again.pk, again.role, again.is_active) == (in_mercy.rep.pk, "manager", True)


def test_last_administrator_stays(in_mercy):
    for change in ({"is_active": False}, {"role": "rep"}):
        with pytest.raises(Refused, match="no administrator"):
            change_member(in_mercy.administrator, **change)
    add_member(email="second@mercy.example", role="administrator")
    change_member(in_mercy.administrator, role="rep")
    assert Membership.objects.get(pk=in_mercy.administrator.pk).role == "rep"


def test_key_is_kept_as_a_hash_and_found_by_its_secret(in_mercy):
    key, secret = create_key(name="Feed", scopes=["orders:write"], created_by=in_mercy.administrator)
    assert secret not in str(list(ApiKey.objects.values()))
    assert find_key(secret) == key
    assert find_key("nonsense") is None
    assert find_key(secret[:-1] + "~") is None


def test_key_with_an_unknown_scope_is_refused(in_mercy):
    with pytest.raises(Refused):
        create_key(name="Feed", scopes=["everything"], created_by=None)


def test_audit_says_who_did_what_through_which_door(mercy):
    actor = Actor(kind="user", door="page", label="Alice", user_id=7, rights=frozenset({Right.MEMBER_EDIT}))
    with tenant_scope(mercy.tenant, actor=actor):
        change_member(mercy.rep, role="manager")
        change_member(mercy.rep, role="manager")  # changes nothing, so leaves no event
        last = mercy.rep.tenant_events.order_by("pgh_id").last()
        assert (last.pgh_label, last.role) == ("update", "manager")
        assert (last.pgh_context["label"], last.pgh_context["door"]) == ("Alice", "page")
        assert mercy.rep.tenant_events.count() == 2


def test_the_first_administrator_comes_in_by_a_link_and_chooses_the_password(db):
    out = StringIO()
    call_command("create_tenant", "retail", "--name", "Retail", "--admin", "a@retail.example", stdout=out)
    assert "/t/retail/" in out.getvalue()
    assert not User.objects.exists()
    path = out.getvalue().split()[-1].removeprefix("http://localhost:8000")
    client = Client()
    assert client.post(path, {"name": "Ada", "password": "password"}).status_code == 200
    assert client.post(path, {"name": "Ada", "password": "long enough now"}).status_code == 302
    assert client.get("/t/retail/members/").status_code == 200
    with pytest.raises(CommandError, match="exists already"):
        call_command("create_tenant", "retail", "--name", "Retail")


def test_an_operator_gets_no_weak_password(db, monkeypatch):
    monkeypatch.setenv("DJANGO_SUPERUSER_PASSWORD", "password")
    with pytest.raises(CommandError, match="too common"):
        call_command("createsuperuser", "--noinput", "--email", "root@example.com")
    monkeypatch.setenv("DJANGO_SUPERUSER_PASSWORD", "a long enough one")
    call_command("createsuperuser", "--noinput", "--email", "root@example.com", stdout=StringIO())
    with pytest.raises(CommandError, match="exists already"):
        call_command("createsuperuser", "--noinput", "--email", "ROOT@example.com")


@pytest.mark.django_db(transaction=True)
def test_two_administrators_cannot_end_each_other_at_the_same_moment():
    house = make_house("mercy", ("alice", "bob", "mary"))
    with tenant_scope(house.tenant):
        change_member(house.manager, role="administrator")
    outcomes = []
    both_in = threading.Barrier(2)

    def end(member):
        try:
            with tenant_scope(house.tenant):
                both_in.wait(30)
                change_member(member, is_active=False)
                time.sleep(0.2)
            outcomes.append("done")
        except Refused as refused:
            outcomes.append(refused.code)
        finally:
            connection.close()

    threads = [
        threading.Thread(target=end, args=(member,)) for member in (house.administrator, house.manager)
    ]
    for thread in threads:
        thread.start()
    for thread in threads:
        thread.join(60)
    assert sorted(outcomes) == ["done", "last_administrator"]
    with tenant_scope(house.tenant):
        assert Membership.objects.active().filter(role="administrator").count() == 1


def test_an_administrator_whose_account_is_closed_does_not_count(in_mercy):
    change_member(in_mercy.manager, role="administrator")
    User.objects.filter(pk=in_mercy.manager.user_id).update(is_active=False)
    with pytest.raises(Refused, match="no administrator"):
        change_member(in_mercy.administrator, role="rep")


def test_unknown_tenant_names_those_that_exist(mercy):
    from prm.tenancy.commands import find_tenant

    with pytest.raises(CommandError, match=r"'nobody'.*mercy"):
        find_tenant("nobody")


def test_shell_refuses_without_a_tenant(mercy):
    with pytest.raises(CommandError, match="--tenant"):
        call_command("shell", command="1")
    call_command(
        "shell",
        tenant="mercy",
        command="from prm.accounts.models import Membership as M; assert M.objects.count() == 3",
    )


def test_members_that_tests_begin_with_are_as_the_service_makes_them(mercy):
    """`make_members` of the conftest writes less often, and the same."""
    with tenant_scope(mercy.tenant):
        made = add_member(email="carol@mercy.example", name="Carol", role="rep", password="secret-pass")
        [quick] = make_members({"dave": "rep"}, at="mercy.example")
        for model, of in ((User, "memberships"), (EmailAddress, "user__memberships"), (Membership, "")):
            rows = [model.objects.filter(**{of or "pk": one.pk}).values().get() for one in (made, quick)]
            names = {"id", "user_id", "email", "name", "password", "created_at", "date_joined", "proved_at"}
            one, other = ({key: row[key] for key in row.keys() - names} for row in rows)
            assert one == other
        assert quick.user.check_password("secret-pass")
        assert quick.user.proved_at
