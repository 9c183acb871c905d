"""A tenant of a newcomer gets an organisation to try things with."""

import json
from io import StringIO

import pytest
from django.core.management import CommandError, call_command

from prm.salesforce.engine.models import Connection
from prm.sandbox.org import SandboxOrg
from prm.sandbox.server import SandboxServer, facts
from prm.tenancy.context import tenant_scope


def run(*options):
    out = StringIO()
    call_command("sandbox_org", "--tenant", "mercy", *options, "--json", stdout=out, stderr=StringIO())
    return json.loads(out.getvalue())


@pytest.fixture
def running(settings, tmp_path, monkeypatch):
    settings.DEMO_ALLOWED, settings.COMMAND_URL = True, "http://localhost:8000"
    monkeypatch.setenv("PRM_SANDBOX_READY", str(tmp_path / "ready.json"))
    with SandboxServer(SandboxOrg(name="first"), make=lambda name: SandboxOrg(name=name)) as server:
        (tmp_path / "ready.json").write_text(facts(server))
        yield server


def test_it_is_made_once_shown_and_connected(mercy, running):
    first = run()
    assert first["url"] == f"{running.root}/mercy" and first["client_secret"]
    assert first["callback"] == "http://localhost:8000/t/mercy/salesforce/callback/"
    assert running.orgs[1].app.callbacks == [first["callback"]]
    assert run("--connect") == {**first, "connected": True}
    with tenant_scope(mercy.tenant):
        assert Connection.objects.get().organization_id == first["organization_id"]
    assert [org.name for org in running.orgs] == ["first", "mercy"]


def test_it_says_what_is_missing(mercy, running, settings, monkeypatch, tmp_path):
    running.stop()
    with pytest.raises(CommandError, match="make demo"):
        run()
    monkeypatch.setenv("PRM_SANDBOX_READY", str(tmp_path / "nowhere"))
    with pytest.raises(CommandError, match="make demo"):
        run()
    settings.DEMO_ALLOWED = False
    with pytest.raises(CommandError, match="not for an installation in production"):
        run()
