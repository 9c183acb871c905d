"""The sandbox org as simple-salesforce sees it, which knows nothing of PRM."""

import pytest
import requests
from requests.adapters import HTTPAdapter
from simple_salesforce import Salesforce
from simple_salesforce.exceptions import SalesforceMalformedRequest, SalesforceResourceNotFound


class Unsecured(HTTPAdapter):
    """The client speaks TLS only; the sandbox org, on this machine, does not."""

    def send(self, request, *args, **kwargs):
        request.url = request.url.replace("https://", "http://", 1)
        return super().send(request, *args, **kwargs)


@pytest.fixture
def client(keyed):
    session = requests.Session()
    session.mount("https://", Unsecured())
    instance = keyed.url.partition("://")[2]
    made = Salesforce(
        instance=instance, session_id=keyed.token().json()["access_token"], session=session, version="66.0"
    )
    session.verify = False
    return made


def test_it_makes_changes_reads_and_deletes(client):
    made = client.Account.create({"Name": "Made", "PRM_Id__c": "one"})
    assert made["success"]
    assert client.Account.upsert("PRM_Id__c/one", {"Name": "Renamed"}) in {200, 204}
    assert client.Account.get_by_custom_id("PRM_Id__c", "one")["Name"] == "Renamed"
    assert client.Account.update(made["id"], {"Phone": "555"}) == 204
    assert client.query("SELECT Phone FROM Account")["records"][0]["Phone"] == "555"
    assert client.Account.delete(made["id"]) == 204
    with pytest.raises(SalesforceResourceNotFound):
        client.Account.get(made["id"])


def test_it_reads_page_by_page(client, keyed):
    keyed.upsert("Account", "PRM_Id__c", [{"PRM_Id__c": str(n), "Name": f"N{n}"} for n in range(200)])
    client.headers["Sforce-Query-Options"] = "batchSize=200"
    for start in (200, 400):
        keyed.upsert("Account", "PRM_Id__c", [{"PRM_Id__c": str(start + n), "Name": "x"} for n in range(200)])
    rows = list(client.query_all_iter("SELECT Id FROM Account"))
    assert len({row["Id"] for row in rows}) == 600


def test_it_understands_what_is_described_and_how_it_is_refused(client):
    assert "PRM_Id__c" in {field["name"] for field in client.Account.describe()["fields"]}
    with pytest.raises(SalesforceMalformedRequest) as refused:
        client.query("SELECT Nothing__c FROM Account")
    assert refused.value.content[0]["errorCode"] == "INVALID_FIELD"
