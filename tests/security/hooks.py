"""What schemathesis is taught about PRM by SCHEMATHESIS_HOOKS; `SECURITY_KNOWN` names the file that `known` filled."""

import json
import os
from pathlib import Path

import schemathesis
from schemathesis.core.failures import AcceptedNegativeData

from tests.security.exchange import Exchange

exchange = Exchange(**json.loads(Path(os.environ["SECURITY_KNOWN"]).read_text(encoding="utf-8")))


@schemathesis.hook
def before_call(context, case, kwargs):
    exchange.request(case)


@schemathesis.check
def no_other_tenants_data(ctx, response, case):
    told = exchange.told(case, response.text)
    assert not told, f"The answer speaks of another tenant: {told}"


@schemathesis.hook
def filter_failure(context, failure, case, response):
    """A filter that is sent empty is one that was not sent: so do all forms of HTML, and our lists with them."""
    accepted = isinstance(failure, AcceptedNegativeData)
    return not (accepted and case.method == "GET" and "" in flat(case.query or {}))


def flat(query):
    return [inner for value in query.values() for inner in (value if isinstance(value, list) else [value])]
