"""Replacing the key of stored secrets: everything is encrypted anew, tenant by tenant, and nothing is lost."""

import json
from io import StringIO

import pytest
from allauth.mfa.models import Authenticator
from cryptography.fernet import Fernet
from django.core.management import CommandError, call_command

from prm.core.fields import WrongFieldKey, seal
from prm.operations import resealing
from prm.salesforce.credentials.models import Credential
from prm.salesforce.engine.models import SyncState
from prm.tenancy.context import tenant_scope


def run(*options):
    out = StringIO()
    call_command("rotate_field_keys", *options, "--json", stdout=out, stderr=StringIO())
    return json.loads(out.getvalue())


@pytest.fixture
def secrets(mercy, anchor):
    for world in (mercy, anchor):
        with tenant_scope(world.tenant):
            Credential.objects.create(refresh_token=f"of {world.tenant.slug}", private_key="k")
            SyncState.objects.create(access_token="session")
    Authenticator.objects.create(user=mercy.rep.user, type="totp", data={"secret": seal("totp")})
    return mercy


def read(world):
    with tenant_scope(world.tenant):
        return Credential.objects.get().refresh_token


def test_afterwards_the_old_key_is_needed_no_more(secrets, anchor, settings):
    new = Fernet.generate_key().decode()
    settings.FIELD_KEYS = [new, *settings.FIELD_KEYS]
    dry = run("--dry-run")
    assert (dry["anew"], dry["columns"]["Credential.refresh_token"]["anew"]) == (7, 2)
    done = run()
    assert (done["anew"], done["unread"]) == (7, 0)
    assert run()["anew"] == 0
    settings.FIELD_KEYS = [new]
    assert (read(secrets), read(anchor)) == ("of mercy", "of anchor")
    assert run()["columns"]["Authenticator.data"] == {"secrets": 1, "anew": 0, "unread": 0}


def test_what_no_key_opens_is_counted_and_left(secrets, settings):
    old, settings.FIELD_KEYS = settings.FIELD_KEYS, [Fernet.generate_key().decode()]
    with pytest.raises(CommandError, match="7 secrets are opened by none"):
        run()
    with pytest.raises(WrongFieldKey):
        read(secrets)
    settings.FIELD_KEYS = old
    assert read(secrets) == "of mercy"


def test_every_encrypted_column_is_found():
    names = {f"{model.__name__}.{field.name}" for model, field in resealing.columns()}
    assert {
        "Connection.client_secret",
        "SyncState.access_token",
        "Credential.private_key",
        "Errand.details",
    } <= names
