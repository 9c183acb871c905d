"""The sandbox org as jsforce sees it: another language's client, which knows nothing of PRM."""

import json
import os
import shutil
import subprocess
from pathlib import Path

import pytest

HERE = Path(__file__).parent


@pytest.fixture
def answers(keyed):
    """What jsforce was answered in one run, with 2,100 accounts there: more than a page of a query."""
    node = shutil.which("node")
    if node is None or not (HERE / "node_modules/jsforce").is_dir():
        pytest.skip("jsforce is not installed (`make clients` does it): the sandbox org is not tried with it")
    for start in range(0, 2_100, 100):
        keyed.upsert(
            "Account", "PRM_Id__c", [{"PRM_Id__c": f"n{start + n}", "Name": "x"} for n in range(100)]
        )
    app = keyed.org.app
    done = subprocess.run(
        [node, str(HERE / "jsforce.cjs")],
        env={
            **os.environ,
            "ORG_URL": keyed.url,
            "CLIENT_ID": app.client_id,
            "CLIENT_SECRET": app.client_secret,
        },
        capture_output=True,
        text=True,
        check=False,
    )
    assert done.returncode == 0, done.stderr
    return json.loads(done.stdout)


def test_jsforce_signs_in_makes_changes_reads_and_is_refused(answers, keyed):
    (organisation,) = keyed.rows("SELECT Id FROM Organization")
    assert answers["organisation"] == organisation["Id"]
    assert "PRM_Id__c" in answers["fields"]
    assert answers["upserted"] == [{"success": True, "created": False}, {"success": True, "created": True}]
    assert answers["found"]["Id"] == answers["made"]
    assert answers["found"]["Name"] == "Renamed"
    assert answers["read"] == answers["total"] == 2_102
    assert answers["gone"] is True
    assert answers["refused"] == "INVALID_FIELD"
    assert keyed.rows("SELECT Name FROM Account WHERE PRM_Id__c IN ('one', 'two')") == [{"Name": "Second"}]
