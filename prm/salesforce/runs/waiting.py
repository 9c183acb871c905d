"""What is still dirty when a run ends, by kind of record and reason, so that nothing waits unsaid."""

from __future__ import annotations

from collections.abc import Iterator
from typing import TypedDict
from uuid import UUID

from django.db import transaction
from django.db.models import Count, Exists, OuterRef

from prm.mapping import Mapping
from prm.salesforce.engine.models import Outbox, RecordLink, SyncProblem
from prm.salesforce.engine.report import Report, Waiting
from prm.salesforce.linesets.models import LineSet
from prm.salesforce.mapping import registry
from prm.salesforce.matches import queries as matches
from prm.salesforce.shapes.queries import rests

_UNDECIDED = "May be in Salesforce already: somebody decides under Adopt accounts."


def _in_doubt(one: Mapping) -> Iterator[Waiting]:
    """Yield how many records wait because they may be in Salesforce already."""
    if matches.awaits_reading(one):
        reason = f"Nobody has looked yet which {one.plural} are in Salesforce already: read them under Adopt accounts."
        records = matches.count_new_here(one)
    else:
        reason, records = _UNDECIDED, len(matches.undecided(one.key))
    if records:
        yield {"mapping": one.key, "records": records, "reason": reason, "kind": "adopt"}


def _say_what_rests(report: Report) -> None:
    """Name the objects and fields that are not kept in step at present, and how many records wait for them."""
    dirty = dict(
        Outbox.objects.values("mapping")
        .annotate(count=Count("pk"))
        .order_by()
        .values_list("mapping", "count")
    )
    for each in rests():
        words = f"{each.name} rests in Salesforce since {each.since:%Y-%m-%d %H:%M} UTC. {each.words}"
        report.rests.append(
            {"object": each.sobject, "field": each.field, "since": each.since.isoformat(), "why": each.why,
             "reason": each.words, "advice": each.advice}
        )  # fmt: skip
        for key, one in registry.mappings().items():
            whole = not each.field or each.field == one.external_id
            if one.sobject == each.sobject and whole and dirty.get(key):
                report.waiting.append(
                    {"mapping": key, "records": dirty[key], "reason": words, "kind": "rests"}
                )


class _ParentWait(TypedDict):
    """Records that wait for one record of another mapping."""

    mapping: str
    waits_mapping: str
    waits_id: UUID
    count: int


class _Dirty(TypedDict):
    """Dirty records of one mapping."""

    mapping: str
    records: int


def say_what_waits(report: Report, *, patient: bool) -> None:
    """Name every record that is still dirty by mapping and reason, so that nothing waits unsaid."""
    known = registry.mappings()
    with transaction.atomic():
        waits = Outbox.objects.filter(waits_id__isnull=False)
        for row in waits.values("mapping", "waits_mapping", "waits_id").annotate(count=Count("pk")):
            if row["mapping"] in known:
                report.waiting.append(_waits_for_parent(row))
        _say_what_rests(report)
        held = SyncProblem.objects.values("mapping", "kind", "code", "message")
        for row in held.annotate(count=Count("pk")).order_by("-count")[:100]:
            report.waiting.append(
                {
                    "mapping": row["mapping"],
                    "records": row["count"],
                    "reason": f"{row['code']}: {row['message']}" if row["code"] else row["message"],
                    "kind": row["kind"],
                }
            )
        for one in known.values():
            if one.adopt is not None:
                report.waiting += _in_doubt(one)
        if report.failed:
            for row in _dirty_by_mapping():
                report.waiting.append({**row, "reason": report.message, "kind": "sync"})
        elif patient:
            report.waiting += [{**row, "reason": "Waits to be sent.", "kind": "sync"} for row in _unsaid()]
        report.waiting += _lines_that_wait()


def _waits_for_parent(row: _ParentWait) -> Waiting:
    parent = registry.mappings().get(row["waits_mapping"])
    name = str(row["waits_id"])
    link = RecordLink.objects.filter(mapping=row["waits_mapping"], record_id=row["waits_id"]).first()
    problem = SyncProblem.objects.filter(mapping=row["waits_mapping"], record_id=row["waits_id"]).first()
    if problem is not None and problem.title:
        name = problem.title
    deleted = link is not None and link.state == RecordLink.State.DELETED_THERE
    noun = parent.singular if parent else "its parent"
    return {
        "mapping": row["mapping"],
        "records": row["count"],
        "reason": f"Waits for {noun} {name}" + (", which was deleted in Salesforce." if deleted else "."),
        "kind": "parent",
    }


def _unsaid() -> list[_Dirty]:
    """Return what is dirty for none of the reasons that were named: another transaction holds it, or it has just changed."""
    problems = SyncProblem.objects.filter(mapping=OuterRef("mapping"), record_id=OuterRef("record_id"))
    resting = {each.sobject for each in rests()}
    keys = [key for key, one in registry.mappings().items() if one.sobject not in resting]
    left = Outbox.objects.filter(~Exists(problems), waits_id__isnull=True, mapping__in=keys)
    counted = left.values("mapping").annotate(count=Count("pk")).order_by("mapping")
    return [{"mapping": row["mapping"], "records": row["count"]} for row in counted]


def _dirty_by_mapping() -> list[_Dirty]:
    ready = Outbox.objects.filter(waits_id__isnull=True, not_before__isnull=True)
    return [
        {"mapping": row["mapping"], "records": row["count"]}
        for row in ready.values("mapping").annotate(count=Count("pk"))
    ]


def _lines_that_wait() -> list[Waiting]:
    """Return how many records have line items to be compared of which no problem says why."""
    problems = SyncProblem.objects.filter(
        mapping=OuterRef("mapping"), record_id=OuterRef("record_id"), field="Products"
    )
    left = LineSet.objects.filter(~Exists(problems), is_dirty=True).values("mapping")
    return [
        {
            "mapping": row["mapping"],
            "records": row["count"],
            "reason": "Their products wait to be sent.",
            "kind": "sync",
        }
        for row in left.annotate(count=Count("pk")).order_by("mapping")
    ]
