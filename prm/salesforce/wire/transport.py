"""The one way to Salesforce: a `requests.Session` that simple-salesforce is given.

Its `request` is the choke point of everything simple-salesforce sends, so what the library lacks is
added here once: time-outs, a token renewed exactly once with the original headers kept, classified
errors (also of HTML pages), the API budget, retries of reads, and the present instance address.
Writes are never repeated here: whether a write may be repeated is known to the caller only.
"""

from __future__ import annotations

import io
import ipaddress
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

import requests
from urllib3.exceptions import HTTPError, NameResolutionError, NewConnectionError

from prm.salesforce.wire import errors

logger = logging.getLogger(__name__)

CONNECT_SECONDS = 5.0
READ_SECONDS = 45.0
READ_TRIES = 3
ANSWER_SECONDS = 90.0
"""For an answer as a whole: `requests` limits each read alone, and a byte a second would do for it."""

MOST_BYTES = 64 * 2**20
"""More than any page of 2,000 records; what is larger does not come from Salesforce."""

_PART = 64 * 1024

_USAGE = re.compile(r"(per-app-api-usage|api-usage)=(\d+)/(\d+)")


@dataclass(frozen=True, slots=True)
class Grant:
    """A signed-in session: `token` is a secret, `instance_url` where all data calls go."""

    token: str
    instance_url: str
    organization_id: str = ""
    user_id: str = ""

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


def is_loopback(host: str) -> bool:
    """Whether a host name can only mean this machine."""
    if host == "localhost":
        return True
    try:
        return ipaddress.ip_address(host).is_loopback
    except ValueError:
        return False


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


class SalesforceSession(requests.Session):
    """See the module's docstring. Raises only `errors.SalesforceError`s for anything but 2xx."""

    def __init__(self, tokens: Tokens, pause: Callable[[float], None] = time.sleep) -> None:
        """`pause(seconds)` waits between the tries of a read."""
        super().__init__()
        self.tokens = tokens
        self.usage = Usage()
        self._pause = pause

    def request(self, method: str, url: str, *args: Any, **kwargs: Any) -> requests.Response:  # type: ignore[override]
        """Send one request of simple-salesforce or ours, wherever it believed the host to be."""
        writes = method.upper() not in ("GET", "HEAD")
        tries = 1 if writes else READ_TRIES
        for number in range(1, tries + 1):
            try:
                return self._with_token(method, url, writes, args, kwargs)
            except (errors.Busy, errors.Unreachable) as error:
                if number == tries:
                    raise
                jitter = random.uniform(0.2, 0.6)  # noqa: S311  (spreads retries)
                self._pause(error.after or jitter * 2**number)
        raise AssertionError("the last try returns or raises")

    def _with_token(
        self, method: str, url: str, writes: bool, args: tuple[Any, ...], kwargs: dict[str, Any]
    ) -> requests.Response:
        grant = self.tokens.current()
        response = self._send(method, url, grant, writes, args, kwargs)
        if response.status_code == 401 and errors.is_dead_token(_answer(response)):
            grant = self.tokens.renew(grant.token)
            response = self._send(method, url, grant, writes, args, kwargs)
        if response.status_code >= 300:
            raise errors.classify(_answer(response), writes=writes, after=_retry_after(response))
        return response

    def _send(
        self,
        method: str,
        url: str,
        grant: Grant,
        writes: bool,
        args: tuple[Any, ...],
        kwargs: dict[str, Any],
    ) -> requests.Response:
        target = at_instance(url, grant.instance_url)
        # A proxy of the environment must not be asked for this machine.
        self.trust_env = not is_loopback(urlsplit(target).hostname or "")
        headers = dict(kwargs.get("headers") or {}) | {"Authorization": f"Bearer {grant.token}"}
        options = {"timeout": (CONNECT_SECONDS, READ_SECONDS), **kwargs, "stream": True}
        # Explicit no-op authentication keeps requests from looking into a netrc file.
        options |= {"headers": headers, "allow_redirects": False, "auth": _unchanged}
        self.usage.calls += 1
        started = time.monotonic()
        try:
            response = whole(super().request(method, target, *args, **options), ANSWER_SECONDS)
        except requests.RequestException as error:
            raise lost(error, writes=writes) from error
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


def whole(response: requests.Response, seconds: float) -> requests.Response:
    """Read a streamed answer to its end, within the seconds and `MOST_BYTES`, and return it.

    Raises `requests.RequestException` when it breaks off, takes longer or is larger.
    """
    ends, body = time.monotonic() + seconds, io.BytesIO()
    try:
        while part := response.raw.read1(_PART, decode_content=True):
            body.write(part)
            if time.monotonic() > ends:
                raise requests.ReadTimeout(request=response.request)
            if body.tell() > MOST_BYTES:
                raise requests.ConnectionError("the answer is too large", request=response.request)
    except HTTPError as error:
        raise requests.ConnectionError(error, request=response.request) from error
    finally:
        response.raw.close()
    body.seek(0)
    response.raw = body
    return response


def at_instance(url: str, instance_url: str) -> str:
    """Return the address at the present instance.

    simple-salesforce fixes `https://<host>` when it is built; the instance can move later, and a
    local org has no certificate and may live below a path.
    """
    home, parts = urlsplit(instance_url), urlsplit(url)
    return urlunsplit((home.scheme, home.netloc, home.path + parts.path, parts.query, ""))


def _unchanged(request: requests.PreparedRequest) -> requests.PreparedRequest:
    return request


def _answer(response: requests.Response) -> errors.Answer:
    return errors.read_errors(response.status_code, response.content)


def _retry_after(response: requests.Response) -> float | None:
    try:
        return min(float(response.headers["Retry-After"]), 30.0)
    except (KeyError, ValueError):
        return None


def lost(error: requests.RequestException, *, writes: bool) -> errors.SalesforceError:
    """Return the error for an exchange without an answer."""
    host = urlsplit(error.request.url or "").netloc if error.request is not None else "Salesforce"
    if isinstance(error, requests.exceptions.SSLError):
        return errors.Misconfigured(f"{host} does not prove its identity (TLS certificate).")
    if isinstance(error, requests.ConnectTimeout) or _never_connected(error):
        return errors.Unreachable(f"{host} cannot be reached: {_reason(error)}.")
    kind = errors.UnknownOutcome if writes else errors.Busy
    return kind(f"{host} did not answer: {_reason(error)}.")


def _never_connected(error: requests.RequestException) -> bool:
    reason = getattr(error.args[0], "reason", None) if error.args else None
    return isinstance(reason, NewConnectionError | NameResolutionError)


def _reason(error: requests.RequestException) -> str:
    if isinstance(error, requests.Timeout):
        return "timed out"
    reason = getattr(error.args[0], "reason", None) if error.args else None
    if isinstance(reason, NameResolutionError):
        return "no such host"
    if isinstance(reason, NewConnectionError):
        return "connection refused"
    return "connection lost"
