"""A tenant connected to a sandbox org over real HTTP on loopback."""

import shutil
from contextlib import suppress
from dataclasses import dataclass, field
from datetime import datetime
from pathlib import Path
from typing import Any

import pytest
import requests
from django.db import transaction
from django.db.models import Model

from prm.core.clock import now
from prm.salesforce.engine import queue
from prm.salesforce.engine.models import (
    Conflict,
    Connection,
    Outbox,
    PullCursor,
    RecordLink,
    SyncProblem,
)
from prm.salesforce.mapping import registry
from prm.salesforce.mapping.models import ObjectDescription
from prm.salesforce.runs import run
from prm.salesforce.setup import service as setup_service
from prm.salesforce.shapes.models import ObjectShape
from prm.sandbox.org import SandboxOrg
from prm.sandbox.server import SandboxServer
from prm.tenancy.context import bound_tenant
from tests.conftest import as_a_worker


class There:
    """Somebody who works in the Salesforce organisation, with a session of his own."""

    def __init__(self, server: SandboxServer) -> None:
        self.org = server.org
        self.base = f"{server.url}/services/data/v66.0"
        self.session = requests.Session()
        self.session.trust_env = False
        answer = self.session.post(
            f"{server.url}/services/oauth2/token",
            data={
                "grant_type": "client_credentials",
                "client_id": server.client_id,
                "client_secret": server.client_secret,
            },
        )
        self.session.headers["Authorization"] = f"Bearer {answer.json()['access_token']}"

    def call(self, method: str, path: str, **options: Any) -> Any:
        answer = self.session.request(method, f"{self.base}/{path}", **options)
        assert answer.status_code < 300, answer.text
        return answer.json() if answer.content else None

    def query(self, soql: str, *, deleted: bool = False) -> list[dict[str, Any]]:
        answer = self.call("GET", "queryAll" if deleted else "query", params={"q": soql})
        rows = answer["records"]
        while not answer["done"]:
            answer = self.session.get(f"{self.base.split('/services')[0]}{answer['nextRecordsUrl']}").json()
            rows += answer["records"]
        return rows

    def one(self, sobject: str, record_id: Any, *fields: str) -> dict[str, Any]:
        (row,) = self.query(
            f"SELECT Id, {', '.join(fields) or 'Name'} FROM {sobject} WHERE PRM_Id__c = '{record_id}'"
        )
        return row

    def edit(self, sobject: str, record_id: Any, **values: Any) -> None:
        row = self.one(sobject, record_id, "PRM_Id__c")
        self.call("PATCH", f"sobjects/{sobject}/{row['Id']}", json=values)

    def delete(self, sobject: str, record_id: Any) -> None:
        self.call("DELETE", f"sobjects/{sobject}/{self.one(sobject, record_id, 'PRM_Id__c')['Id']}")

    def count(self, sobject: str) -> int:
        return len(self.query(f"SELECT Id FROM {sobject}"))


@dataclass
class Link:
    """The tenant in scope and its organisation."""

    server: SandboxServer
    there: There
    pauses: list[float] = field(default_factory=list)

    @property
    def org(self) -> SandboxOrg:
        return self.server.org

    def sync(self, **wish: Any) -> Any:
        wish = {"patient": False, **wish}
        with as_a_worker():
            return run.sync(run.Wish(**wish), pause=self.pauses.append)

    def settle(self) -> Any:
        """Sync twice, since a pull can make work for the next push."""
        self.sync()
        return self.sync()

    def writes(self) -> list[dict[str, Any]]:
        """What the journal says was written since the last `forget`."""
        calls = [part for entry in self.entries() for part in entry.get("parts") or [entry]]
        return [call for call in calls if call["method"] in {"PATCH", "DELETE"}]

    def entries(self) -> list[dict[str, Any]]:
        return self.org.log.entries

    def forget(self) -> None:
        self.org.log.clear()

    def fault(self, kind: str, **options: Any) -> None:
        self.org.faults.add(kind=kind, **options)

    def dirty(self) -> int:
        return Outbox.objects.count()

    def links(self) -> int:
        return RecordLink.objects.count()

    def problems(self) -> list[Any]:
        return list(SyncProblem.objects.order_by("since"))

    def conflicts(self) -> list[Any]:
        return list(Conflict.objects.order_by("at"))

    def has_work(self) -> bool:
        return queue.has_work()


class Undo(Exception):
    """Ends a transaction without a trace."""


@dataclass
class Furnished:
    """An organisation that was set up and read once, and what PRM then knew of it; the first test that needs it makes it.

    A tenant that connects to a copy of it looks at nothing anew: most tests are about what comes after.
    """

    file: Path
    at: datetime | None = None
    known: list[tuple[type[Model], list[dict[str, Any]]]] = field(default_factory=list)

    def make(self) -> None:
        """Set up an organisation from within the bound tenant, which forgets it."""
        org = SandboxOrg(self.file.with_suffix(".new"))
        with SandboxServer(org) as server, suppress(Undo), transaction.atomic():
            _connect(server)
            run.sync(run.Wish())
            self.known = [(model, list(model.objects.values())) for model in KNOWN]
            self.at = now()
            raise Undo
        org.close()
        self.file.with_suffix(".new").rename(self.file)

    def remember(self) -> None:
        """Let the bound tenant know what was known, as if it had been learned just now."""
        assert self.at is not None
        later = now() - self.at
        for model, rows in self.known:
            made = [
                {
                    name: value + later if isinstance(value, datetime) else value
                    for name, value in row.items()
                    if name not in {"id", "tenant_id"}
                }
                for row in rows
            ]
            model.objects.bulk_create([model(**one) for one in made])
        moment = now()
        read = [one.key for one in registry.mappings().values() if one.adopt is not None]
        Connection.objects.update(set_up_at=moment, read_at=moment, objects_read=read)


KNOWN = (ObjectShape, ObjectDescription, PullCursor)
"""What a tenant learns of its organisation before anything is exchanged."""


@pytest.fixture(scope="session")
def furnished(tmp_path_factory):
    return Furnished(tmp_path_factory.mktemp("organisation") / "org.sqlite")


def _sign_in(server: SandboxServer) -> None:
    setup_service.connect(
        login_url=server.url, client_id=server.client_id, client_secret=server.client_secret
    )


def _connect(server: SandboxServer) -> None:
    _sign_in(server)
    result = setup_service.set_up()
    assert result.complete, result
    setup_service.start()


@pytest.fixture
def server():
    org = SandboxOrg()
    with SandboxServer(org) as running:
        yield running
    org.close()


@pytest.fixture
def bound(mercy):
    with bound_tenant(mercy.tenant):
        yield mercy


@pytest.fixture
def furnished_server(bound, furnished, tmp_path):
    """An organisation that has all objects and fields: setting it up finds nothing to make."""
    if furnished.at is None:
        furnished.make()
    org = SandboxOrg(shutil.copy(furnished.file, tmp_path))
    with SandboxServer(org) as running:
        yield running
    org.close()


@pytest.fixture
def connected(furnished_server, furnished):
    """Connected and set up; nothing to send yet."""
    _sign_in(furnished_server)
    with transaction.atomic():
        furnished.remember()
    setup_service.start()
    link = Link(furnished_server, There(furnished_server))
    link.sync()
    link.forget()
    return link
