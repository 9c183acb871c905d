"""A record that a duplicate rule of the organisation stops becomes a case to decide, with the records it names."""

from __future__ import annotations

from uuid import UUID

from prm.core.clock import now
from prm.salesforce.matches.models import RULE, Match
from prm.salesforce.wire.errors import RowError


def note(mapping: str, record_id: UUID, title: str, error: RowError) -> bool:
    """Keep the case; whether the rule named a record, without which there is nothing to decide. In a transaction."""
    noted = False
    for sf_id, name in error.matches:
        candidate = {"id": str(record_id), "name": title, "reason": error.message}
        values: dict[str, object] = {
            "name": name[:255], "state": Match.State.OPEN, "doubt": RULE, "record_id": record_id,
            "record_name": title[:255], "reason": f"Salesforce: “{error.message}”", "candidates": [candidate],
            "read_at": now(),
        }  # fmt: skip
        found = Match.objects.select_for_update().filter(mapping=mapping, sf_id=sf_id).first()
        if found is None:
            Match.objects.create(mapping=mapping, sf_id=sf_id, **values)
        elif found.state == Match.State.NEW or (
            found.record_id == record_id and found.state != Match.State.APART
        ):
            Match.objects.filter(pk=found.pk).exclude(state=Match.State.LINKED).update(**values)
        elif found.state in (Match.State.OPEN, Match.State.LATER):
            if all(each["id"] != str(record_id) for each in found.candidates):
                found.candidates = [*found.candidates, candidate]
                found.save(update_fields=["candidates"])
        else:
            # It is somebody else's twin already, or was told apart before: Salesforce's words stand under Problems.
            continue
        noted = True
    return noted
