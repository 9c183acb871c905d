"""What people do about the mapping: read what there is, who owns it, draft, put in force, go back.

A draft changes nothing. Putting it in force compares every record of what it changes, as starting does.
All run in the scope of a tenant; those that talk to Salesforce say so.
"""

from __future__ import annotations

from collections.abc import Callable
from dataclasses import replace

from django.db import connection as database
from django.db import transaction
from django.db.models import Max

from prm.accounts.rights import Right
from prm.core.clock import now
from prm.core.errors import Refused
from prm.mapping import Mapping
from prm.mapping.persons import IS_PERSON, RECORD_TYPE
from prm.salesforce.adoption import trying
from prm.salesforce.adoption.outcome import Outcome
from prm.salesforce.engine import resting, store
from prm.salesforce.engine.models import Conflict, Connection, SyncProblem
from prm.salesforce.fieldmap import looking
from prm.salesforce.fieldmap.checking import checked_object
from prm.salesforce.mapping import capture, describing, registry
from prm.salesforce.mapping.choices import (
    Choices,
    Constant,
    FieldChoice,
    KindChoice,
    LinesChoice,
    ObjectChoice,
    ScopeChoice,
    TakesChoice,
    of_json,
)
from prm.salesforce.mapping.models import MappingVersion
from prm.salesforce.mapping.words import differences
from prm.salesforce.owners import service as owners
from prm.salesforce.products.wanted import ITEM
from prm.salesforce.runs.returning import forget_agreed
from prm.salesforce.runs.tokens import StoredTokens
from prm.salesforce.shapes.models import ObjectShape
from prm.salesforce.wire import errors, soql
from prm.salesforce.wire.client import Org
from prm.tenancy.context import current_actor
from prm.tenancy.use_cases import needs_no_right, requires

State = MappingVersion.State
AS_DELIVERED = 1
"""The number of the version in which all is as declared."""


@requires(Right.SYNC_EDIT)
def read_objects(report: Callable[[str], None] = lambda _step: None) -> int:
    """Read how the organisation describes the objects of the mapping and of the draft; talks to Salesforce.

    Returns how many were read. Raises `Refused` without a connection, and for what Salesforce refuses.
    """
    with transaction.atomic():
        bound = _connection()
        wanted = {one.sobject for one in registry.declared().values()}
        for choices in (registry.choices_in_force(), drafted()):
            wanted |= {one.sobject for one in choices.objects.values() if one.sobject}
            wanted |= {ITEM for one in choices.objects.values() if one.lines.on}
    org = Org(StoredTokens())
    for sobject in sorted(wanted):
        report(f"Reading {sobject}")
        try:
            described = org.describe(sobject)
        except errors.Permanent:
            described = {}
        except errors.SalesforceError as error:
            raise Refused(str(error), code="salesforce") from error
        describing.remember(sobject, described)
        _read_persons(org, sobject, described)
    report("Reading the users")
    _read_users(org, bound)
    registry.forget()
    return len(wanted)


def _read_persons(org: Org, sobject: str, described: dict[str, object]) -> None:
    """Read which record types are those of persons, where the organisation has person accounts: one query."""
    names = {each["name"] for each in described.get("fields") or () if isinstance(each, dict)}  # type: ignore[attr-defined]
    if not {IS_PERSON, RECORD_TYPE} <= names:
        return
    where = [f"SobjectType = {soql.text(sobject)}", "IsPersonType = true"]
    try:
        rows = list(org.query(soql.select("RecordType", ["DeveloperName"], where)))
    except errors.Permanent:
        return  # who may not read them is told by the refusal of a record
    describing.remember_persons(sobject, [str(row["DeveloperName"]) for row in rows])


@requires(Right.SYNC_EDIT)
def read_users() -> None:
    """Read who may own records there; talks to Salesforce. Raises `Refused` without a connection, and what it refuses."""
    with transaction.atomic():
        bound = _connection()
    _read_users(Org(StoredTokens()), bound)


def _connection() -> Connection:
    bound: Connection | None = Connection.objects.exclude(state=Connection.State.DISCONNECTED).first()
    if bound is None:
        raise Refused("Salesforce is not connected.", code="not_connected")
    return bound


def _read_users(org: Org, bound: Connection, *, at_once: bool = True) -> None:
    try:
        owners.keep_up(org, bound, at_once=at_once)
    except errors.SalesforceError as error:
        raise Refused(str(error), code="salesforce") from error


@needs_no_right("only reads; the pages that show it have their own right")
def drafted() -> Choices:
    """Return what the draft chooses; without a draft what is in force."""
    found = looking.draft()
    return registry.choices_in_force() if found is None else of_json(found.content)


@requires(Right.SYNC_EDIT)
@transaction.atomic
def choose_field(*, key: str, here: str, choice: FieldChoice) -> MappingVersion | None:
    """Choose where a field goes and how, in the draft. Raises `Refused`: an unknown one, or a way it cannot go."""
    _lock()
    return _save(drafted().with_field(_known(key).key, here, choice))


@requires(Right.SYNC_EDIT)
@transaction.atomic
def choose_value(*, key: str, here: str, ours: str, theirs: str) -> MappingVersion | None:
    """Say in the draft which of the organisation's values one of ours is, "" for nothing. Raises `Refused`."""
    _lock()
    choices = drafted()
    old = choices.of(_known(key).key).fields.get(here, FieldChoice())
    table = [pair for pair in old.table if pair[0] != ours]
    if theirs and theirs != ours and not any(pair[1] == theirs for pair in table):
        # What has that very name here comes back as itself.
        table.append((theirs, theirs))
    if theirs != ours:
        table.append((ours, theirs))
    return _save(choices.with_field(key, here, old.model_copy(update={"table": tuple(table)})))


@requires(Right.SYNC_EDIT)
@transaction.atomic
def choose_constant(*, key: str, there: str, value: str) -> MappingVersion | None:
    """Say in the draft what a field there always gets that nothing here fills; "" for nothing. Raises `Refused`."""
    _lock()
    constant = Constant(value=value.strip()) if value.strip() else None
    return _save(drafted().with_constant(_known(key).key, there, constant))


@requires(Right.SYNC_EDIT)
@transaction.atomic
def choose_object(*, key: str, sobject: str) -> MappingVersion | None:
    """Choose in the draft as which object records are kept; "" as declared. Raises `Refused` once any is linked."""
    _lock()
    choices = drafted()
    old = choices.of(_known(key).key)
    return _save(choices.with_object(key, old.model_copy(update={"sobject": sobject.strip()})))


@requires(Right.SYNC_EDIT)
@transaction.atomic
def choose_scope(
    *, key: str, scope: ScopeChoice, takes: TakesChoice | None = None, lines: LinesChoice | None = None
) -> MappingVersion | None:
    """Choose in the draft which records are kept in step, what becomes of those that are made there, and of their lines.

    `takes` and `lines` stay as they are where they are `None`. Raises `Refused` for an unknown aspect, a value or sort that
    there is not, and lines of what has none.
    """
    _lock()
    choices = drafted()
    old = choices.of(_known(key).key)
    chosen = {
        "scope": scope,
        "takes": old.takes if takes is None else takes,
        "lines": old.lines if lines is None else lines,
    }
    return _save(choices.with_object(key, old.model_copy(update=chosen)))


@requires(Right.SYNC_EDIT)
@transaction.atomic
def choose_kinds(*, key: str, kinds: dict[str, KindChoice]) -> MappingVersion | None:
    """Choose in the draft as what records of each kind are kept; kinds that are not named as delivered. Raises `Refused`."""
    _lock()
    choices = drafted()
    old = choices.of(_known(key).key)
    return _save(choices.with_object(key, old.model_copy(update={"kinds": kinds})))


@requires(Right.SYNC_EDIT)
@transaction.atomic
def load(document: object) -> MappingVersion | None:
    """Take a whole mapping as the draft, as `Choices.as_json` gives it. Raises `Refused`, which names what is wrong."""
    _lock()
    return _save(of_json(document))


@requires(Right.SYNC_EDIT)
@transaction.atomic
def discard() -> None:
    """Throw the draft away; nothing of it was in force."""
    MappingVersion.objects.filter(state=State.DRAFT).delete()


@requires(Right.SYNC_EDIT)
@transaction.atomic
def back_to(number: int) -> MappingVersion | None:
    """Draft the choices of an earlier version; 1 is as delivered. Raises `Refused`: unknown, or a draft is open."""
    _lock()
    if looking.draft() is not None:
        raise Refused("There is a draft already: discard it first, or put it in force.", code="draft_open")
    if number == AS_DELIVERED:
        return _save(Choices())
    found = MappingVersion.objects.filter(number=number).first()
    if found is None:
        raise Refused(f"There is no version {number}.", code="not_found")
    return _save(of_json(found.content))


@requires(Right.SYNC_EDIT)
@transaction.atomic
def put_in_force() -> MappingVersion:
    """Put the draft in force: every record of what it changes is compared anew. Raises `Refused` while problems are open.

    Values that were carried over until now stay on both sides; what a version changes back goes by the same rules.
    """
    _lock()
    registry.forget()
    found = looking.draft()
    if found is None:
        raise Refused("There is no draft: nothing was chosen that is not in force.", code="no_draft")
    chosen = of_json(found.content)
    if open_ones := looking.problems(chosen):
        words = "1 problem" if len(open_ones) == 1 else f"{len(open_ones)} problems"
        raise Refused(f"{words} first. {open_ones[0]}", code="problems")
    before, moment = registry.mappings(), now()
    MappingVersion.objects.filter(state=State.IN_FORCE).update(state=State.PAST, in_force_until=moment)
    found.state, found.in_force_from, found.changed_at = State.IN_FORCE, moment, moment
    found.save()
    registry.forget()
    for key, after in registry.mappings().items():
        # Another scope concerns only what enters or leaves it.
        if after != replace(before[key], scope=after.scope):
            _carry_over(before[key], after)
    resting.refresh(wake=_captures())
    return found


@requires(Right.SYNC_EDIT)
def try_draft(report: Callable[[str], None] = lambda _step: None) -> Outcome:
    """Say what the draft would change; talks to Salesforce and writes nothing. Raises `Refused`."""
    with transaction.atomic():
        bound = _connection()
        choices = drafted()
    _read_users(Org(StoredTokens()), bound, at_once=False)
    with registry.trying(choices):
        try:
            return trying.try_start(report)
        except errors.SalesforceError as error:
            raise Refused(str(error), code="salesforce") from error


# --- the draft ------------------------------------------------------------------------------------


def _lock() -> None:
    """Let one person at a time write versions of a tenant."""
    list(MappingVersion.objects.select_for_update().order_by("number").values_list("pk", flat=True))


def _known(key: str) -> Mapping:
    if key not in registry.declared():
        raise Refused(f"No mapping is called “{key}”.", field="mapping", code="not_found")
    return registry.declared()[key]


def _save(choices: Choices) -> MappingVersion | None:
    """Check choices and keep them as the draft; as what is in force they are no draft. Raises `Refused`."""
    in_force = registry.choices_in_force()
    checked = Choices(
        objects={key: checked_object(_known(key), choices, in_force.of(key)) for key in choices.objects}
    )
    checked = Choices(objects={key: one for key, one in checked.objects.items() if one != ObjectChoice()})
    draft = looking.draft()
    if checked == in_force:
        if draft is not None:
            draft.delete()
        return None
    if draft is None:
        last = MappingVersion.objects.aggregate(last=Max("number"))["last"]
        draft = MappingVersion(
            number=(last or AS_DELIVERED) + 1, made_by=(current_actor().label or "PRM")[:120]
        )
    draft.content, draft.changed_at = checked.as_json(), now()
    draft.summary = " ".join(differences(list(registry.declared().values()), in_force, checked))
    draft.save()
    return draft


# --- what follows from another version --------------------------------------------------------------


def _carry_over(before: Mapping, after: Mapping) -> None:
    """Let the engine begin with another mapping: forget what no longer means the same, and compare everything."""
    for column in after.columns:
        old = before.column(column.there)
        if old is not None and old.here != column.here:
            # Another value of ours lies there from now on: nothing was agreed for it.
            forget_agreed(after, column.there)
    gone = [one.there for one in before.columns if after.column(one.there) is None]
    Conflict.objects.filter(mapping=after.key, there__in=gone, state=Conflict.State.OPEN).delete()
    SyncProblem.objects.filter(mapping=after.key, field__in=gone).delete()
    if not after.has_lines:
        SyncProblem.objects.filter(mapping=after.key, code=store.OF_LINES).delete()
    ObjectShape.objects.filter(sobject__in={before.sobject, after.sobject}).update(looked_at=None)
    if _captures():
        capture.enqueue_all(database, [after])


def _captures() -> bool:
    """Whether changes are noted at present; starting makes everything dirty anyway."""
    idle = (Connection.State.RESTING, Connection.State.DISCONNECTED)
    return bool(Connection.objects.exclude(state__in=idle).exists())
