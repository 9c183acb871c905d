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
from prm.core.outgoing.addresses import is_loopback
from prm.salesforce.adoption import reading, trying
from prm.salesforce.adoption import service as adoption
from prm.salesforce.adoption.outcome import Outcome
from prm.salesforce.adoption.reading import ReadThere
from prm.salesforce.engine import store
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
from prm.salesforce.mapping import capture, registry
from prm.salesforce.matches.models import Match
from prm.salesforce.runs.tokens import StoredTokens, check_organisation
from prm.salesforce.setup import organisation
from prm.salesforce.shapes.models import ObjectShape
from prm.salesforce.wire import errors
from prm.salesforce.wire.client import Org, Organisation
from prm.salesforce.wire.signin import FixedTokens, sign_in
from prm.salesforce.wire.transport import Grant, checked_url
from prm.tenancy.context import as_sweep, current_tenant
from prm.tenancy.signals import system_connecting
from prm.tenancy.use_cases import needs_no_right, requires

POLL_SECONDS = 60


POLL_SECONDS_LOCAL = 15
T = TypeVar("T")


@needs_no_right("turns errors into words")
def refusing(work: Callable[[], T], field: str | None = None) -> T:
    """Run something that talks to Salesforce; its trouble becomes one sentence for the person."""
    try:
        return work()
    except errors.SalesforceError as error:
        raise Refused(_sentence(error), field=field, code="salesforce") from error


def _sentence(error: errors.SalesforceError) -> str:
    if isinstance(error, errors.SignInRefused):
        return f"Salesforce refuses the sign-in: {error}"
    return str(error)


@requires(Right.SYNC_EDIT)
def connect(*, login_url: str, client_id: str, client_secret: str) -> Connection:
    """Sign in by client credentials and bind the tenant to the organisation; talks to Salesforce.

    Nothing is stored unless the sign-in works, and nothing is read or written there by it: a new connection rests
    until `start`. Raises `Refused`: bad address, refused sign-in, not reachable, another organisation than the one
    the tenant is bound to.
    """
    with transaction.atomic():
        system_connecting.send(sender=Connection)
    base = check_credentials(login_url, client_id, client_secret)
    grant = refusing(lambda: sign_in(base, client_id.strip(), client_secret.strip()))
    about = refusing(lambda: Org(FixedTokens(grant)).organisation())
    values: _Binding = {
        "login_url": base,
        "client_id": client_id.strip(),
        "client_secret": client_secret.strip(),
        "organization_id": about.id or grant.organization_id,
        "organization_name": about.name[:120],
        "is_sandbox": about.is_sandbox,
        "edition": about.edition[:40],
        "currency": about.currency,
        "many_currencies": about.many_currencies,
        "user_id": grant.user_id,
        "state_note": "",
    }
    return _bind(values, grant, about)


@needs_no_right("checks what was typed")
def check_credentials(login_url: str, client_id: str, client_secret: str) -> str:
    """Return the address in its plain form. Raises `Refused` for a bad address and for what is empty."""
    base: str = refusing(lambda: checked_url(login_url), "login_url")
    for value, name, words in (
        (client_id, "client_id", "The client id (consumer key)"),
        (client_secret, "client_secret", "The client secret (consumer secret)"),
    ):
        if not value.strip():
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
    read_at: NotRequired[datetime | None]


@transaction.atomic
def _bind(values: _Binding, grant: Grant, about: Organisation) -> Connection:
    old = Connection.objects.select_for_update().first()
    fresh = old is None or old.state == Connection.State.DISCONNECTED
    if old is not None and not fresh:
        refusing(lambda: check_organisation(old.organization_id, values["organization_id"]))
    if old is not None and old.organization_id[:15] != values["organization_id"][:15]:
        _forget()
        values["set_up_at"] = None
    local = is_loopback(urlsplit(values["login_url"]).hostname or "")
    values["poll_seconds"] = POLL_SECONDS_LOCAL if local else POLL_SECONDS
    values["state"] = _after_sign_in(old)
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
    _schedule(bound)
    return bound


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
    for model in (RecordLink, PullCursor, SyncProblem, Outbox, Match):
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
    if bound.is_resting and bound.read_at is None:
        _refuse_unseen(read_there())
    return _begin()


def _refuse_unseen(found: ReadThere) -> None:
    counts = {state: found.counts.get(state.value, 0) for state in (Match.State.CERTAIN, Match.State.OPEN)}
    if any(counts.values()):
        raise Refused(
            f"{counts[Match.State.CERTAIN]:,} records in Salesforce are yours already and {counts[Match.State.OPEN]:,} "
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
    """End the connection and forget its secrets. Links stay: starting again goes on from there."""
    bound = _set_state(Connection.State.DISCONNECTED, "")
    bound.client_secret = ""  # nosec B105 # empties the secret
    bound.save(update_fields=["client_secret"])
    SyncState.objects.update(access_token="")  # nosec B106 # empties the secret
    Outbox.objects.all().delete()
    return bound


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
