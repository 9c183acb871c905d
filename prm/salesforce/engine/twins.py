"""Reads the very records that are about to be written, and brings both sides of each together."""

from __future__ import annotations

from collections.abc import Iterable, Sequence
from uuid import UUID

from django.db import transaction

from prm.mapping import Mapping
from prm.salesforce.engine import store
from prm.salesforce.engine.apply import ACTOR, Ask, Merger
from prm.salesforce.engine.gone import fields_of_the_gone, mark_deleted, note_gone
from prm.salesforce.engine.models import RecordLink
from prm.salesforce.engine.report import Report
from prm.salesforce.wire import soql
from prm.salesforce.wire.client import Record
from prm.tenancy.context import acting_as

Row = Record
"""A record as Salesforce shows it."""


def columns(mapping: Mapping) -> list[str]:
    """Return what is read of a record to compare it."""
    names = ["Id", "SystemModstamp", "LastModifiedById", mapping.external_id]
    return [*names, *fields_of_the_gone(mapping.sobject), *(one.there for one in mapping.columns)]


def query(mapping: Mapping, ids: Iterable[UUID]) -> str:
    """Return the SOQL for up to 200 records: linked ones by their Salesforce id, others by our key.

    By the Salesforce id a record is found whose key somebody took away there.
    """
    with transaction.atomic():
        known = store.links_of(mapping, ids)
    links = {rid: link for rid, link in known.items() if link.state != RecordLink.State.AGAIN}
    by_key = [str(record_id) for record_id in ids if record_id not in links]
    either = [soql.one_of("Id", [link.sf_id for link in links.values()])] if links else []
    either += [soql.one_of(mapping.external_id, by_key)] if by_key else []
    where = either[0] if len(either) == 1 else f"({' OR '.join(either)})"
    return soql.select(mapping.sobject, columns(mapping), [where])


def meet(
    mapping: Mapping,
    ids: Sequence[UUID],
    rows: Sequence[Row],
    report: Report,
    ask: Ask,
    *,
    requeue: bool = False,
) -> set[UUID]:
    """Merge what was read of these records; return those of them whose record there lacks our key.

    What is gone there is noted. With `requeue` records in which something is left to send become dirty.
    """
    with transaction.atomic():
        links = store.links_of(mapping, ids)
    alive, gone, unkeyed = _sorted(mapping, ids, links, rows)
    if gone:
        note_gone([mapping], gone, report, ask)
    lost = [
        link
        for record_id, link in links.items()
        if link.state == RecordLink.State.LINKED
        and record_id not in alive
        and link.sf_id not in {str(row["Id"]) for row in gone}
    ]
    if lost:
        with transaction.atomic():
            for link in lost:
                mark_deleted(mapping, link, report, seen=False)
            store.save_links(lost)
    with acting_as(ACTOR):
        Merger(mapping, report, ask, requeue=requeue).merge(alive)
    return unkeyed


def _sorted(
    mapping: Mapping, ids: Sequence[UUID], links: dict[UUID, RecordLink], rows: Sequence[Row]
) -> tuple[dict[UUID, Row], list[Row], set[UUID]]:
    """Return living rows by our ids, deleted ones, and the ids whose living row has no key of ours."""
    linked = {link.sf_id: record_id for record_id, link in links.items()}
    keys = {str(record_id): record_id for record_id in ids}
    alive: dict[UUID, Row] = {}
    gone: list[Row] = []
    unkeyed: set[UUID] = set()
    for row in rows:
        key = str(row.get(mapping.external_id) or "").lower()
        record_id = linked.get(str(row["Id"])) or keys.get(key)
        if record_id is None:
            continue
        if row.get("IsDeleted"):
            gone.append(row)
        elif record_id not in alive or key in keys:
            alive[record_id] = row
            unkeyed.discard(record_id)
            if not key:
                unkeyed.add(record_id)
    return alive, gone, unkeyed
