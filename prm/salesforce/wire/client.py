"""What the engine asks of a Salesforce organisation, in its own words.

Reads and set-up go through simple-salesforce; writes of records go through our own collections
calls (`restful`), because the library's record handles neither batch nor keep headers. All of it
travels through `transport.SalesforceSession`.
"""

from __future__ import annotations

import time
from collections.abc import Callable, Iterator, Sequence
from contextlib import contextmanager
from dataclasses import dataclass
from datetime import datetime
from decimal import Decimal
from typing import Any

from django.conf import settings
from simple_salesforce.api import Salesforce

from prm.core.clock import now
from prm.core.outgoing.errors import OutgoingError
from prm.core.outgoing.session import OutgoingSession
from prm.salesforce.wire import errors
from prm.salesforce.wire.transport import ANSWER_SECONDS, MOST_BYTES, SalesforceSession, Tokens, Usage, lost

BATCH = 200
"""Records per collections call, Salesforce's maximum."""

NOT_UNDERSTOOD = "What answers at this address does not speak as Salesforce does."

PAGE = 2000
"""Rows per query page, Salesforce's maximum."""

# Assignment rules must not hand our records to somebody else, and a duplicate rule that only
# warns a person must not stop a machine. Rules that block still do.
_WRITE_HEADERS = {
    "Sforce-Auto-Assign": "false",
    "Sforce-Duplicate-Rule-Header": "allowSave=true",
}

Record = dict[str, Any]


@dataclass(frozen=True, slots=True)
class RowResult:
    """What became of one record of a collections call."""

    id: str
    success: bool
    created: bool
    error: errors.RowError | None = None


class Org:
    """One organisation, by one signed-in user. Not shared between threads."""

    def __init__(self, tokens: Tokens, pause: Callable[[float], None] = time.sleep) -> None:
        """Sign in if needed; `pause(seconds)` waits between tries. Raises `SalesforceError`."""
        grant = tokens.current()
        self.session = SalesforceSession(tokens, pause)
        self._sf = Salesforce(
            session_id=grant.token,
            instance_url=grant.instance_url,
            session=self.session,
            version=settings.SALESFORCE_API_VERSION.removeprefix("v"),
            parse_float=Decimal,
            object_pairs_hook=None,
        )

    @property
    def usage(self) -> Usage:
        """Calls made and limits seen so far."""
        return self.session.usage

    def now(self) -> datetime:
        """Return Salesforce's clock, from the last answer; asks when there was none yet."""
        if self.usage.server_time is None:
            self._call("limits", "GET")
        return self.usage.server_time or now()

    def query(self, soql: str, *, deleted: bool = False) -> Iterator[Record]:
        """Yield all rows of a query, page by page; with `deleted` also those in the recycle bin."""
        with _understood():
            for row in self._sf.query_all_iter(soql, include_deleted=deleted):
                row.pop("attributes", None)
                yield row

    def count(self, sobject: str, where: str = "") -> int:
        """Return how many rows there are, with one call and without reading them."""
        soql = f"SELECT COUNT() FROM {sobject}" + (f" WHERE {where}" if where else "")  # nosec B608 # SOQL: names are checked, values quoted by soql.py
        with _understood():
            return int(self._sf.query(soql)["totalSize"])

    def upsert(self, sobject: str, external_id: str, records: Sequence[Record]) -> list[RowResult]:
        """Create or update up to 200 records of one type, keyed by an external id in each.

        One call, results in the order given. Raises `UnknownOutcome` when the answer is lost.
        """
        body = {
            "allOrNone": False,
            "records": [{"attributes": {"type": sobject}, **record} for record in records],
        }
        answer = self._call(
            f"composite/sobjects/{sobject}/{external_id}", "PATCH", json=body, headers=_WRITE_HEADERS
        )
        return _results(answer, len(records))

    def delete(self, ids: Sequence[str]) -> list[RowResult]:
        """Put up to 200 records into the recycle bin; one call, results in the order given."""
        answer = self._call(
            "composite/sobjects", "DELETE", params={"ids": ",".join(ids), "allOrNone": "false"}
        )
        return _results(answer, len(ids))

    def create(self, sobject: str, record: Record) -> str:
        """Create one record (set-up only: not repeatable) and return its id."""
        answer = self._call(f"sobjects/{sobject}", "POST", json=record)
        with _understood(writes=True):
            return str(answer["id"])

    def describe(self, sobject: str) -> Record:
        """Return the object's description. Raises `Gone` when there is no such object."""
        answer = self._call(f"sobjects/{sobject}/describe", "GET")
        with _understood():
            return dict(answer)

    def tooling_create(self, kind: str, body: Record) -> str:
        """Create a metadata record by the Tooling API and return its id."""
        answer = self._call(f"tooling/sobjects/{kind}", "POST", json=body)
        with _understood(writes=True):
            return str(answer["id"])

    def create_object(self, full_name: str, metadata: Record) -> None:
        """Create a custom object by the Metadata API, which real organisations need for that."""
        mdapi, name_field = self._sf.mdapi, metadata["nameField"]
        # The library gives its SOAP client a session of its own, which would go anywhere and wait for ever.
        soap = mdapi._client.transport  # noqa: SLF001 - it offers no other way
        soap.session = OutgoingSession(seconds=ANSWER_SECONDS, most_bytes=MOST_BYTES)
        wanted = mdapi.CustomObject(
            fullName=full_name,
            label=metadata["label"],
            pluralLabel=metadata["pluralLabel"],
            nameField=mdapi.CustomField(label=name_field["label"], type=mdapi.FieldType(name_field["type"])),
            deploymentStatus=mdapi.DeploymentStatus(metadata["deploymentStatus"]),
            sharingModel=mdapi.SharingModel(metadata["sharingModel"]),
        )
        try:
            mdapi.CustomObject.create(wanted)
        except OutgoingError as error:
            raise lost(error, writes=True) from error
        except Exception as error:  # the library raises bare exceptions with Salesforce's words
            raise errors.Permanent(errors.plain(error), code="METADATA") from error

    def organisation(self) -> Record:
        """Return Id, Name and IsSandbox of the organisation."""
        found = next(self.query("SELECT Id, Name, IsSandbox FROM Organization LIMIT 1"), None)
        if found is None:
            raise errors.Permanent(NOT_UNDERSTOOD)
        return found

    def _call(self, path: str, method: str, **options: Any) -> Any:
        with _understood(writes=method != "GET"):
            return self._sf.restful(path, method=method, **options)


@contextmanager
def _understood(*, writes: bool = False) -> Iterator[None]:
    """Sort out answers that are no JSON, or JSON of another shape than Salesforce's."""
    try:
        yield
    except ValueError as error:
        kind = errors.UnknownOutcome if writes else errors.Busy
        raise kind("Salesforce's answer was cut off.") from error
    except (KeyError, IndexError, TypeError, AttributeError, RecursionError) as error:
        raise (errors.UnknownOutcome if writes else errors.Permanent)(NOT_UNDERSTOOD) from error


def _results(answer: Any, expected: int) -> list[RowResult]:
    if not isinstance(answer, list) or len(answer) != expected:
        raise errors.UnknownOutcome("Salesforce did not account for every record sent.")
    with _understood(writes=True):
        return [_result(row) for row in answer]


def _result(row: Record) -> RowResult:
    problems = row.get("errors") or []
    error = None
    if not row.get("success"):
        first = problems[0] if isinstance(problems, list) and problems else {}
        error = errors.row_error(first if isinstance(first, dict) else {})
    return RowResult(str(row.get("id") or ""), bool(row.get("success")), bool(row.get("created")), error)
