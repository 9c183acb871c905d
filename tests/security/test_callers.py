"""`make security`: made-up requests over HTTP as every role and with a key of every scope, by schemathesis.

PRM_SECURITY_EXAMPLES says how many requests of each operation are made up (default 10).
"""

import json
import os
import re
import subprocess
import sys

import pytest

from prm.accounts.keys import create_key
from prm.accounts.models import Membership
from prm.accounts.rights import ROLES, SCOPES
from prm.tenancy.context import tenant_scope
from prm.tenancy.models import Tenant
from tests.conftest import ROOT, demo_served
from tests.security.exchange import known

EXAMPLES = os.environ.get("PRM_SECURITY_EXAMPLES", "10")
CHECKS = (
    "not_a_server_error",
    "status_code_conformance",
    "content_type_conformance",
    "response_headers_conformance",
    "response_schema_conformance",
    "negative_data_rejection",
    "allow_header_conformance",
    "no_other_tenants_data",
)
PEOPLE = {"administrator": "admin", "manager": "manager", "rep": "rep", "partner": "partner"}
TOKEN = "t" * 32
GENERATED = re.compile(r"([\d,]+) generated")
TESTED = re.compile(r"Tested: (\d+)")


@pytest.fixture(scope="module")
def served(django_db_setup, django_db_blocker, tmp_path_factory):
    """Where the product is, and a folder for what is written about it."""
    with demo_served(django_db_blocker, size=6) as address:
        folder = tmp_path_factory.mktemp("security")
        yield address, folder


def caller(kind, name, client_for):
    """The headers by which a member, or a program with a key, is known."""
    with tenant_scope(Tenant.objects.get(slug="mercy")):
        administrator = Membership.objects.get(user__email="admin@mercy.example")
        if kind == "key":
            _, secret = create_key(name=name, scopes=[name], created_by=administrator)
            return {"Authorization": f"Api-Key {secret}"}
        member = Membership.objects.select_related("user").get(user__email=f"{PEOPLE[name]}@mercy.example")
        session = client_for(member).cookies["prm_session"].value
    return {"Cookie": f"prm_session={session}; prm_csrf={TOKEN}", "X-CSRFToken": TOKEN}


def described(served, client_for):
    """The file with the API's description, as the administrator gets it."""
    file = served[1] / "schema.json"
    if not file.exists():
        with tenant_scope(Tenant.objects.get(slug="mercy")):
            member = Membership.objects.select_related("user").get(user__email="admin@mercy.example")
        answer = client_for(member).get("/api/v1/mercy/schema/", headers={"Accept": "application/json"})
        file.write_bytes(answer.content)
    return file


def test_every_role_and_every_scope_is_tried():
    assert set(PEOPLE) == {role.key for role in ROLES}


@pytest.mark.timeout(3_000)
@pytest.mark.parametrize(
    ("kind", "name"), [*(("role", role) for role in PEOPLE), *(("key", scope) for scope in SCOPES)]
)
def test_answers_to_made_up_requests(served, client_for, record_property, django_db_blocker, kind, name):
    address, folder = served
    with django_db_blocker.unblock():
        headers = caller(kind, name, client_for)
        schema = described(served, client_for)
        mercy, anchor = (Tenant.objects.get(slug=slug) for slug in ("mercy", "anchor"))
        (folder / "known.json").write_text(json.dumps(known(mercy, anchor)), encoding="utf-8")
    # Each of an operation's inputs at its limits takes minutes, and says the same of all who may use it.
    phases = "coverage,fuzzing" if name == "administrator" else "fuzzing"
    done = subprocess.run(
        [
            *(sys.executable, "-m", "schemathesis.cli", "run", str(schema), "--url", address),
            *(word for header, value in headers.items() for word in ("--header", f"{header}: {value}")),
            *("--checks", ",".join(CHECKS), "--phases", phases, "--max-examples", EXAMPLES, "--seed", "1"),
            *("--no-shrink", "--continue-on-failure", "--generation-database", "none", "--no-color"),
        ],
        cwd=folder,
        env={
            **os.environ,
            "PYTHONPATH": str(ROOT),
            "SCHEMATHESIS_HOOKS": "tests.security.hooks",
            "SECURITY_KNOWN": str(folder / "known.json"),
        },
        capture_output=True,
        text=True,
        check=False,
    )
    operations, requests = TESTED.search(done.stdout), GENERATED.search(done.stdout)
    assert operations and requests, f"{done.stdout}\n{done.stderr}"
    record_property("requests", int(requests[1].replace(",", "")))
    record_property("operations tried as a caller", int(operations[1]))
    assert done.returncode == 0, done.stdout
    assert int(operations[1]) > 50
