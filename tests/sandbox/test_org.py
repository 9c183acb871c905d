from prm.sandbox.org import SandboxOrg
from prm.sandbox.server import SandboxServer
from tests.sandbox.conftest import Api


def test_schema_and_rows_survive_reopening(tmp_path):

    path = tmp_path / "org.sqlite3"
    with SandboxServer(SandboxOrg(path)) as server:
        api = Api(server)
        api.key_on("Account")
        api.create("Account", Name="Kept", PRM_Id__c="k")
        organization = server.org.organization_id
        authorization = api.session.headers["Authorization"]
    with SandboxServer(SandboxOrg(path)) as server:
        api = Api(server)
        api.session.headers["Authorization"] = authorization
        assert server.org.organization_id == organization
        assert api.rows("SELECT Name, PRM_Id__c FROM Account") == [{"Name": "Kept", "PRM_Id__c": "k"}]
