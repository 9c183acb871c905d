"""Keys of machine feeds: shown once, kept as a hash, opened by their secret alone, ended for good."""

from datetime import timedelta

import pytest
from django.test import Client, RequestFactory
from hypothesis import given
from hypothesis import strategies as st

from prm.accounts.keys import USED_RESOLUTION, create_key, find_key, keep_key, key_in, revoke_key
from prm.accounts.models import ApiKey
from prm.accounts.rights import SCOPES
from prm.accounts.service import change_member
from prm.core.clock import now
from prm.core.errors import Refused
from prm.tenancy.context import tenant_scope


def make_key(**fields):
    return create_key(**{"name": "Feed", "scopes": ["orders:read"], "created_by": None, **fields})


def test_a_key_is_opened_by_its_own_secret_only(in_mercy):
    made = [make_key(name=f"Feed {n}") for n in range(3)]
    assert len({secret for _, secret in made}) == 3
    for key, secret in made:
        assert find_key(secret) == key


@given(st.text(max_size=60))
def test_no_other_text_opens_a_key(text):
    """Only the table is asked, and only for a text that could be a secret."""
    if "." not in text:
        assert find_key(text) is None


def test_a_secret_with_another_ones_beginning_opens_nothing(in_mercy):
    (_, one), (_, two) = make_key(), make_key()
    assert find_key(f"{one.partition('.')[0]}.{two.partition('.')[2]}") is None


def test_another_tenants_key_opens_nothing_here(mercy, anchor):
    with tenant_scope(mercy.tenant):
        key, secret = make_key()
    with tenant_scope(anchor.tenant):
        assert find_key(secret) is None
    with tenant_scope(mercy.tenant):
        assert find_key(secret) == key


def test_an_ended_key_opens_nothing_and_ends_once(in_mercy, clock_at):
    key, secret = make_key()
    first = now()
    clock_at(first)
    revoke_key(key)
    clock_at(first + timedelta(hours=1))
    revoke_key(key)
    assert ApiKey.objects.get().revoked_at == first
    assert find_key(secret) is None


@pytest.mark.parametrize("scopes", [[], ["everything"], ["orders:read", "everything"], ["orders"]])
def test_a_key_has_known_scopes_and_at_least_one(in_mercy, scopes):
    with pytest.raises(Refused) as refused:
        make_key(scopes=scopes)
    assert (refused.value.field, refused.value.code) == ("scopes", "unknown_scope")
    assert all(scope in refused.value.message for scope in SCOPES)
    assert not ApiKey.objects.exists()


@pytest.mark.parametrize("name", ["", "   "])
def test_a_key_has_a_name(in_mercy, name):
    with pytest.raises(Refused) as refused:
        make_key(name=name)
    assert refused.value.field == "name"


def test_the_secret_is_nowhere_in_the_row_nor_in_its_history(in_mercy):
    key, secret = make_key(created_by=in_mercy.administrator)
    hidden = secret.partition(".")[2]
    rows = [*ApiKey.objects.values(), *key.tenant_events.values()]
    assert len(rows) == 2
    assert hidden not in str(rows)


def test_use_is_noted_and_not_at_every_call(in_mercy, clock_at):
    _, secret = make_key()
    moment = now()
    for later, noted in ((0, 0), (60, 0), (301, 301), (400, 301)):
        clock_at(moment + timedelta(seconds=later))
        find_key(secret)
        assert ApiKey.objects.get().last_used_at == moment + timedelta(seconds=noted)
    assert timedelta(seconds=300) == USED_RESOLUTION


def test_use_leaves_no_event(in_mercy):
    key, secret = make_key()
    find_key(secret)
    assert [event.pgh_label for event in key.tenant_events.all()] == ["insert"]


@pytest.mark.parametrize(
    ("header", "key"),
    [
        ("Api-Key abc.def", "abc.def"),
        ("Api-Key  abc.def ", "abc.def"),
        ("Api-Key ", ""),
        ("Bearer abc.def", ""),
        ("api-key abc.def", ""),
        ("abc.def", ""),
        ("", ""),
    ],
)
def test_a_key_is_read_from_its_own_scheme_only(header, key):
    assert key_in(RequestFactory().get("/", headers={"Authorization": header} if header else {})) == key


def test_a_key_ends_with_the_membership_of_its_maker_unless_an_administrator_keeps_it(mercy, client_for):
    with tenant_scope(mercy.tenant):
        key, secret = create_key(name="Feed", scopes=["partners:read"], created_by=mercy.manager)
        change_member(mercy.manager, is_active=False)
    feed = Client(headers={"Authorization": f"Api-Key {secret}"})
    assert feed.get("/api/v1/mercy/partners/").status_code == 401
    alice = client_for(mercy.administrator)
    assert "Ended: its maker left" in alice.get("/t/mercy/keys/").content.decode()
    assert alice.post(f"/t/mercy/keys/{key.pk}/keep/").status_code == 302
    assert feed.get("/api/v1/mercy/partners/").status_code == 200
    with tenant_scope(mercy.tenant):
        key.refresh_from_db()
        events = key.pgh_event_model.objects.filter(pgh_obj_id=key.pk).order_by("pgh_id")
        assert [event.created_by_id for event in events] == [mercy.manager.pk, mercy.administrator.pk]
        assert events.last().pgh_context["label"] == "Alice"
    assert client_for(mercy.rep).post(f"/t/mercy/keys/{key.pk}/keep/").status_code == 403


def test_a_key_ends_with_the_account_of_its_maker(mercy):
    with tenant_scope(mercy.tenant):
        _, secret = create_key(name="Feed", scopes=["partners:read"], created_by=mercy.manager)
        mercy.manager.user.is_active = False
        mercy.manager.user.save()
        assert find_key(secret) is None


def test_a_revoked_key_is_not_kept(mercy):
    with tenant_scope(mercy.tenant):
        key, secret = create_key(name="Feed", scopes=["partners:read"], created_by=mercy.manager)
        revoke_key(key)
        with pytest.raises(Refused, match="revoked"):
            keep_key(key, by=mercy.administrator)
        assert find_key(secret) is None
