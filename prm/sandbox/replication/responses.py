"""Updated and deleted records."""

from __future__ import annotations

import datetime as dt
from dataclasses import dataclass

from prm.sandbox.access.models import Access
from prm.sandbox.kit.clock import Clock, parse_moment, parse_stamp, shown, stamp_text
from prm.sandbox.kit.errors import SandboxError
from prm.sandbox.kit.messages import Response
from prm.sandbox.routing.models import Call
from prm.sandbox.schema.models import Entity, label_of
from prm.sandbox.store.models import Store

UPDATES_DAYS, DELETIONS_DAYS = 30, 15
_MINUTE = dt.timedelta(minutes=1)


def _refused(message: str) -> SandboxError:
    return SandboxError("INVALID_REPLICATION_DATE", message)


@dataclass(slots=True)
class Replication:
    """Answers windows. A transaction that still runs holds `latestDateCovered` back."""

    store: Store
    access: Access
    clock: Clock
    running_since: dt.datetime | None = None

    def updated(self, call: Call, name: str) -> Response:
        """List living records stamped inside the window, both minutes included."""
        entity = self._entity(call, name)
        start, end = self._window(call, UPDATES_DAYS)
        found = self.store.tuples(
            f'SELECT "Id" FROM {entity.table} WHERE "SystemModstamp" >= ? AND "SystemModstamp" < ?'
            f" AND {entity.alive}",  # nosec B608 # names are our own, values are parameters
            (start, _minute_after(end)),
        )
        covered = shown(self._covered(end))
        return Response(200, {"ids": [row[0] for row in found], "latestDateCovered": covered})

    def deleted(self, call: Call, name: str) -> Response:
        """List deletions inside the window, as long as their log is kept."""
        entity = self._entity(call, name)
        start, end = self._window(call, DELETIONS_DAYS)
        found = self.store.tuples(
            'SELECT id, at FROM "_deletion" WHERE object = ? AND at >= ? AND at < ? ORDER BY at',
            (entity.name, start, _minute_after(end)),
        )
        earliest = stamp_text(self.clock.now() - dt.timedelta(days=DELETIONS_DAYS))
        return Response(
            200,
            {
                "deletedRecords": [{"id": row[0], "deletedDate": shown(str(row[1]))} for row in found],
                "earliestDateAvailable": shown(earliest),
                "latestDateCovered": shown(self._covered(end)),
            },
        )

    def _entity(self, call: Call, name: str) -> Entity:
        entity = self.access.addressed(call.person, name)
        if not entity.replicateable:
            raise SandboxError("INVALID_TYPE", f"{label_of(entity.name)} is not replicateable")
        return entity

    def _window(self, call: Call, days: int) -> tuple[str, str]:
        """Return the bounds start and end, cut to the minute; refuse what lies outside what is kept."""
        now = self.clock.now()
        start, end = (self._bound(call, name) for name in ("start", "end"))
        if end - start < _MINUTE:
            raise _refused("startDate must be at least one minute before endDate")
        if now - start > dt.timedelta(days=days):
            raise _refused(f"startDate cannot be more than {days} days ago: {stamp_text(start)}")
        return stamp_text(start), stamp_text(min(end, now))

    def _bound(self, call: Call, name: str) -> dt.datetime:
        moment = parse_moment(call.request.query.get(name, "").replace(" ", "+"))
        if moment is None:
            raise _refused(f"{name} is missing or no date")
        return moment.astimezone(dt.UTC).replace(second=0, microsecond=0)

    def _covered(self, end: str) -> str:
        return min(end, stamp_text(self.running_since)) if self.running_since else end


def _minute_after(stamp: str) -> str:
    return stamp_text(parse_stamp(stamp) + _MINUTE)
