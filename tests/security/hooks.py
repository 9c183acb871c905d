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
    """What is taken on purpose beyond the description.

    A filter that is sent empty is one that was not sent: so do all forms of HTML, and our lists with them. In a body a
    number is taken for a text and 0 for false, as DRF's fields do, which also take white space off a text before they
    measure it.
    """
    if not isinstance(failure, AcceptedNegativeData):
        return True
    if case.method == "GET":
        return "" not in flat(case.query or {})
    if "maxLength" in failure.message and any(text != text.strip() for text in texts(case.body)):
        return False
    return "Incorrect type" not in failure.message


def texts(body):
    """Every text in a body, however deep."""
    if isinstance(body, str):
        yield body
    elif isinstance(body, dict | list):
        for inner in body.values() if isinstance(body, dict) else body:
            yield from texts(inner)


def flat(query):
    return [inner for value in query.values() for inner in (value if isinstance(value, list) else [value])]
