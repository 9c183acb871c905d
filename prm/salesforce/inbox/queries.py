"""Held records as the page shows them: grouped, each with what to do."""

from __future__ import annotations

from dataclasses import dataclass
from datetime import datetime
from typing import Any

from django.db.models import Count, Min

from prm.mapping import Mapping
from prm.salesforce.engine.models import Outbox
from prm.salesforce.inbox.models import SyncProblem
from prm.salesforce.mapping import registry
from prm.salesforce.wire.errors import advice_for


@dataclass(frozen=True, slots=True)
class ProblemGroup:
    """Records held for the same reason; `quote` is Salesforce's (or a service's) own message."""

    mapping: str
    code: str
    kind: str
    title: str
    quote: str
    advice: str
    count: int
    since: datetime | None
    can_retry: bool = True
    can_recreate: bool = False


def problem_groups() -> list[ProblemGroup]:
    """Return held records by reason, the largest group first, then those that wait for a parent."""
    rows = (
        SyncProblem.objects.values("mapping", "kind", "code", "message")
        .annotate(count=Count("pk"), first=Min("since"))
        .order_by("-count", "mapping", "code")
    )
    known = registry.mappings()
    groups = [_group(known[row["mapping"]], row) for row in rows if row["mapping"] in known]
    waits = (
        Outbox.objects.filter(waits_id__isnull=False)
        .values("mapping", "waits_mapping")
        .annotate(count=Count("pk"), first=Min("since"))
    )
    groups += [_parent_group(known[row["mapping"]], row) for row in waits if row["mapping"] in known]
    return groups


def _group(one: Mapping, row: dict[str, Any]) -> ProblemGroup:
    count, kind, code = row["count"], row["kind"], row["code"]
    noun = one.singular if count == 1 else one.plural
    titles = {
        SyncProblem.Kind.REFUSED_THERE: f"Salesforce refuses {count} {noun}",
        SyncProblem.Kind.REFUSED_HERE: f"{count} {noun} cannot be taken over here",
        SyncProblem.Kind.DELETED_THERE: f"{count} {noun} {_was(count)} deleted in Salesforce",
        SyncProblem.Kind.LATER: f"{count} {noun} will be tried again by itself",
    }
    return ProblemGroup(
        mapping=one.key,
        code=code,
        kind=kind,
        title=titles.get(kind, f"{count} {noun} held"),
        quote=f"{code}: {row['message']}" if code else row["message"],
        advice=advice_for(code),
        count=count,
        since=row["first"],
        can_retry=kind != SyncProblem.Kind.DELETED_THERE,
        can_recreate=kind == SyncProblem.Kind.DELETED_THERE,
    )


def _parent_group(one: Mapping, row: dict[str, Any]) -> ProblemGroup:
    parent = registry.mappings().get(row["waits_mapping"])
    count = row["count"]
    noun = one.singular if count == 1 else one.plural
    return ProblemGroup(
        mapping=one.key,
        code="",
        kind="parent",
        title=f"{count} {noun} {'waits' if count == 1 else 'wait'} for "
        f"{parent.singular if parent else 'a parent'}",
        quote="",
        advice="They go by themselves once the records above are accepted.",
        count=count,
        since=row["first"],
        can_retry=False,
    )


def _was(count: int) -> str:
    return "was" if count == 1 else "were"
