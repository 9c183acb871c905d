"""Fields that rested and are there again: read from the start, and ours sent by the agreed rules.

What both sides agreed on before holds, so each side's edits meanwhile are told apart. Only where the field came back
empty nothing is agreed: it may have been deleted and made anew, and nobody emptied it.
"""

from __future__ import annotations

from collections.abc import Callable, Iterable, Sequence

from django.db import transaction

from prm.mapping import Kind, Mapping
from prm.salesforce.engine import store
from prm.salesforce.engine.models import Conflict, Outbox, PullCursor, RecordLink, SyncProblem
from prm.salesforce.shapes.looking import SUSPICIOUS, Returned
from prm.salesforce.wire import soql
from prm.salesforce.wire.client import Record

CHUNK = 1000

Read = Callable[[str], Iterable[Record]]
"""Runs one query of living records, page by page."""


def take_back(returned: Returned, read: Read) -> None:
    """Let fields take part again; opens its own transactions, reads which of them are empty there."""
    mapping = returned.mapping
    for one in mapping.columns:
        if one.there in returned.names:
            # Long text can be no condition.
            emptied = None if one.kind is Kind.LONG_TEXT else _empty_there(mapping, one.there, read)
            forget_agreed(mapping, one.there, emptied)
    with transaction.atomic():
        if any(one.pulls and one.there in returned.names for one in mapping.columns):
            PullCursor.objects.filter(sobject=mapping.sobject).update(stamp=None, last_id="", swept_at=None)
        SyncProblem.objects.filter(mapping=mapping.key, code__in=SUSPICIOUS - {""}).delete()
        # A field that is another now has left its name behind.
        names = {mapping.external_id, *(one.there for one in mapping.columns)}
        gone = SyncProblem.objects.filter(mapping=mapping.key).exclude(field="").exclude(field__in=names)
        gone.delete()
        Conflict.objects.filter(mapping=mapping.key, state=Conflict.State.OPEN).exclude(
            there__in=names
        ).delete()
        # What is new here waited, and is not linked.
        Outbox.objects.filter(mapping=mapping.key, waits_id__isnull=True).update(not_before=None, attempts=0)
        linked = RecordLink.objects.filter(mapping=mapping.key).values_list("record_id", flat=True)
        store.enqueue(mapping, linked)


def _empty_there(mapping: Mapping, name: str, read: Read) -> list[str]:
    where = [f"{mapping.external_id} != null", f"{name} = null"]
    return [str(row["Id"]) for row in read(soql.select(mapping.sobject, ["Id"], where))]


def forget_agreed(mapping: Mapping, name: str, sf_ids: Sequence[str] | None = None) -> None:
    """Take away what was agreed on for a field, of all records or of these."""
    with transaction.atomic():
        links = store.holding(mapping, name)
        changed = []
        wanted = None if sf_ids is None else set(sf_ids)
        for link in links.iterator(chunk_size=CHUNK):
            if wanted is None or link.sf_id in wanted:
                link.agreed.pop(name)
                link.apart.pop(name, None)
                changed.append(link)
        store.save_links(changed)
