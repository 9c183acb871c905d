"""What the engine asks of a Salesforce organisation, in its own words.

Reads and set-up go through simple-salesforce; writes of records go through our own collections
calls (`restful`), because the library's record handles neither batch nor keep headers. All of it
travels through `transport.SalesforceSession`.
"""

from __future__ import annotations

import io
import json
import time
import zipfile
from collections.abc import Callable, Iterator, Mapping, Sequence
from contextlib import contextmanager
from dataclasses import dataclass, field
from datetime import datetime
from decimal import Decimal
from typing import Any
from urllib.parse import urlencode

from django.conf import settings
from simple_salesforce.api import Salesforce

from prm.core.clock import now
from prm.salesforce.wire import errors
from prm.salesforce.wire.transport import SalesforceSession, Tokens, Usage

BATCH = 200
"""Records per collections call, Salesforce's maximum."""

NOT_UNDERSTOOD = "What answers at this address does not speak as Salesforce does."

PAGE = 2000
"""Rows per query page, Salesforce's maximum."""

# Assignment rules must not hand our records to somebody else. A duplicate rule holds, also one that only warns: an
# alert says that somebody thinks these are one, which a person decides. Only what was told apart may pass it.
_WRITE_HEADERS = {
    "Sforce-Auto-Assign": "false",
    "Sforce-Duplicate-Rule-Header": "allowSave=false; includeRecordDetails=true",
}
_TOLD_APART = _WRITE_HEADERS | {"Sforce-Duplicate-Rule-Header": "allowSave=true; includeRecordDetails=true"}

Record = dict[str, Any]
Json = Any
"""What an answer holds, before it is understood."""


@dataclass(frozen=True, slots=True)
class Organisation:
    """What an organisation says of itself; `currency` is "" where it does not tell. Calls are those of 24 hours."""

    id: str
    name: str
    is_sandbox: bool
    edition: str = ""
    currency: str = ""
    many_currencies: bool = False
    calls_limit: int | None = None
    calls_left: int | None = None


@dataclass(frozen=True, slots=True)
class RowResult:
    """What became of one record of a collections call."""

    id: str
    success: bool
    created: bool
    error: errors.RowError | None = None


@dataclass(frozen=True, slots=True)
class Written:
    """What became of a write: a result per record, and what was read before and after it (`None`: not readable)."""

    results: list[RowResult]
    before: list[Record] | None
    after: list[list[Record] | None]


@dataclass(frozen=True, slots=True)
class Part:
    """One request, alone or in a composite; `path` is below the version's. `soql` is set for queries."""

    method: str
    path: str
    params: Mapping[str, str] = field(default_factory=dict)
    body: Record | None = None
    headers: Mapping[str, str] = field(default_factory=dict)
    soql: str = ""

    @classmethod
    def reads(cls, soql: str) -> Part:
        """Return a query that also shows what lies in the recycle bin."""
        return cls("GET", "queryAll", params={"q": soql}, soql=soql)

    @property
    def writes(self) -> bool:
        """Whether it changes data."""
        return self.method != "GET"

    def inner(self, name: str, home: str) -> Record:
        """Return it as a part of a composite."""
        query = f"?{urlencode(self.params)}" if self.params else ""
        made: Record = {"method": self.method, "url": f"{home}{self.path}{query}", "referenceId": name}
        if self.body is not None:
            made["body"] = self.body
        return made | ({"httpHeaders": dict(self.headers)} if self.headers else {})


class Org:
    """One organisation, by one signed-in user. Not shared between threads."""

    def __init__(self, tokens: Tokens, pause: Callable[[float], None] = time.sleep) -> None:
        """Sign in if needed; `pause(seconds)` waits between tries. Raises `SalesforceError`."""
        grant = tokens.current()
        self.session = SalesforceSession(tokens, pause)
        self._bundles = True
        self._home = f"/services/data/{settings.SALESFORCE_API_VERSION}/"
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

    def write(
        self,
        sobject: str,
        key: str,
        records: Sequence[Record],
        before: str = "",
        after: Sequence[str] = (),
        *,
        told_apart: bool = False,
    ) -> Written:
        """Write up to 200 records of one type, results in the order given; read by SOQL before and after it.

        With a `key`, an external id field that each record carries, records are created or updated by it; without
        one they are updated by their `id`. What was `told_apart` passes duplicate rules that only warn. All is one call, so that hardly anything can happen in between.
        Raises `UnknownOutcome` when the answer is lost, and what refuses the writing as a whole.
        """
        body = {
            "allOrNone": False,
            "records": [{"attributes": {"type": sobject}, **record} for record in records],
        }
        path = f"composite/sobjects/{sobject}/{key}" if key else "composite/sobjects"
        parts = [Part("PATCH", path, body=body, headers=_TOLD_APART if told_apart else _WRITE_HEADERS)]
        if before:
            parts.insert(0, Part.reads(before))
        parts += [Part.reads(soql) for soql in after]
        answers = self.bundle(parts)
        place = 1 if before else 0
        answer = answers[place]
        if isinstance(answer, errors.SalesforceError):
            raise answer
        found = [_rows_or_none(each) for each in answers]
        return Written(_results(answer, len(records)), found[0] if before else None, found[place + 1 :])

    def read(self, queries: Sequence[str]) -> list[list[Record] | errors.SalesforceError]:
        """Run up to five queries with one call, deleted rows included; an error stands in its query's place."""
        answers = self.bundle([Part.reads(soql) for soql in queries])
        return [each if isinstance(each, errors.SalesforceError) else list(each) for each in answers]

    def bundle(self, parts: Sequence[Part]) -> list[Json]:
        """Ask several things with one call, in order and independent of each other.

        Returns what each answered: its JSON, all rows of a query, or the error that refused it. An organisation
        that does not take composites is asked one by one.
        """
        if self._bundles and len(parts) > 1:
            try:
                answer = self._call("composite", "POST", json={"allOrNone": False, "compositeRequest": [
                    part.inner(f"p{place}", self._home) for place, part in enumerate(parts)
                ]})  # fmt: skip
            except errors.Permanent:
                self._bundles = False
            else:
                return self._bundled(answer, parts)
        found: list[Json] = []
        for part in parts:
            found.append(self._alone(part, written=any(each.writes for each in parts[: len(found)])))
        return found

    def _bundled(self, answer: Json, parts: Sequence[Part]) -> list[Json]:
        with _understood(writes=any(part.writes for part in parts)):
            answers = list(answer["compositeResponse"])
            if len(answers) != len(parts):
                raise KeyError("compositeResponse")
            found: list[Json] = []
            for part, each in zip(parts, answers, strict=True):
                status, body = int(each["httpStatusCode"]), each["body"]
                if status >= 300:
                    found.append(errors.classify(errors.answer_of(status, body), writes=part.writes))
                else:
                    found.append(self._all_rows(body) if part.soql else body)
            return found

    def _alone(self, part: Part, *, written: bool) -> Json:
        options: dict[str, Json] = {"json": part.body} if part.body is not None else {}
        try:
            answer = self._call(part.path, part.method, params=part.params, headers=part.headers, **options)
        except (errors.Retryable, errors.Misconfigured) as error:
            if written and not part.writes:
                return error
            raise
        except errors.SalesforceError as error:
            return error
        return self._all_rows(answer) if part.soql else answer

    def _all_rows(self, page: Json) -> list[Record]:
        """Return the rows of a query, those of its further pages too, without their attributes."""
        with _understood():
            rows: list[Record] = []
            while True:
                rows += page["records"]
                if page["done"]:
                    break
                page = self._sf.query_more(page["nextRecordsUrl"], identifier_is_url=True)
            for row in rows:
                row.pop("attributes", None)
            return rows

    def delete(self, ids: Sequence[str]) -> list[RowResult]:
        """Put up to 200 records into the recycle bin; one call, results in the order given."""
        answer = self._call(
            "composite/sobjects", "DELETE", params={"ids": ",".join(ids), "allOrNone": "false"}
        )
        return _results(answer, len(ids))

    def create_many(self, sobject: str, records: Sequence[Record]) -> list[RowResult]:
        """Create up to 200 records of an object whose own unique keys refuse a second one; results in the order given."""
        body = {
            "allOrNone": False,
            "records": [{"attributes": {"type": sobject}, **record} for record in records],
        }
        answer = self._call("composite/sobjects", "POST", json=body)
        return _results(answer, len(records))

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

    def deploy(self, files: Mapping[str, bytes]) -> str:
        """Hand a package of metadata to the organisation and return the deployment's id; harmless to repeat.

        `files` by path, in metadata format, `package.xml` with them. See `deployment` for how it goes on.
        """
        options = {"singlePackage": True, "rollbackOnError": True}
        parts = {
            "json": (None, json.dumps({"deployOptions": options}), "application/json"),
            "file": ("deploy.zip", _zipped(files), "application/zip"),
        }
        answer = self.session.request("POST", f"{self._sf.base_url}metadata/deployRequest", files=parts)
        with _understood(writes=True):
            return str(answer.json()["id"])

    def deployment(self, deployment_id: str) -> Record:
        """Return how far a deployment is: `status`, `done`, counts of components, and what failed."""
        answer = self._call(
            f"metadata/deployRequest/{deployment_id}", "GET", params={"includeDetails": "true"}
        )
        with _understood():
            return dict(answer["deployResult"])

    def organisation(self) -> Organisation:
        """Return what the organisation says of itself, in three calls; of its currency only where it tells it."""
        asked = "SELECT Id, Name, IsSandbox, OrganizationType FROM Organization LIMIT 1"
        found = next(self.query(asked), None)
        if found is None:
            raise errors.Permanent(NOT_UNDERSTOOD)
        limit = self._asked("limits").get("DailyApiRequests")
        # Part of Connect REST; not every edition lets an integration user at it.
        features = self._asked("connect/organization").get("features")
        about = features if isinstance(features, dict) else {}
        with _understood():
            return Organisation(
                id=str(found["Id"]),
                name=str(found.get("Name") or ""),
                is_sandbox=bool(found.get("IsSandbox")),
                edition=str(found.get("OrganizationType") or ""),
                currency=str(about.get("defaultCurrencyIsoCode") or "")[:3],
                many_currencies=bool(about.get("multiCurrency")),
                calls_limit=int(limit["Max"]) if isinstance(limit, dict) else None,
                calls_left=int(limit["Remaining"]) if isinstance(limit, dict) else None,
            )

    def _asked(self, path: str) -> Record:
        """Return what a resource says; nothing where it is refused."""
        try:
            answer = self._call(path, "GET")
        except (errors.Permanent, errors.Misconfigured):
            return {}
        return answer if isinstance(answer, dict) else {}

    def _call(self, path: str, method: str, **options: Json) -> Json:
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


def _zipped(files: Mapping[str, bytes]) -> bytes:
    packed = io.BytesIO()
    with zipfile.ZipFile(packed, "w", zipfile.ZIP_DEFLATED) as archive:
        for path, body in files.items():
            archive.writestr(path, body)
    return packed.getvalue()


def _rows_or_none(answer: Json) -> list[Record] | None:
    return answer if isinstance(answer, list) else None


def _results(answer: Json, expected: int) -> list[RowResult]:
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
