"""Which right a use case needs: said once, at the function of a `service.py` that does it.

Pages, the API, imports and other use cases all lead there, so that no way round leads past the check. Who
acts is known from the scope (`prm.tenancy.context.Actor`); rights are plain words here, their table stands in
`prm.accounts.rights`. `tests/test_use_cases.py` calls every one of them as everybody.
"""

import inspect
from collections.abc import Callable
from functools import wraps
from typing import ParamSpec, TypeVar

from django.core.exceptions import PermissionDenied

from prm.tenancy.context import current_actor

P = ParamSpec("P")
R = TypeVar("R")


def requires(*rights: str) -> Callable[[Callable[P, R]], Callable[P, R]]:
    """Let only those call a function who have any one of `rights`; without any, PRM's own work alone.

    Raises `PermissionDenied`. A parameter `by` is who signs: that is always who acts, or nobody for a key.
    """

    def decorate(function: Callable[P, R]) -> Callable[P, R]:
        signature = inspect.signature(function)

        @wraps(function)
        def guarded(*args: P.args, **kwargs: P.kwargs) -> R:
            require(*rights)
            if "by" in signature.parameters:
                _check_signer(signature.bind(*args, **kwargs).arguments.get("by"))
            return function(*args, **kwargs)

        setattr(guarded, "required", rights)  # noqa: B010  (read by the test that calls them all)
        return guarded

    return decorate


def needs_no_right(reason: str) -> Callable[[Callable[P, R]], Callable[P, R]]:
    """Mark a function of a service that anybody may call, with the reason for the reader."""
    if not reason.strip():
        raise ValueError("Say why no right is needed.")

    def decorate(function: Callable[P, R]) -> Callable[P, R]:
        setattr(function, "open_because", reason)  # noqa: B010  (read by the test that calls them all)
        return function

    return decorate


def require(*rights: str) -> None:
    """Raise `PermissionDenied` unless who acts has any one of `rights`, or is PRM's own work."""
    actor = current_actor()
    if not actor.is_program and not any(actor.may(right) for right in rights):
        words = " or ".join(rights)
        raise PermissionDenied(f"This needs the right {words}." if words else "Only PRM itself does this.")


def _check_signer(by: object) -> None:
    actor = current_actor()
    if not actor.is_program and getattr(by, "pk", None) != actor.member_id:
        raise PermissionDenied("Nobody signs in another member's name.")
