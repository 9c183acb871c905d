"""The API as it describes itself: every operation with made-up requests, in this process, as an administrator.

`make security` does the same over HTTP, with many more requests, as every role and with keys of every scope.
"""

import pytest
import schemathesis
from hypothesis import HealthCheck, Phase, given, seed, settings
from schemathesis import checks
from schemathesis.core.failures import FailureGroup
from schemathesis.core.transport import Response
from schemathesis.specs.openapi import checks as openapi_checks

from prm.accounts.models import Membership
from prm.tenancy.context import tenant_scope
from prm.tenancy.models import Tenant
from tests.security.exchange import Exchange, known

CHECKS = [
    checks.not_a_server_error,
    openapi_checks.status_code_conformance,
    openapi_checks.content_type_conformance,
    openapi_checks.response_schema_conformance,
]
EXAMPLES = 3


@pytest.fixture
def administrator(demo, client_for):
    with tenant_scope(demo):
        return client_for(Membership.objects.select_related("user").get(user__email="admin@mercy.example"))


def test_answers_are_as_described_and_of_this_tenant_only(demo, administrator):
    schema = schemathesis.openapi.from_dict(
        administrator.get("/api/v1/mercy/schema/", headers={"Accept": "application/json"}).json()
    )
    exchange = Exchange(**known(demo, Tenant.objects.get(slug="anchor")))
    wrong, statuses = [], set()
    found = [result.ok() for result in schema.get_all_operations()]
    assert len(found) > 50
    for operation in found:
        for status, said in tried(operation, administrator, exchange):
            statuses.add(status)
            wrong += said
    assert wrong == [], "\n\n".join(wrong)
    assert {200, 201, 400, 404} <= statuses, "too little came of it"


def tried(operation, client, exchange):
    """Some made-up requests of an operation: the status of each and what is wrong with its answer."""
    outcomes = []

    @seed(1)
    @settings(
        max_examples=EXAMPLES, phases=[Phase.generate], database=None, suppress_health_check=list(HealthCheck)
    )
    @given(case=operation.as_strategy())
    def ask(case):
        exchange.request(case)
        outcomes.append(asked(case, client, exchange))

    ask()
    return outcomes


def asked(case, client, exchange):
    """Send a request; its status and what is wrong with the answer."""
    import requests

    prepared = requests.Request(**case.as_transport_kwargs(base_url="http://testserver")).prepare()
    answer = client.generic(
        prepared.method,
        prepared.path_url,
        prepared.body or b"",
        content_type=prepared.headers.get("Content-Type", ""),
        raise_request_exception=False,
    )
    response = Response(
        status_code=answer.status_code,
        headers={name.lower(): [value] for name, value in answer.headers.items()},
        content=answer.content,
        request=prepared,
        elapsed=0,
        verify=False,
        http_version="1.1",
    )
    wrong = [
        f"{prepared.method} {prepared.url} speaks of another tenant: {exchange.told(case, response.text)}"
    ] * bool(exchange.told(case, response.text))
    try:
        case.validate_response(response, checks=CHECKS)
    except FailureGroup as group:
        wrong += [f"{prepared.method} {prepared.url} {prepared.body!r}: {one}" for one in group.exceptions]
    return answer.status_code, wrong
