"""Connecting and setting up in the background, with progress, because Salesforce may take minutes to answer.

A page asks (`ask_connect`, `ask`), shows how far it is (`latest`) and may `stop` it; a worker does it (`perform`).
The commands do the same here and now, through `service`.
"""

from __future__ import annotations

import json
from collections.abc import Callable, Mapping
from dataclasses import asdict
from datetime import timedelta
from typing import Final, Protocol

from django.db import transaction
from django.db.models import F

from prm.accounts.rights import Right
from prm.core.clock import now
from prm.core.errors import Refused
from prm.salesforce.adoption.outcome import Outcome
from prm.salesforce.credentials.models import Credential
from prm.salesforce.engine.models import Connection
from prm.salesforce.fieldmap import service as fieldmap
from prm.salesforce.setup import organisation, service
from prm.salesforce.setup.models import Errand
from prm.salesforce.wire.signin import ByCode
from prm.tenancy.context import current_actor
from prm.tenancy.tasks import send_task
from prm.tenancy.use_cases import requires
from prm.tenancy.work.service import is_asked, withdraw

TASK: Final = "salesforce.errand"
# What was found out so long ago is found out again.
FRESH: Final = timedelta(minutes=10)
_ENDED: Final = "It ended in the middle (its process was stopped). Try again: what is there already stays."


class ErrandStopped(Exception):
    """Somebody asked to stop."""


@requires(Right.SYNC_EDIT)
@transaction.atomic
def ask_connect(*, login_url: str, client_id: str, client_secret: str, replaces: bool = False) -> Errand:
    """Have a worker sign in and bind the tenant. Raises `Refused` for what no sign-in is needed to refuse."""
    base = service.check_credentials(login_url, client_id, client_secret)
    return _ask_connect(Credential.Way.SECRET, base, client_id, client_secret, replaces=replaces)


@requires(Right.SYNC_EDIT)
@transaction.atomic
def ask_connect_by_key(*, login_url: str, client_id: str, username: str, replaces: bool = False) -> Errand:
    """Have a worker sign in with the tenant's key. Raises `Refused` for what no sign-in is needed to refuse."""
    base = service.check_credentials(login_url, client_id)
    return _ask_connect(Credential.Way.KEY, base, client_id, username=username.strip(), replaces=replaces)


@requires(Right.SYNC_EDIT)
@transaction.atomic
def ask_connect_by_code(way: ByCode, *, replaces: bool = False) -> Errand:
    """Have a worker exchange the code that a person brought back from Salesforce."""
    return _ask_connect(
        Credential.Way.PERSON,
        way.login_url,
        way.client_id,
        way.client_secret,
        code=way.code,
        verifier=way.verifier,
        redirect_uri=way.redirect_uri,
        allowed_by=current_actor().label,
        replaces=replaces,
    )


def _ask_connect(  # nosec B107 # a secret that there is none of
    way: Credential.Way, base: str, client_id: str, client_secret: str = "", **details: object
) -> Errand:
    return _ask(
        Errand.Kind.CONNECT,
        way=way.value,
        login_url=base,
        client_id=client_id.strip(),
        client_secret=client_secret.strip(),
        details=json.dumps(details),
    )


@requires(Right.SYNC_EDIT)
@transaction.atomic
def ask(kind: Errand.Kind) -> Errand:
    """Have a worker look what is missing in the organisation, or make it."""
    return _ask(kind)


def _ask(kind: Errand.Kind, **credentials: str) -> Errand:
    found: Errand | None = Errand.objects.select_for_update().filter(kind=kind).first()
    if found is not None and found.is_open and is_asked(TASK, {"kind": kind.value}):
        return found
    anew = {
        "state": Errand.State.OPEN, "step": "", "steps_done": 0, "result": {}, "message": "", "field": "",
        "stop_asked": False, "asked_at": now(), "finished_at": None,
    }  # fmt: skip
    errand: Errand = Errand.objects.update_or_create(kind=kind, defaults={**anew, **credentials})[0]
    send_task("salesforce.errand", kind=kind.value)
    return errand


def latest(kind: Errand.Kind) -> Errand | None:
    """Return the last errand of a kind; one whose worker is gone for good has failed."""
    found: Errand | None = Errand.objects.filter(kind=kind).first()
    if found is not None and found.is_open and not is_asked(TASK, {"kind": kind.value}):
        _end(found, Errand.State.FAILED, message=_ENDED)
        found.refresh_from_db()
    return found


def under_way() -> Errand | None:
    """Return an errand that is not over."""
    return next(
        (found for kind in Errand.Kind if (found := latest(kind)) is not None and found.is_open), None
    )


def known_outcome(connection: Connection) -> tuple[Errand, Outcome] | None:
    """Return the last dry run of this connection that came to an end, and what it found."""
    found = latest(Errand.Kind.TRY)
    is_done = found is not None and found.state == Errand.State.DONE
    if found is None or not is_done or found.asked_at < connection.connected_at:
        return None
    return found, Outcome.of_json(found.result)


def known_setup(connection: Connection) -> Errand | None:
    """Return what was last found out about the organisation, if that was a moment ago; or why it was not."""
    since = max(connection.connected_at or now(), now() - FRESH)
    over = Errand.objects.filter(kind__in=(Errand.Kind.LOOK, Errand.Kind.SET_UP), finished_at__gt=since)
    return over.exclude(state=Errand.State.OPEN).order_by("-finished_at").first()


@requires(Right.SYNC_EDIT)
@transaction.atomic
def stop(kind: Errand.Kind) -> None:
    """Stop an errand: at once if nobody has begun it, else before its next call to Salesforce."""
    withdraw(TASK, {"kind": kind.value})
    found = Errand.objects.select_for_update().filter(kind=kind, state=Errand.State.OPEN).first()
    if found is None:
        return
    if is_asked(TASK, {"kind": kind.value}):
        Errand.objects.filter(pk=found.pk).update(stop_asked=True)
    else:
        _end(found, Errand.State.STOPPED)


def perform(kind: Errand.Kind) -> None:
    """Do the errand of the tenant in scope. Its trouble is kept for the page; anything unforeseen is raised, too."""
    with transaction.atomic():
        errand = Errand.objects.filter(kind=kind, state=Errand.State.OPEN).first()
    if errand is None:
        return
    try:
        result = _do(errand)
    except ErrandStopped:
        _end(errand, Errand.State.STOPPED)
    except Refused as refused:
        _end(
            errand,
            Errand.State.FAILED,
            message=refused.message,
            field=refused.field or "",
            result={"code": refused.code},
        )
    except Exception as error:
        _end(
            errand,
            Errand.State.FAILED,
            message=f"Something went wrong here ({type(error).__name__}). Try again.",
        )
        raise
    else:
        _end(errand, Errand.State.DONE, result=result)


class _Found(Protocol):
    """What was found out, as it is kept."""

    def as_json(self) -> dict[str, object]: ...


_FINDING: Final[Mapping[str, Callable[[Callable[[str], None]], _Found]]] = {
    Errand.Kind.READ: service.read_there,
    Errand.Kind.TRY: service.try_start,
    Errand.Kind.TRY_MAP: fieldmap.try_draft,
}


def _do(errand: Errand) -> dict[str, object]:
    def report(step: str) -> None:
        _note(errand, step)

    if errand.kind == Errand.Kind.CONNECT:
        report("Signing in")
        return {"connected": str(_connect(errand))}
    if errand.kind == Errand.Kind.START:
        report("Comparing what is here")
        return {"started": str(service.start())}
    if errand.kind == Errand.Kind.DESCRIBE:
        return {"objects": fieldmap.read_objects(report)}
    if errand.kind in _FINDING:
        return _FINDING[errand.kind](report).as_json()
    made: organisation.SetUp = service.set_up(dry_run=errand.kind == Errand.Kind.LOOK, report=report)
    return asdict(made)


def _connect(errand: Errand) -> Connection:
    details = json.loads(errand.details or "{}")
    app = {"login_url": errand.login_url, "client_id": errand.client_id}
    replaces = bool(details.get("replaces"))
    if errand.way == Credential.Way.KEY:
        by_key: Connection = service.connect_by_key(**app, username=details["username"], replaces=replaces)
        return by_key
    if errand.way == Credential.Way.PERSON:
        back = {name: details[name] for name in ("code", "verifier", "redirect_uri")}
        way = ByCode(**app, client_secret=errand.client_secret, **back)
        by_code: Connection = service.connect_by_code(
            way=way, allowed_by=details["allowed_by"], replaces=replaces
        )
        return by_code
    bound: Connection = service.connect(**app, client_secret=errand.client_secret, replaces=replaces)
    return bound


@transaction.atomic
def _note(errand: Errand, step: str) -> None:
    mine = Errand.objects.filter(pk=errand.pk, state=Errand.State.OPEN)
    if mine.filter(stop_asked=True).exists():
        raise ErrandStopped
    mine.update(step=step[:255], steps_done=F("steps_done") + 1)


@transaction.atomic
def _end(
    errand: Errand,
    state: Errand.State,
    *,
    message: str = "",
    field: str = "",
    result: dict[str, object] | None = None,
) -> None:
    # Asked anew meanwhile (another moment of asking), it is no longer this worker's.
    Errand.objects.filter(pk=errand.pk, asked_at=errand.asked_at).update(
        state=state,
        message=message,
        field=field,
        result=result or {},
        client_secret="",  # nosec B106 # empties the secret
        details="",
        finished_at=now(),
    )
