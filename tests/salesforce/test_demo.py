"""The demo's organisation is one that a company could have: the reps own their partners' accounts there."""

import pytest

from partners.directory.models import Partner
from prm.salesforce import demo as salesforce_demo
from prm.salesforce.engine.models import RecordLink
from prm.salesforce.people.models import Owner
from prm.sandbox.org import SandboxOrg
from prm.sandbox.server import SandboxServer, facts
from prm.tenancy.context import bound_tenant
from tests.conftest import as_a_worker


@pytest.fixture
def served(settings, tmp_path, monkeypatch):
    with SandboxServer(SandboxOrg(name="mercy")) as server:
        (tmp_path / "ready.json").write_text(facts(server))
        (tmp_path / "secret").write_text(server.client_secret)
        monkeypatch.setenv("PRM_SANDBOX_READY", str(tmp_path / "ready.json"))
        monkeypatch.setenv("PRM_SANDBOX_SECRET_FILE", str(tmp_path / "secret"))
        yield server


def test_reps_keep_their_partners_when_the_demo_is_connected(demo, served):
    with bound_tenant(demo):
        before = dict(Partner.objects.values_list("pk", "rep"))
        with as_a_worker():
            salesforce_demo.settle(demo)
        assert dict(Partner.objects.values_list("pk", "rep")) == before
        reps = set(before.values()) - {None}
        found = Owner.objects.filter(how="found").values_list("member_id", flat=True)
        assert reps and reps <= set(found)
        assert RecordLink.objects.filter(mapping="partners.partner").exists()
