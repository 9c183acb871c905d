"""What an asker gets in place of the org's own answer."""

from __future__ import annotations

from prm.sandbox.faults.errors import limit_exceeded
from prm.sandbox.faults.models import Rule
from prm.sandbox.kit.messages import Response, error_response
from prm.sandbox.kit.types import as_number, as_object

_BUSY = (
    b"<html><head><title>Service Unavailable</title></head><body><h1>We are down for maintenance.</h1>"
    b"<p>Sorry for the inconvenience. We'll be back shortly.</p></body></html>"
)


def delay_of(rules: dict[str, Rule], moment: str) -> float:
    """Return the seconds to wait `before` or `after` the work."""
    rule = rules.get("delay")
    if rule is None or rule.options.get("when", "before") != moment:
        return 0
    return as_number(rule.options.get("seconds"), 1)


def answer_of(rules: dict[str, Rule]) -> Response | None:
    """Return the answer a fault gives in place of the org; None when the org shall answer."""
    if "lose_before" in rules:
        return Response(0)
    if "html" in rules:
        status = int(as_number(rules["html"].options.get("status"), 503))
        return Response(status, _BUSY, {}, "text/html;charset=UTF-8")
    if "status" in rules:
        return _chosen(rules["status"])
    if "limit_daily" in rules:
        return error_response(limit_exceeded())
    if "limit_concurrent" in rules:
        return error_response(limit_exceeded("ConcurrentRequests (Concurrent API Requests) Limit exceeded."))
    return None


def _chosen(rule: Rule) -> Response:
    body, status = rule.options.get("body"), int(as_number(rule.options.get("status"), 500))
    headers = {name: str(value) for name, value in as_object(rule.options.get("headers")).items()}
    if isinstance(body, str):
        return Response(status, body.encode(), headers, "text/plain")
    return Response(status, body, headers)


def cut(response: Response, rules: dict[str, Rule]) -> None:
    """Say how much of an answer reaches the asker."""
    if "lose_before" in rules or "lose_after" in rules:
        response.sent = "nothing"
    elif "truncate" in rules:
        response.sent = "half"
