"""The one way to Salesforce: a `requests.Session` that simple-salesforce is given.

Its `request` is the choke point of everything simple-salesforce sends, so what the library lacks is
added here once: a token renewed exactly once with the original headers kept, classified errors (also of
HTML pages), the API budget, retries of reads, and the present instance address. Which addresses may be
called, total time-outs and sizes are those of every outgoing request (`prm.core.outgoing`).
Writes are never repeated here: whether a write may be repeated is known to the caller only.
"""

from __future__ import annotations

import logging
import random
import re
import time
from collections.abc import Callable
from dataclasses import dataclass
from datetime import UTC, datetime
from email.utils import parsedate_to_datetime
from typing import Any, Protocol
from urllib.parse import urlsplit, urlunsplit

from prm.core.outgoing.addresses import is_loopback
from prm.core.outgoing.errors import AddressRefused, NotReached, OutgoingError, Untrusted
from prm.core.outgoing.session import OutgoingSession, Response
from prm.salesforce.wire import errors

logger = logging.getLogger(__name__)

READ_TRIES = 3
ANSWER_SECONDS = 90.0
"""For one call and its whole answer."""

MOVED = frozenset({301, 302, 303, 307, 308, 420})
"""The instance is elsewhere: an old address sends on, or Salesforce's edge does not route it. Sign-in names the new one."""

SILENT_CALLS = 3
"""Calls without any answer, one after the other, after which sign-in is asked whether the instance has moved."""

MOST_BYTES = 64 * 2**20
"""More than any page of 2,000 records; what is larger does not come from Salesforce."""

_USAGE = re.compile(r"(per-app-api-usage|api-usage)=(\d+)/(\d+)")


@dataclass(frozen=True, slots=True)
class Grant:
    """A signed-in session: `token` is a secret, `instance_url` where all data calls go.

    `refresh_token` is one as well: what the next session is asked for with, "" where that needs none.
    """

    token: str
    instance_url: str
    organization_id: str = ""
    user_id: str = ""
    refresh_token: str = ""

    def __repr__(self) -> str:
        """Leave the token out of every log and traceback."""
        return f"Grant({self.instance_url!r}, organization {self.organization_id!r})"


class Tokens(Protocol):
    """Where the session gets its grant from."""

    def current(self) -> Grant:
        """Return the grant in use, signing in when there is none."""

    def renew(self, stale: str) -> Grant:
        """Return a grant whose token is not `stale`, signing in at most once for all callers."""


@dataclass(slots=True)
class Usage:
    """What the answers said about limits and time. Calls are HTTP requests made by this session."""

    calls: int = 0
    org_used: int | None = None
    org_limit: int | None = None
    app_used: int | None = None
    app_limit: int | None = None
    server_time: datetime | None = None

    def note(self, headers: Any) -> None:
        """Read `Sforce-Limit-Info` (with or without its per-app part) and `Date`."""
        for kind, used, limit in _USAGE.findall(headers.get("Sforce-Limit-Info", "")):
            if kind == "api-usage":
                self.org_used, self.org_limit = int(used), int(limit)
            else:
                self.app_used, self.app_limit = int(used), int(limit)
        try:
            self.server_time = parsedate_to_datetime(headers["Date"]).astimezone(UTC)
        except (KeyError, ValueError):
            return


def checked_url(url: str) -> str:
    """Return a login or instance address without query and final slash.

    Raises `Misconfigured` when it is no web address or would carry secrets in the clear:
    `http://` is accepted for loopback addresses only.
    """
    parts = urlsplit(url.strip())
    try:
        host, _ = parts.hostname, parts.port
    except ValueError as error:
        raise errors.Misconfigured(f"{url!r} is not a web address.") from error
    if parts.scheme not in ("http", "https") or not host:
        raise errors.Misconfigured(
            f"{url!r} is not a web address. It looks like https://yourcompany.my.salesforce.com"
        )
    if parts.username or parts.password:
        raise errors.Misconfigured("Leave user name and password out of the address.")
    if parts.scheme == "http" and not is_loopback(host):
        raise errors.Misconfigured(
            f"{url!r} is not encrypted. Use https://; http:// is for this machine only."
        )
    return urlunsplit((parts.scheme, parts.netloc, parts.path.rstrip("/"), "", ""))


class SalesforceSession(OutgoingSession):
    """See the module's docstring. Raises only `errors.SalesforceError`s for anything but 2xx."""

    def __init__(self, tokens: Tokens, pause: Callable[[float], None] = time.sleep) -> None:
        """`pause(seconds)` waits between the tries of a read."""
        super().__init__(seconds=ANSWER_SECONDS, most_bytes=MOST_BYTES)
        self.tokens = tokens
        self.usage = Usage()
        self._pause = pause
        self._silent = 0

    def request(self, method: str, url: str, *args: Any, **kwargs: Any) -> Response:  # type: ignore[override]
        """Send one request of simple-salesforce or ours, wherever it believed the host to be."""
        writes = method.upper() not in ("GET", "HEAD")
        tries = 1 if writes else READ_TRIES
        for number in range(1, tries + 1):
            try:
                return self._with_token(method, url, writes, args, kwargs)
            except (errors.Busy, errors.Unreachable) as error:
                if number == tries:
                    raise
                jitter = random.uniform(0.2, 0.6)  # noqa: S311 # nosec B311 # spreads retries
                self._pause(error.after or jitter * 2**number)
        raise AssertionError("the last try returns or raises")

    def _with_token(
        self, method: str, url: str, writes: bool, args: tuple[Any, ...], kwargs: dict[str, Any]
    ) -> Response:
        grant = self.tokens.current()
        try:
            response = self._send(method, url, grant, writes, args, kwargs)
        except errors.Retryable as error:
            if not self._has_moved(grant) or isinstance(error, errors.UnknownOutcome):
                raise
            response = self._send(method, url, self.tokens.current(), writes, args, kwargs)
        dead = response.status_code == 401 and errors.is_dead_token(_answer(response))
        # This address does not lead to the organisation (any more); nothing was carried out.
        if dead or response.status_code in MOVED:
            fresh = self._renewed(grant, response, dead=dead, writes=writes)
            if dead or fresh.instance_url != grant.instance_url:
                response = self._send(method, url, fresh, writes, args, kwargs)
            if response.status_code == 401 and errors.is_dead_token(_answer(response)):
                # Signing in works, so no person has anything to do: the new session is not known everywhere yet.
                raise errors.Busy("Salesforce does not take its own new session yet.", status=401)
        if response.status_code in MOVED:
            raise errors.Busy(
                "Salesforce's instance has moved, and sign-in does not name the new address yet.",
                status=response.status_code,
            )
        if response.status_code >= 300:
            raise errors.classify(_answer(response), writes=writes, after=_retry_after(response))
        return response

    def _renewed(self, grant: Grant, response: Response, *, dead: bool, writes: bool) -> Grant:
        """Return another grant; where none is to be had, a redirect stays what it is: not followed."""
        try:
            return self.tokens.renew(grant.token)
        except errors.SignInRefused:
            if dead or response.status_code >= 400:
                raise
            raise errors.classify(_answer(response), writes=writes) from None

    def _has_moved(self, grant: Grant) -> bool:
        """Whether sign-in names another address, asked where an instance gives no answer any more."""
        if self._silent < SILENT_CALLS:
            return False
        self._silent = 0
        try:
            return self.tokens.renew(grant.token).instance_url != grant.instance_url
        except errors.SalesforceError:
            return False

    def _send(
        self,
        method: str,
        url: str,
        grant: Grant,
        writes: bool,
        args: tuple[Any, ...],
        kwargs: dict[str, Any],
    ) -> Response:
        target = at_instance(url, grant.instance_url)
        headers = dict(kwargs.get("headers") or {}) | {"Authorization": f"Bearer {grant.token}"}
        self.usage.calls += 1
        started = time.monotonic()
        try:
            response = super().request(method, target, *args, **{**kwargs, "headers": headers})
        except OutgoingError as error:
            self._silent += 1
            raise lost(error, writes=writes) from error
        self._silent = 0
        self.usage.note(response.headers)
        logger.log(
            logging.INFO if response.status_code >= 500 else logging.DEBUG,
            "salesforce %s %s %s %d ms",
            method,
            urlsplit(target).path,
            response.status_code,
            (time.monotonic() - started) * 1000,
        )
        return response


def at_instance(url: str, instance_url: str) -> str:
    """Return the address at the present instance.

    simple-salesforce fixes `https://<host>` when it is built; the instance can move later, and a
    local org has no certificate and may live below a path.
    """
    home, parts = urlsplit(instance_url), urlsplit(url)
    return urlunsplit((home.scheme, home.netloc, home.path + parts.path, parts.query, ""))


def _answer(response: Response) -> errors.Answer:
    return errors.read_errors(response.status_code, response.content)


def _retry_after(response: Response) -> float | None:
    try:
        return min(float(response.headers["Retry-After"]), 30.0)
    except (KeyError, ValueError):
        return None


def lost(error: OutgoingError, *, writes: bool) -> errors.SalesforceError:
    """Return the error for an exchange without an answer."""
    if isinstance(error, AddressRefused | Untrusted):
        return errors.Misconfigured(str(error))
    if isinstance(error, NotReached):
        return errors.Unreachable(str(error))
    return errors.UnknownOutcome(str(error)) if writes else errors.Busy(str(error))
