"""How often one caller, and all callers of one tenant, may call the API; told in each answer.

Calls are counted per minute in the cache, so that all web processes count together. `RateLimit-Limit`,
`RateLimit-Remaining` and `RateLimit-Reset` (IETF draft ratelimit-headers, seconds) speak of whichever of the two limits
is nearer; a refusal is 429 with `Retry-After`. Without its cache the product answers on: it counts nothing and says so.
"""

import logging
from collections.abc import Callable
from typing import Final, NamedTuple

from django.conf import settings
from django.http import HttpResponseBase

from prm.accounts.http import ArrivingRequest
from prm.accounts.signin.counting import count
from prm.core.clock import now
from prm.core.errors import problem_response
from prm.core.notation.reader import figure

WINDOW: Final = 60  # seconds
logger = logging.getLogger("prm.api")


class Budget(NamedTuple):
    """What is left of a limit in this minute."""

    limit: int
    left: int


class RateLimitMiddleware:
    """See the module's docstring. Stands below the middleware that finds the caller."""

    def __init__(self, get_response: Callable[[ArrivingRequest], HttpResponseBase]) -> None:
        self.get_response = get_response

    def __call__(self, request: ArrivingRequest) -> HttpResponseBase:
        moment = int(now().timestamp())
        budget = _spend(request, moment // WINDOW) if request.path_info.startswith("/api/") else None
        if budget is None:
            return self.get_response(request)
        reset = WINDOW - moment % WINDOW
        if budget.left < 0:
            said = f"More than {figure(budget.limit)} calls in a minute. Wait {reset} seconds, then go on."
            response: HttpResponseBase = problem_response(429, said, code="too_many_calls")
            response["Retry-After"] = str(reset)
        else:
            response = self.get_response(request)
        response["RateLimit-Limit"] = str(budget.limit)
        response["RateLimit-Remaining"] = str(max(0, budget.left))
        response["RateLimit-Reset"] = str(reset)
        return response


def _spend(request: ArrivingRequest, minute: int) -> Budget | None:
    """Count this call; return the limit that is nearer, or None where none is set or nobody is known."""
    caller = request.api_key or request.membership
    if request.tenant is None or caller is None:
        return None
    limits = {
        f"{caller.pk}": settings.API_CALLS_PER_CALLER,
        "all": settings.API_CALLS_PER_TENANT,
    }
    try:
        budgets = [
            Budget(limit, limit - count(f"api:{request.tenant.pk}:{who}:{minute}", seconds=2 * WINDOW))
            for who, limit in limits.items()
            if limit
        ]
    except Exception as error:  # noqa: BLE001  # each cache has errors of its own
        logger.warning("calls are not counted: %s", error)
        return None
    return min(budgets, key=lambda budget: budget.left, default=None)
