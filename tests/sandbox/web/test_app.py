import requests

from prm.sandbox.org import SandboxOrg
from prm.sandbox.server import SandboxServer
from tests.sandbox.conftest import Api


def test_two_orgs_share_nothing():
    mercy, anchor = SandboxOrg(name="mercy"), SandboxOrg(name="anchor")
    with SandboxServer(mercy, anchor) as server:
        first, second = Api(server, mercy), Api(server, anchor)
        assert mercy.organization_id != anchor.organization_id
        first.create("Account", Name="Only in mercy")
        assert second.query("SELECT COUNT() FROM Account")["totalSize"] == 0
        second.session.headers["Authorization"] = first.session.headers["Authorization"]
        assert second.error(second.get("/limits")) == (401, "INVALID_SESSION_ID")
        # Without the org in the path the token decides.
        at_root = requests.get(
            server.root + "/services/oauth2/userinfo", headers=dict(first.session.headers), timeout=10
        )
        assert at_root.json()["organization_id"] == mercy.organization_id
