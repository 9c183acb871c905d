"""What people do about the connection: connect, set up, start, pause, disconnect.

Connecting writes nothing: the connection rests until somebody starts it (`resting` → `connected` → `paused` →
`disconnected`); signing in again changes nothing of that.

All run in the scope of a tenant. Those that talk to Salesforce say so; what they store, they store
in one transaction after the talking.
"""

from __future__ import annotations

from collections.abc import Callable
from datetime import datetime
from typing import NotRequired, TypedDict, TypeVar
from urllib.parse import urlsplit

from django.db import connection as database
from django.db import transaction

from prm.accounts.rights import Right
from prm.core.clock import now
from prm.core.errors import Refused
from prm.core.notation.reader import figure
from prm.core.outgoing.addresses import is_loopback
from prm.salesforce.adoption import reading, trying
from prm.salesforce.adoption import service as adoption
from prm.salesforce.adoption.outcome import Outcome
from prm.salesforce.adoption.reading import ReadThere
from prm.salesforce.credentials import keys
from prm.salesforce.credentials.models import Credential
from prm.salesforce.engine import resting, store
from prm.salesforce.engine.models import (
    Conflict,
    Connection,
    Outbox,
    PullCursor,
    RecordLink,
    SyncProblem,
    SyncSchedule,
    SyncState,
)
from prm.salesforce.inbox.service import try_again
from prm.salesforce.linesets.models import LineSet
from prm.salesforce.mapping import capture, registry
from prm.salesforce.matches.models import Match
from prm.salesforce.runs.tokens import StoredTokens, check_organisation
from prm.salesforce.setup import organisation
from prm.salesforce.shapes.models import ObjectShape
from prm.salesforce.wire import errors
from prm.salesforce.wire.client import Org, Organisation
from prm.salesforce.wire.signin import ByAssertion, ByCode, ByCredentials, FixedTokens, Way, revoke, sign_in
from prm.salesforce.wire.transport import Grant, checked_url
from prm.tenancy.context import as_sweep, current_tenant
from prm.tenancy.signals import system_connecting
from prm.tenancy.use_cases import needs_no_right, requires

POLL_SECONDS = 60


POLL_SECONDS_LOCAL = 15
REFRESHED = (
    "If your sandbox was refreshed, this is what it looks like: a new id, the data of production, and no session from before. "
    "Sign in once more and tick “This is our sandbox, refreshed”: what was known of the old one's records is forgotten, and the "
    "connection rests until you have looked at the accounts and started it. If it was not refreshed, you signed in to "
    "the wrong organisation; nothing was read or sent, and the new session was ended. Disconnect first, if another "
    "organisation is to take its place."
)
T = TypeVar("T")


@needs_no_right("turns errors into words")
def refusing(work: Callable[[], T], field: str | None = None) -> T:
    """Run something that talks to Salesforce; its trouble becomes one sentence for the person."""
    try:
        return work()
    except errors.SalesforceError as error:
        cause = error.refusal if isinstance(error, errors.SignInRefused) else ""
        raise Refused(
            _sentence(error), field=field, code=f"sign_in:{cause}" if cause else "salesforce"
        ) from error


def _sentence(error: errors.SalesforceError) -> str:
    if isinstance(error, errors.SignInRefused):
        return f"Salesforce refuses the sign-in: {error}"
    if isinstance(error, errors.UnknownOutcome):
        return f"{error} Begin again: what was brought back works once."
    return str(error)


@requires(Right.SYNC_EDIT)
def connect(*, login_url: str, client_id: str, client_secret: str, replaces: bool = False) -> Connection:
    """Sign in by client credentials and bind the tenant to the organisation; talks to Salesforce.

    Nothing is stored unless the sign-in works, and nothing is read or written there by it: a new connection rests
    until `start`. With `replaces` a refreshed sandbox takes the place of the one that was connected. Raises `Refused`:
    bad address, refused sign-in, not reachable, another organisation than the one the tenant is bound to.
    """
    base = check_credentials(login_url, client_id, client_secret)
    way = ByCredentials(base, client_id.strip(), client_secret.strip())
    return _connect(way, {"way": Credential.Way.SECRET}, replaces=replaces)


@requires(Right.SYNC_EDIT)
def connect_by_key(
    *, login_url: str, client_id: str, username: str, private_key: str = "", replaces: bool = False
) -> Connection:
    """Do the same by JWT bearer, with the tenant's key or one that is given (PEM), in the name of a user there."""
    base = check_credentials(login_url, client_id)
    if not username.strip():
        raise Refused("The user name is empty.", field="username", code="required")
    key = refusing(lambda: keys.checked(private_key)) if private_key else ""
    with transaction.atomic():
        known = keys.stored()
    # One that waits to replace the present key is what the person has uploaded.
    own = (known.next_key or known.private_key) if known is not None else ""
    if not (key or own):
        raise Refused("There is no key yet: make one and upload its certificate to the app.", code="no_key")
    way = ByAssertion(base, client_id.strip(), username.strip(), key or own)
    kept: dict[str, str] = {
        "way": Credential.Way.KEY,
        "username": username.strip(),
        "private_key": key or own,
    }
    if key:
        kept["certificate"] = ""
    elif known is not None and known.next_key:
        kept["certificate"] = known.next_certificate
    return _connect(way, {**kept, "next_key": "", "next_certificate": ""}, replaces=replaces)


@requires(Right.SYNC_EDIT)
def connect_by_code(*, way: ByCode, allowed_by: str, replaces: bool = False) -> Connection:
    """Do the same with the code that a person (`allowed_by`) brought back from Salesforce. A code works once."""
    return _connect(way, {"way": Credential.Way.PERSON, "allowed_by": allowed_by[:120]}, replaces=replaces)


def _connect(way: Way, kept: dict[str, str], *, replaces: bool) -> Connection:
    with transaction.atomic():
        system_connecting.send(sender=Connection)
        old = Connection.objects.exclude(state=Connection.State.DISCONNECTED).first()
    grant = refusing(lambda: sign_in(way))
    try:
        about = _learn(grant, old, replaces=replaces)
    except Refused:
        revoke(way.login_url, grant.refresh_token or grant.token)
        raise
    values: _Binding = {
        "login_url": way.login_url,
        "client_id": way.client_id,
        "client_secret": way.client_secret if not isinstance(way, ByAssertion) else "",
        "organization_id": about.id or grant.organization_id,
        "organization_name": about.name[:120],
        "is_sandbox": about.is_sandbox,
        "edition": about.edition[:40],
        "currency": about.currency,
        "many_currencies": about.many_currencies,
        "user_id": grant.user_id,
        "state_note": "",
    }
    return _bind(values, grant, about, kept, replaces=replaces)


def _learn(grant: Grant, old: Connection | None, *, replaces: bool) -> Organisation:
    """Return what the organisation says of itself, if it may be connected. Its id is looked at before it is asked."""
    elsewhere = old is not None and old.organization_id[:15] != grant.organization_id[:15]
    if old is not None and elsewhere and not replaces:
        raise _another_organisation(old, grant.organization_id)
    about: Organisation = refusing(lambda: Org(FixedTokens(grant)).organisation())
    if old is not None and elsewhere and not (old.is_sandbox and about.is_sandbox):
        raise Refused(
            f"{about.name or grant.organization_id} does not replace {old}: only a sandbox is refreshed, and both "
            "have to be one. Disconnect first, if the organisation was replaced by another.",
            code="no_sandbox",
        )
    return about


def _another_organisation(old: Connection, found: str) -> Refused:
    words = f"This sign-in leads to Salesforce organisation {found}, but the tenant is connected to {old.organization_id}."
    if old.is_sandbox:
        return Refused(f"{words} {REFRESHED}", code="refreshed_sandbox")
    return Refused(
        f"{words} Nothing was read or sent, and the new session was ended. Sign in to {old}; or disconnect first, if it "
        "was replaced by another organisation.",
        code="another_organisation",
    )


@needs_no_right("checks what was typed")
def check_credentials(login_url: str, client_id: str, client_secret: str | None = None) -> str:
    """Return the address in its plain form. Raises `Refused` for a bad address and for what is empty."""
    base: str = refusing(lambda: checked_url(login_url), "login_url")
    for value, name, words in (
        (client_id, "client_id", "The client id (consumer key)"),
        (client_secret, "client_secret", "The client secret (consumer secret)"),
    ):
        if value is not None and not value.strip():
            raise Refused(f"{words} is empty.", field=name, code="required")
    return base


class _Binding(TypedDict):
    """What is stored of a connection."""

    login_url: str
    client_id: str
    client_secret: str
    organization_id: str
    organization_name: str
    is_sandbox: bool
    edition: str
    currency: str
    many_currencies: bool
    user_id: str
    state_note: str
    state: NotRequired[Connection.State]
    poll_seconds: NotRequired[int]
    connected_at: NotRequired[datetime]
    set_up_at: NotRequired[datetime | None]
    started_at: NotRequired[datetime | None]
    read_at: NotRequired[datetime | None]


@transaction.atomic
def _bind(
    values: _Binding, grant: Grant, about: Organisation, kept: dict[str, str], *, replaces: bool
) -> Connection:
    old = Connection.objects.select_for_update().first()
    fresh = old is None or old.state == Connection.State.DISCONNECTED
    if old is not None and old.organization_id[:15] != values["organization_id"][:15]:
        if not fresh and not replaces:
            refusing(lambda: check_organisation(old.organization_id, values["organization_id"]))
        _forget()
        values["set_up_at"] = values["started_at"] = None
        fresh = True
    local = is_loopback(urlsplit(values["login_url"]).hostname or "")
    values["poll_seconds"] = POLL_SECONDS_LOCAL if local else POLL_SECONDS
    values["state"] = Connection.State.RESTING if fresh else _after_sign_in(old)
    if fresh:
        values["connected_at"], values["read_at"] = now(), None
    bound: Connection = Connection.objects.update_or_create(defaults=values)[0]
    SyncState.objects.update_or_create(
        defaults={
            "access_token": grant.token,
            "instance_url": grant.instance_url,
            "failures": 0,
            "not_before": None,
            "message": "",
            **_calls(about),
        }
    )
    _keep(kept, grant)
    _schedule(bound)
    return bound


def _keep(kept: dict[str, str], grant: Grant) -> None:
    """Store how the connection signs in from now on. Whoever renews the former session finds that it is over."""
    Credential.objects.update_or_create(
        defaults={
            **kept,
            "refresh_token": grant.refresh_token,
            "renewed_at": now(),
            "renewal": None,
            "lost_at": None,
            "refusal": "",
            "found_organization": "",
        }
    )


def _after_sign_in(old: Connection | None) -> Connection.State:
    """Return in which state signing in leaves a connection: a new one rests, a paused one stays paused."""
    if old is None or old.state in (Connection.State.DISCONNECTED, Connection.State.RESTING):
        return Connection.State.RESTING
    if old.state == Connection.State.PAUSED:
        return Connection.State.PAUSED
    return Connection.State.CONNECTED


def _calls(about: Organisation) -> dict[str, int | None]:
    if about.calls_limit is None or about.calls_left is None:
        return {}
    return {"org_limit": about.calls_limit, "org_used": about.calls_limit - about.calls_left}


def _enqueue_known() -> None:
    """Compare all that was in step before, too: what was deleted here meanwhile is in no table any more."""
    for one in registry.mappings().values():
        known = RecordLink.objects.filter(mapping=one.key, state=RecordLink.State.LINKED)
        store.enqueue(one, list(known.values_list("record_id", flat=True)), anew=False)


def _forget() -> None:
    """Drop what was known about records of another organisation: their ids mean nothing here."""
    for model in (RecordLink, PullCursor, SyncProblem, Outbox, Match, LineSet):
        model.objects.all().delete()
    Conflict.objects.filter(state=Conflict.State.OPEN).delete()


def _schedule(bound: Connection) -> None:
    is_over = bound.state == Connection.State.DISCONNECTED
    SyncSchedule.objects.update_or_create(
        defaults={
            "is_active": bound.is_running,
            "organization_id": "" if is_over else bound.organization_id[:18],
            "poll_seconds": bound.poll_seconds,
            "not_before": None,
            "queued_until": None,
        },
    )


def _connection() -> Connection:
    found: Connection | None = Connection.objects.exclude(state=Connection.State.DISCONNECTED).first()
    if found is None:
        raise Refused(f"{current_tenant().name} is not connected to Salesforce.", code="not_connected")
    return found


@requires(Right.SYNC_EDIT)
def start() -> Connection:
    """Begin to exchange: from now on changes are captured, and every record is compared and sent once.

    What was found to be there already, certainly or by a decision, is linked first; what is undecided waits.

    What runs already goes on. Where nobody has looked yet what is there, that is read first. Raises `Refused` while it
    is paused or signed out, and when that reading finds records that may be ours: a person looks at them first.
    """
    with transaction.atomic():
        bound = _connection()
        wanted = {one.key for one in registry.mappings().values() if one.adopt is not None}
    if bound.is_resting and (bound.read_at is None or not wanted <= set(bound.objects_read)):
        _refuse_unseen(read_there())
    return _begin()


def _refuse_unseen(found: ReadThere) -> None:
    counts = {state: found.counts.get(state.value, 0) for state in (Match.State.CERTAIN, Match.State.OPEN)}
    if any(counts.values()):
        raise Refused(
            f"{figure(counts[Match.State.CERTAIN])} records in Salesforce are yours already and {figure(counts[Match.State.OPEN])} "
            "may be: look at them first (Adopt accounts, or salesforce_adopt), then start.",
            code="look_first",
        )


@transaction.atomic
def _begin() -> Connection:
    bound = _connection()
    if bound.is_running:
        return bound
    if not bound.is_resting:
        words = f"The connection was started before and is {bound.get_state_display().lower()}: resume it."
        raise Refused(words, code="started_before")
    Connection.objects.filter(pk=bound.pk).update(started_at=now())
    started = _set_state(Connection.State.CONNECTED, "")
    adoption.carry_out()
    resting.refresh(wake=False)
    capture.enqueue_all(database, registry.mappings().values())
    _enqueue_known()
    return started


@requires(Right.SYNC_EDIT)
@transaction.atomic
def pause() -> Connection:
    """Stop exchanging changes; they are captured and wait. Raises `Refused` for what was never started."""
    _refuse_resting()
    return _set_state(Connection.State.PAUSED, "")


@requires(Right.SYNC_EDIT)
@transaction.atomic
def resume() -> Connection:
    """Go on after a pause or a cured sign-in. Raises `Refused` for what was never started."""
    _refuse_resting()
    SyncState.objects.update(not_before=None, failures=0)
    return _set_state(Connection.State.CONNECTED, "")


def _refuse_resting() -> None:
    if _connection().is_resting:
        raise Refused("The connection was not started yet: nothing is exchanged.", code="not_started")


@requires(Right.SYNC_EDIT)
@transaction.atomic
def disconnect() -> Connection:
    """End the connection and forget its secrets, here and at Salesforce. Links stay: starting again goes on from there."""
    bound = _set_state(Connection.State.DISCONNECTED, "")
    # In the order in which renewals lock them.
    session = SyncState.objects.select_for_update().first()
    held = Credential.objects.select_for_update().first()
    tokens = [
        held.refresh_token if held is not None else "",
        session.access_token if session is not None else "",
    ]
    bound.client_secret = ""  # nosec B105 # empties the secret
    bound.save(update_fields=["client_secret"])
    SyncState.objects.update(access_token="")  # nosec B106 # empties the secret
    _forget_credential(held)
    Outbox.objects.all().delete()
    token = next(filter(None, tokens), "")
    if token:
        # What a person has allowed ends there as well; whether Salesforce hears of it changes nothing here.
        transaction.on_commit(lambda: revoke(bound.login_url, token))
    return bound


def _forget_credential(held: Credential | None) -> None:
    """Forget what a person has allowed, and a key that was brought; PRM's own key stays, and its certificate holds."""
    if held is None:
        return
    held.way = Credential.Way.SECRET
    held.refresh_token = held.refusal = held.found_organization = ""  # nosec B105 # forgotten
    held.lost_at = None
    if not held.certificate:
        held.private_key = ""
    held.save()


def _set_state(state: str, note: str) -> Connection:
    bound = _connection()
    bound.state, bound.state_note = state, note
    bound.save(update_fields=["state", "state_note"])
    _schedule(bound)
    return bound


@requires(Right.SYNC_EDIT)
def read_there(report: Callable[[str], None] = lambda _step: None) -> ReadThere:
    """Read what is there already and find out whom of ours it is; writes nothing there. Raises `Refused`.

    `report` is told before each step what it is, and may raise to end it there. It can be repeated.
    """
    with transaction.atomic():
        _connection()
    found: ReadThere = refusing(lambda: reading.read(report))
    return found


@requires(Right.SYNC_EDIT)
def try_start(report: Callable[[str], None] = lambda _step: None) -> Outcome:
    """Read what is there, and say what starting would do; writes nothing there. Raises `Refused`.

    `report` is told before each step what it is, and may raise to end it there.
    """
    with transaction.atomic():
        bound = _connection()
    elsewhere = is_used_elsewhere(bound)
    read_there(report)
    outcome: Outcome = refusing(lambda: trying.try_start(report, elsewhere=elsewhere))
    return outcome


@needs_no_right("says only whether, and nothing of whom")
def is_used_elsewhere(bound: Connection) -> bool:
    """Whether another tenant of this installation is connected to the same organisation."""
    with as_sweep():
        every = SyncSchedule.objects.unscoped("two tenants of one organisation would overwrite each other")
        same = every.filter(organization_id__startswith=bound.organization_id[:15])
        return bool(bound.organization_id) and same.exclude(tenant_id=bound.tenant_id).exists()


@requires(Right.SYNC_EDIT)
def set_up(
    *, dry_run: bool = False, report: Callable[[str], None] = lambda _step: None
) -> organisation.SetUp:
    """Make in the organisation what the mappings need; talks to Salesforce. Raises `Refused`.

    `report` is told before each step what it is, and may raise to end the set-up there.
    """
    with transaction.atomic():
        bound = _connection()
    result: organisation.SetUp = refusing(
        lambda: organisation.set_up(
            Org(StoredTokens()),
            registry.mappings().values(),
            user_id=bound.user_id,
            dry_run=dry_run,
            report=report,
        )
    )
    if result.complete and not dry_run:
        with transaction.atomic():
            Connection.objects.filter(pk=bound.pk).update(set_up_at=now())
            ObjectShape.objects.update(looked_at=None)
            # What was refused for a missing field can go now.
            try_again()
    return result
