"""Signing in to Salesforce, in the four ways that PRM knows. Stores nothing; who renews a tenant's token is `runs/tokens.py`.

A way that can be asked again (client credentials, JWT bearer) loses nothing with its answer. A code and a refresh token
work once: whatever is not a clear answer to them is `UnknownOutcome`, and they are never repeated here.
"""

from __future__ import annotations

import logging
import re
from collections.abc import Mapping
from dataclasses import dataclass, field
from datetime import UTC, datetime, timedelta
from email.utils import parsedate_to_datetime

from prm.core.clock import now
from prm.core.notation.reader import figure
from prm.core.outgoing.errors import OutgoingError
from prm.core.outgoing.session import OutgoingSession, Response
from prm.salesforce.wire import errors, refusals
from prm.salesforce.wire.transport import Grant, checked_url, lost

logger = logging.getLogger(__name__)

SIGN_IN_SECONDS = 20.0
"""For asking and the whole answer."""

MOST_BYTES = 2**16
"""A token answer has about 1 KB."""

REVOKE_SECONDS = 5.0
SKEW = timedelta(seconds=60)
"""By so much a clock may be wrong before it is suspected."""

_JWT_BEARER = "urn:ietf:params:oauth:grant-type:jwt-bearer"
_IDENTITY = re.compile(r"/id/(00D[A-Za-z0-9]{12}(?:[A-Za-z0-9]{3})?)/([A-Za-z0-9]{15,18})\Z")


@dataclass(frozen=True, slots=True)
class ByCredentials:
    """Client credentials: the app's fixed user."""

    login_url: str
    client_id: str
    client_secret: str = field(repr=False)


@dataclass(frozen=True, slots=True)
class ByAssertion:
    """JWT bearer: a user who has admitted the app, proved by the app's key (PEM)."""

    login_url: str
    client_id: str
    username: str
    private_key: str = field(repr=False)


@dataclass(frozen=True, slots=True)
class ByCode:
    """The end of the web server flow: a person has allowed the app and was sent back with a code."""

    login_url: str
    client_id: str
    client_secret: str = field(repr=False)
    code: str = field(repr=False)
    verifier: str = field(repr=False)
    redirect_uri: str


@dataclass(frozen=True, slots=True)
class ByRefresh:
    """What a person has allowed before, used again; where refresh tokens rotate, each works once."""

    login_url: str
    client_id: str
    client_secret: str = field(repr=False)
    refresh_token: str = field(repr=False)


Way = ByCredentials | ByAssertion | ByCode | ByRefresh


def sign_in(way: Way) -> Grant:
    """Return a grant.

    Raises `SignInRefused`, `Unreachable`, `Busy`, `UnknownOutcome` (of what works once), or `Misconfigured` for an
    address or a key that may not be used. Nothing is stored, and nothing that was answered is repeated in words:
    nobody has proved yet that it is Salesforce who answers.
    """
    base = checked_url(way.login_url)
    if isinstance(way, ByAssertion):
        return _by_assertion(base, way)
    response = _ask(base, _form(way), once=isinstance(way, ByCode | ByRefresh))
    grant = _grant(base, response, once=isinstance(way, ByCode | ByRefresh))
    if isinstance(way, ByCode) and not grant.refresh_token:
        # Without it the session could never be renewed.
        scope = refusals.KNOWN["invalid_scope"]
        raise errors.SignInRefused(scope.sentence, code=scope.code, refusal=scope.key)
    return grant


def _form(way: ByCredentials | ByCode | ByRefresh) -> dict[str, str]:
    app = {"client_id": way.client_id}
    if way.client_secret:
        app["client_secret"] = way.client_secret
    if isinstance(way, ByCode):
        return {
            "grant_type": "authorization_code",
            "code": way.code,
            "code_verifier": way.verifier,
            "redirect_uri": way.redirect_uri,
            **app,
        }
    if isinstance(way, ByRefresh):
        return {"grant_type": "refresh_token", "refresh_token": way.refresh_token, **app}
    return {"grant_type": "client_credentials", **app}


def _by_assertion(base: str, way: ByAssertion) -> Grant:
    """Ask with a signed assertion; once more by Salesforce's clock where ours differs from it."""
    from prm.salesforce.wire import assertion  # noqa: PLC0415 - heavy, rarely used

    def ask(at: datetime) -> Response:
        signed = assertion.assertion(
            client_id=way.client_id,
            username=way.username,
            audience=base,
            private_key=way.private_key,
            at=at,
        )
        return _ask(base, {"grant_type": _JWT_BEARER, "assertion": signed}, once=False)

    began = now()
    response = ask(began)
    theirs = _date(response)
    if response.status_code != 400 or theirs is None or abs(theirs - began) < SKEW:
        return _grant(base, response, once=False)
    # An assertion changes nothing there, so it may be repeated.
    off = round((began - theirs).total_seconds())
    logger.warning("salesforce: this machine's clock is %d seconds off Salesforce's", off)
    try:
        return _grant(base, ask(theirs), once=False)
    except errors.SignInRefused as error:
        said = f"{error.message} (This machine's clock is {figure(abs(off))} seconds {'ahead of' if off > 0 else 'behind'} Salesforce's.)"
        raise errors.SignInRefused(
            said, code=error.code, status=error.status, refusal=error.refusal
        ) from error


def _ask(base: str, form: Mapping[str, str], *, once: bool) -> Response:
    with OutgoingSession(seconds=SIGN_IN_SECONDS, most_bytes=MOST_BYTES) as session:
        try:
            return session.post(
                f"{base}/services/oauth2/token", data=dict(form), headers={"Accept": "application/json"}
            )
        except OutgoingError as error:
            raise lost(error, writes=once) from error


def revoke(login_url: str, token: str) -> bool:
    """End a session, or all that a refresh token stands for; tell whether Salesforce says so. Raises nothing."""
    try:
        base = checked_url(login_url)
        with OutgoingSession(seconds=REVOKE_SECONDS, most_bytes=MOST_BYTES) as session:
            answer = session.post(f"{base}/services/oauth2/revoke", data={"token": token})
    except (OutgoingError, errors.Misconfigured):
        return False
    return bool(answer.status_code == 200)


def _grant(base: str, response: Response, *, once: bool) -> Grant:
    if response.status_code != 200:
        raise _refusal(base, response, once=once)
    body = errors.parsed(response.content)
    token, instance, identity = (_word(body, name) for name in ("access_token", "instance_url", "id"))
    who = _IDENTITY.search(identity)
    if not token or not instance or not token.isascii() or not token.isprintable() or who is None:
        # Cut off on the way, perhaps: what works once may have been used by it.
        raise _unknown(base) if once else _not_salesforce(base)
    try:
        home = checked_url(instance)
    except errors.Misconfigured as error:
        raise errors.SignInRefused(
            f"{base} names an address for the data that PRM does not call: it is not https://."
        ) from error
    return Grant(token, home, who[1], who[2], _word(body, "refresh_token"))


def _word(body: object, name: str) -> str:
    value = body.get(name) if isinstance(body, dict) else None
    return value if isinstance(value, str) else ""


def _date(response: Response) -> datetime | None:
    try:
        return parsedate_to_datetime(response.headers["Date"]).astimezone(UTC)
    except (KeyError, ValueError):
        return None


def _not_salesforce(base: str) -> errors.SignInRefused:
    return errors.SignInRefused(
        f"{base} does not answer like Salesforce. Is this the address of your organisation?"
    )


def _unknown(base: str) -> errors.UnknownOutcome:
    return errors.UnknownOutcome(f"{base} took the sign-in, and its answer did not arrive whole.")


def _refused(code: str, description: str, status: int) -> errors.SignInRefused | None:
    known = refusals.find(code, description)
    if known is None:
        return None
    return errors.SignInRefused(known.sentence, code=code, status=status, refusal=known.key)


def _refusal(base: str, response: Response, *, once: bool) -> errors.SalesforceError:
    status, body = response.status_code, errors.parsed(response.content)
    code = errors.answer_of(status, body).first.code
    if status >= 500 and once:
        return _unknown(base)
    if code == "rate_limit_exceeded" or status in (429, 503) or status >= 500:
        return errors.Busy(f"{base} does not take sign-ins at the moment (HTTP {status}).", status=status)
    known = _refused(code, _word(body, "error_description"), status)
    if known is not None:
        return known
    if 300 <= status < 400:
        return errors.SignInRefused(
            f"{base} sends on to another address, which PRM does not follow. Use the address of your "
            "organisation (My Domain) itself.",
            status=status,
        )
    return errors.SignInRefused(
        f"{base} does not offer Salesforce's sign-in (HTTP {status}). "
        "Use the address of your organisation (My Domain).",
        status=status,
    )


class FixedTokens:
    """A grant held in memory, for the first sign-in before anything is stored."""

    def __init__(self, grant: Grant) -> None:
        """`grant` is used as long as Salesforce accepts it."""
        self._grant = grant

    def current(self) -> Grant:
        """Return the grant."""
        return self._grant

    def renew(self, stale: str) -> Grant:
        """Refuse: a token that was just issued and is not accepted will not get better."""
        raise errors.SignInRefused("Salesforce issued a session and does not accept it.")
