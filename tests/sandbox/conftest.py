"""An org in memory, its server in a thread, and a small client."""

import pytest
import requests

from prm.sandbox.org import SandboxOrg
from prm.sandbox.server import SandboxServer

TEXT_KEY = {"type": "Text", "length": 64, "label": "PRM id", "externalId": True, "unique": True}


class Api:
    """A signed-in client that joins paths the way a Salesforce client does."""

    def __init__(self, server, org=None):
        self.server, self.org = server, org or server.org
        self.url = server.url_of(self.org)
        self.session = requests.Session()
        self.sign_in()

    def token(self):
        form = {
            "grant_type": "client_credentials",
            "client_id": self.org.app.client_id,
            "client_secret": self.org.app.client_secret,
        }
        return requests.post(f"{self.url}/services/oauth2/token", data=form, timeout=10)

    def sign_in(self):
        self.session.headers["Authorization"] = "Bearer " + self.token().json()["access_token"]

    def call(self, method, path, **options):
        path = path if path.startswith("/services/") else "/services/data/v66.0" + path
        return self.session.request(method, self.url + path, timeout=10, **options)

    def get(self, path, **options):
        return self.call("GET", path, **options)

    def post(self, path, body=None, **options):
        return self.call("POST", path, json=body, **options)

    def patch(self, path, body=None, **options):
        return self.call("PATCH", path, json=body, **options)

    def delete(self, path, **options):
        return self.call("DELETE", path, **options)

    def query(self, soql, path="/query"):
        answer = self.get(path, params={"q": soql})
        assert answer.status_code == 200, answer.text
        return answer.json()

    def rows(self, soql, path="/query"):
        """The records without their attributes."""
        return [
            {key: value for key, value in record.items() if key != "attributes"}
            for record in self.query(soql, path)["records"]
        ]

    def create(self, name, **fields):
        answer = self.post(f"/sobjects/{name}", fields)
        assert answer.status_code == 201, answer.text
        return answer.json()["id"]

    def upsert(self, name, key, records, **options):
        body = {"records": [{"attributes": {"type": name}, **each} for each in records], **options}
        return self.patch(f"/composite/sobjects/{name}/{key}", body)

    def error(self, answer):
        """Status and code of a refused request."""
        return answer.status_code, answer.json()[0]["errorCode"]

    def field(self, name, field):
        """The description of a field; None when it is not there for this user."""
        fields = self.get(f"/sobjects/{name}/describe").json()["fields"]
        return next((each for each in fields if each["name"] == field), None)

    def add_field(self, full_name, metadata=None):
        answer = self.post(
            "/tooling/sobjects/CustomField", {"FullName": full_name, "Metadata": metadata or TEXT_KEY}
        )
        assert answer.status_code == 201, answer.text
        return answer.json()["id"]

    def permission_set(self):
        """The id of a permission set assigned to the integration user, made when needed."""
        found = self.rows("SELECT Id FROM PermissionSet WHERE Name = 'PRM'")
        if found:
            return found[0]["Id"]
        made = self.create("PermissionSet", Name="PRM", Label="PRM")
        self.create("PermissionSetAssignment", PermissionSetId=made, AssigneeId=self.org.integration.id)
        return made

    def grant(self, field, edit=True):
        table = field.partition(".")[0]
        self.create(
            "FieldPermissions",
            ParentId=self.permission_set(),
            SobjectType=table,
            Field=field,
            PermissionsRead=True,
            PermissionsEdit=edit,
        )

    def key_on(self, name):
        """A granted external id PRM_Id__c on the object."""
        self.add_field(f"{name}.PRM_Id__c")
        self.grant(f"{name}.PRM_Id__c")


@pytest.fixture
def org():
    return SandboxOrg()


@pytest.fixture
def server(org):
    with SandboxServer(org) as running:
        yield running


@pytest.fixture
def api(server):
    return Api(server)


@pytest.fixture
def keyed(api):
    """A client whose Accounts have PRM_Id__c."""
    api.key_on("Account")
    return api
