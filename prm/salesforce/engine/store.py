"""Links, problems and conflicts as push and pull both write them. Call inside a transaction."""

from __future__ import annotations

import random
from collections.abc import Iterable, Sequence
from collections.abc import Mapping as Record
from datetime import datetime, timedelta
from typing import Any
from uuid import UUID

from django.db import OperationalError, connection, transaction
from django.db.models import QuerySet
from django.db.models.fields.json import KeyTextTransform

from prm.core.clock import now
from prm.core.locks import LOCK_NOT_AVAILABLE, sql_state
from prm.mapping import Mapping, Normal, Winner
from prm.mapping.beside import divided
from prm.mapping.decide import Clash
from prm.salesforce.engine import whose
from prm.salesforce.engine.models import Conflict, Outbox, RecordLink, SyncProblem
from prm.salesforce.guards import models as guards
from prm.salesforce.guards import rules
from prm.salesforce.mapping import registry

HELD_HOURS = 6
"""How often a refused record is tried again by itself, in case the rule in Salesforce changed."""

LONGEST_BACKOFF = 900.0

OF_LINES = "PRODUCTS"
"""The code of problems with what a record consists of, which no value of the record cures."""


def backoff(attempts: int) -> timedelta:
    """Return the pause before the next try: about 1, 2, 4 … s, at most 15 min, with jitter.

    Without jitter all records of one locked account would come back at the same moment.
    """
    seconds = min(2.0 ** min(attempts, 12), LONGEST_BACKOFF)
    return timedelta(seconds=seconds * random.uniform(0.5, 1.0))  # noqa: S311 # nosec B311 # jitter


def links_of(mapping: Mapping, ids: Iterable[UUID]) -> dict[UUID, RecordLink]:
    """Return the links of some records."""
    rows = RecordLink.objects.filter(mapping=mapping.key, record_id__in=list(ids))
    return {link.record_id: link for link in rows}


def save_links(links: Iterable[RecordLink]) -> None:
    """Insert or update links, set-wise."""
    rows = list(links)
    moment = now()
    for link in rows:
        link.updated_at = moment
    RecordLink.objects.bulk_create(
        rows,
        batch_size=1000,
        update_conflicts=True,
        unique_fields=["tenant", "mapping", "record_id"],
        update_fields=["sf_id", "agreed", "apart", "merged_into", "turns", "modstamp", "state", "updated_at"],
    )


def set_base(link: RecordLink, name: str, theirs: Normal, ours: Normal) -> None:
    """Remember what both sides hold of a field: the next change is measured by it."""
    link.agreed = {**link.agreed, name: theirs}
    link.apart = {key: value for key, value in link.apart.items() if key != name}
    if ours != theirs:
        link.apart[name] = ours


def forget_base(link: RecordLink, sf_id: str) -> None:
    """Take another record in Salesforce as this one's twin: nothing agreed with the old one holds."""
    link.sf_id, link.agreed, link.apart, link.modstamp, link.merged_into = sf_id, {}, {}, None, ""


def held_fields(mapping: Mapping, ids: Iterable[UUID]) -> dict[UUID, frozenset[str]]:
    """Return the fields that wait for a person, by record: in a conflict, or in a mass change ("": the record)."""
    held = guards.held(mapping.key, ids)
    rows = Conflict.objects.filter(mapping=mapping.key, record_id__in=list(ids), state=Conflict.State.OPEN)
    for record_id, there in rows.values_list("record_id", "there"):
        held.setdefault(record_id, set()).add(there)
    return {record_id: frozenset(names) for record_id, names in held.items()}


def unanswered(mapping: Mapping, ids: Iterable[UUID]) -> dict[UUID, dict[str, Normal]]:
    """Return, by record, the values of a call whose answer is missing."""
    rows = Outbox.objects.filter(mapping=mapping.key, record_id__in=list(ids), sent__isnull=False)
    return dict(rows.values_list("record_id", "sent"))


def note_problem(
    mapping: Mapping,
    record_id: UUID,
    *,
    kind: str,
    message: str,
    title: str = "",
    code: str = "",
    fields: Iterable[str] = (),
    field: str = "",
) -> None:
    """Keep why a record, or only a `field` of it, is held; a further time counts up and keeps the first moment."""
    moment = now()
    problem, created = SyncProblem.objects.get_or_create(
        mapping=mapping.key,
        record_id=record_id,
        field=field[:80],
        defaults={
            "kind": kind,
            "message": message,
            "title": title[:255],
            "code": code[:80],
            "fields": list(fields),
            "since": moment,
            "last_at": moment,
        },
    )
    if not created:
        problem.kind, problem.message, problem.code = kind, message, code[:80]
        problem.title = title[:255] or problem.title
        problem.fields, problem.last_at = list(fields), moment
        problem.tries += 1
        problem.save()


def clear_problems(mapping: Mapping, ids: Iterable[UUID]) -> None:
    """Forget all problems of records, those of their fields too."""
    SyncProblem.objects.filter(mapping=mapping.key, record_id__in=list(ids)).delete()


def clear_sent(mapping: Mapping, sent: Record[UUID, Iterable[str]]) -> None:
    """Forget the problems of records that went through, and of the fields that went with them."""
    known = SyncProblem.objects.filter(mapping=mapping.key, record_id__in=list(sent))
    rows = known.values_list("pk", "record_id", "field")
    gone = [pk for pk, record_id, field in rows if not field or field in sent[record_id]]
    if gone:
        SyncProblem.objects.filter(pk__in=gone).delete()


_LASTING = (SyncProblem.Kind.DELETED_THERE, SyncProblem.Kind.MERGED_THERE)


def heal(mapping: Mapping, open_fields: Record[UUID, set[str]], whole: Iterable[UUID] = ()) -> None:
    """Forget problems that are cured, on whichever side: of each record all fields but the open ones.

    `whole` are records of which nothing is left to do: what held them as a whole is cured too. That a record
    was deleted or merged there is no matter of its values.
    """
    known = SyncProblem.objects.filter(mapping=mapping.key, record_id__in=list(open_fields))
    known = known.exclude(code=OF_LINES)
    done = set(whole)
    cured = [
        pk
        for pk, record_id, field, kind in known.values_list("pk", "record_id", "field", "kind")
        if (field not in open_fields[record_id] if field else record_id in done and kind not in _LASTING)
    ]
    if cured:
        SyncProblem.objects.filter(pk__in=cured).delete()


def note_clash(
    mapping: Mapping, record_id: UUID, title: str, clash: Clash, row: Record[str, object] | None = None
) -> None:
    """Keep both values of a conflict, with who changed them; one that waits for a person is kept once, with the newest.

    `row` is the record as Salesforce shows it, which says who saved it last.
    """
    column = mapping.column(clash.there)
    ours = whose.here(mapping, record_id, column.here) if column else whose.NOBODY
    theirs = whose.there(row)
    link = RecordLink.objects.filter(mapping=mapping.key, record_id=record_id).first()
    values: dict[str, object] = {
        "title": title[:255],
        "agreed": clash.agreed,
        "ours": clash.ours,
        "theirs": clash.theirs,
        "winner": clash.winner.value,
        "at": now(),
        "agreed_at": link.updated_at if link else None,
        "ours_by": ours.by[:120],
        "ours_at": ours.at,
        "theirs_by": theirs.by[:120],
        "theirs_id": theirs.user_id[:18],
        "theirs_at": theirs.at,
    }
    key: dict[str, Any] = {"mapping": mapping.key, "record_id": record_id, "there": clash.there}
    if clash.winner is Winner.ASK:
        Conflict.objects.update_or_create(state=Conflict.State.OPEN, defaults=values, **key)
    else:
        Conflict.objects.create(**key, **values, state=Conflict.State.SETTLED)


def follow_open(
    mapping: Mapping,
    record_id: UUID,
    ours: Record[str, Normal],
    theirs: Record[str, Normal],
    row: Record[str, object],
) -> frozenset[str]:
    """Bring the conflicts of a record that wait for a person up to what both sides hold now.

    What became equal waits no longer. A value there that a person chose before it was undone is no edit. Returns the
    fields that still wait, those of mass changes too.
    """
    waits = guards.held(mapping.key, [record_id]).get(record_id, set())
    for one in Conflict.objects.waiting().filter(mapping=mapping.key, record_id=record_id):
        name = one.there
        if name not in ours or name not in theirs:
            waits.add(name)
            continue
        if ours[name] == theirs[name]:
            one.state, one.value, one.undone_at = Conflict.State.EQUAL, theirs[name], None
            one.save()
            continue
        waits.add(name)
        chosen_before = one.undone_at is not None and theirs[name] == one.value
        if one.ours != ours[name]:
            column = mapping.column(name)
            change = whose.here(mapping, record_id, column.here) if column else whose.NOBODY
            one.ours, one.ours_by, one.ours_at = ours[name], change.by[:120], change.at
            one.save()
        if one.theirs != theirs[name] and not chosen_before:
            change = whose.there(row)
            one.theirs, one.theirs_by, one.theirs_id = theirs[name], "", change.user_id[:18]
            one.theirs_at, one.undone_at = change.at, None
            one.save()
    return frozenset(waits)


def note_turn(link: RecordLink, name: str, side: str, minutes: int) -> list[rules.Turn]:
    """Remember which side has just rewritten a field; return who did within so many minutes."""
    turns = rules.with_turn(link.turns.get(name, []), side, now(), minutes=minutes)
    link.turns = {**link.turns, name: turns}
    return turns


def note_loop(mapping: Mapping, record_id: UUID, title: str, clash: Clash, minutes: int) -> None:
    """Keep that a field was stopped because another system there writes over it whenever we write it."""
    shown = ["nothing" if value is None else f"“{value}”" for value in (clash.ours, clash.theirs)]
    message = (
        f"{mapping.words_of(clash.there)}: something in Salesforce writes {shown[1]} whenever PRM has written its value (here {shown[0]}), "
        f"again and again within {minutes} minutes. The field is left alone on both sides until somebody chooses."
    )
    note_problem(
        mapping, record_id, kind=SyncProblem.Kind.LOOP, code="LOOP", message=message, title=title,
        field=clash.there, fields=[clash.there],
    )  # fmt: skip


def is_idle(mapping: Mapping) -> bool:
    """Whether the tenant in scope has no record of a mapping, is linked to none there, and has none to send."""
    with transaction.atomic(), connection.cursor() as cursor:
        cursor.execute(_IS_IDLE.format(table=mapping.table), [mapping.key, mapping.key])
        return bool(cursor.fetchone()[0])


_IS_IDLE = """
    SELECT NOT EXISTS (SELECT 1 FROM salesforce_recordlink WHERE mapping = %s)
       AND NOT EXISTS (SELECT 1 FROM salesforce_outbox WHERE mapping = %s)
       AND NOT EXISTS (SELECT 1 FROM "{table}")
"""
"""Row-level security keeps each of them to the tenant in scope."""


def title_of(mapping: Mapping, normals: Record[str, Normal]) -> str:
    """Return the name by which people know a record, put together where it is several fields there."""
    parts = [normals.get(name) for name in (mapping.title, *divided(mapping))]
    return " ".join(str(part) for part in parts if part)


APPROVED = -1
"""The cause of what a person has approved, or refused: it is no mass change any more."""

# What the engine looks at again stays what it is: a mass change must not slip through as the engine's own.
_ANEW = """
    UPDATE salesforce_outbox SET cause = CASE WHEN %s = 0 THEN cause ELSE %s END, version = version + 1, attempts = 0,
      not_before = NULL, waits_mapping = '', waits_id = NULL
    WHERE id IN (
      SELECT id FROM salesforce_outbox WHERE mapping = %s AND record_id = ANY(%s) FOR UPDATE SKIP LOCKED)
"""
_ADD = """
    INSERT INTO salesforce_outbox (id, tenant_id, mapping, record_id, version, since, cause)
    SELECT gen_random_uuid(), current_setting('prm.tenant')::uuid, %s, d.id, 1, clock_timestamp(), %s
    FROM unnest(%s::uuid[]) d(id) ORDER BY d.id
    ON CONFLICT (tenant_id, mapping, record_id) DO NOTHING
"""
IMPATIENCE = "20ms"


def enqueue(mapping: Mapping, ids: Iterable[UUID], *, anew: bool = True, cause: int = 0) -> None:
    """Make records dirty as a change here would, so that the next push compares them again.

    Without `anew` what is dirty already stays as it is, and what waits goes on waiting. Waits for nobody, since rows are
    held meanwhile: what another transaction is just making dirty is dirty by that.
    """
    wanted = sorted(set(ids))
    if not wanted:
        return
    known = Outbox.objects.filter(mapping=mapping.key, record_id__in=wanted)
    there = set(known.values_list("record_id", flat=True))
    if anew and there:
        with connection.cursor() as cursor:
            cursor.execute(_ANEW, [cause, cause, mapping.key, list(there)])
    _add(mapping, [one for one in wanted if one not in there], cause)


def _add(mapping: Mapping, ids: list[UUID], cause: int) -> None:
    """Insert rows; one that another transaction is just inserting is left to it."""
    if not ids:
        return
    try:
        with transaction.atomic(), connection.cursor() as cursor:
            cursor.execute("SELECT set_config('lock_timeout', %s, true)", [IMPATIENCE])
            cursor.execute(_ADD, [mapping.key, cause, ids])
            cursor.execute("SELECT set_config('lock_timeout', '0', true)")
    except OperationalError as error:
        if sql_state(error) != LOCK_NOT_AVAILABLE:
            raise
        for one in ids if len(ids) > 1 else ():
            _add(mapping, [one], cause)


def enqueue_children(mapping: Mapping, record_id: UUID, old_id: str, *, forget: bool = True) -> None:
    """Make the children of a record dirty whose Salesforce id has changed, so that they follow.

    What Salesforce made of their reference (cleared, moved to a survivor) was nobody's edit: their base is
    forgotten, unless a merge was undone, after which they still lie with the survivor.
    """
    if not old_id:
        return
    for child in registry.mappings().values():
        for parent in child.parents:
            if parent.mapping == mapping.key:
                # Before references were kept by Salesforce id, they were kept by the parent's id here.
                links = list(holding(child, parent.there, [old_id, str(record_id)]))
                for link in links if forget else ():
                    link.agreed.pop(parent.there)
                    link.apart.pop(parent.there, None)
                save_links(links if forget else ())
                enqueue(child, [link.record_id for link in links])


def holding(mapping: Mapping, name: str, values: Sequence[str] | None = None) -> QuerySet[RecordLink]:
    """Return the links that have an agreed value of a field, or one of these.

    The name is no lookup: what it has after two underlines would be taken for a key within the value.
    """
    links: QuerySet[RecordLink] = RecordLink.objects.filter(mapping=mapping.key)
    held = links.annotate(held=KeyTextTransform(name, "agreed"))
    return held.filter(held__isnull=False) if values is None else held.filter(held__in=values)


def here_of(mapping: Mapping, sf_id: str) -> UUID | None:
    """Return the record here whose twin a Salesforce record is."""
    links = RecordLink.objects.filter(mapping=mapping.key, sf_id=sf_id)
    found: UUID | None = links.values_list("record_id", flat=True).first()
    return found


_RELEASE = """
    UPDATE salesforce_outbox SET waits_mapping = '', waits_id = NULL, since = clock_timestamp()
    WHERE id IN (
      SELECT o.id FROM salesforce_outbox o
      JOIN salesforce_recordlink l ON l.tenant_id = o.tenant_id AND l.mapping = o.waits_mapping AND l.record_id = o.waits_id
      WHERE o.waits_id IS NOT NULL AND l.state NOT IN ('deleted_there', 'again')
      FOR UPDATE OF o SKIP LOCKED)
"""


def release_waiting() -> None:
    """Let the records go on whose parents are linked by now.

    Looked for before everything that is sent, not told by whoever links a parent: so none is forgotten, and what
    somebody is just changing is left to him.
    """
    with connection.cursor() as cursor:
        cursor.execute(_RELEASE)


def database_time() -> datetime:
    """Return the database's present moment (aware), the clock by which ``Outbox.since`` is kept.

    A lag between two machines' clocks would be as wrong as they differ.
    """
    with connection.cursor() as cursor:
        cursor.execute("SELECT clock_timestamp()")
        moment: datetime = cursor.fetchone()[0]
    return moment


def lock_free(mapping: Mapping, ids: Iterable[UUID]) -> set[UUID]:
    """Keep everybody else from changing these records until the transaction ends; return which of them.

    The others somebody is just changing. Whoever only refers to a record (an order to its partner) changes it not.
    """
    return _lock(mapping, list(ids), "SKIP LOCKED")


def lock_record(mapping: Mapping, record_id: UUID) -> None:
    """Keep everybody else from changing this record; waits for whoever does, so nothing else may be held."""
    _lock(mapping, [record_id], "")


def _lock(mapping: Mapping, ids: list[UUID], how: str) -> set[UUID]:
    with connection.cursor() as cursor:
        cursor.execute(
            f'SELECT id FROM "{mapping.table}" WHERE id = ANY(%s) ORDER BY id FOR NO KEY UPDATE {how}',  # nosec B608 # names are our own, values are parameters
            [ids],
        )
        return {row[0] for row in cursor.fetchall()}


def held_until() -> datetime:
    """Return when a refused record is tried again by itself."""
    return now() + timedelta(hours=HELD_HOURS)
