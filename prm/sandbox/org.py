"""One org: what it is made of, put together in one place, and which of its rooms answers a request."""

from __future__ import annotations

import secrets
from pathlib import Path

from prm.sandbox.access.models import Access, Person
from prm.sandbox.api.models import Journal
from prm.sandbox.api.service import Api, Calls
from prm.sandbox.collections import urls as collections_urls
from prm.sandbox.collections.responses import Collections
from prm.sandbox.composite import urls as composite_urls
from prm.sandbox.composite.responses import Composite
from prm.sandbox.control import urls as control_urls
from prm.sandbox.control.door import Door
from prm.sandbox.control.models import Instance
from prm.sandbox.control.responses import Control
from prm.sandbox.control.service import Administration
from prm.sandbox.control.shaping import Shaping
from prm.sandbox.control.switches import Switches
from prm.sandbox.describe import urls as describe_urls
from prm.sandbox.describe.responses import Describe
from prm.sandbox.faults.models import FaultPlan
from prm.sandbox.features.models import Features
from prm.sandbox.kit.clock import Clock
from prm.sandbox.kit.errors import SandboxError
from prm.sandbox.kit.ids import pod_of
from prm.sandbox.kit.messages import Request, Response, error_response
from prm.sandbox.limits import urls as limits_urls
from prm.sandbox.limits.models import Usage
from prm.sandbox.limits.responses import Limits
from prm.sandbox.oauth import urls as oauth_urls
from prm.sandbox.oauth.assertions import Assertions
from prm.sandbox.oauth.grants import Grants
from prm.sandbox.oauth.models import ConnectedApp
from prm.sandbox.oauth.responses import OAuth
from prm.sandbox.oauth.service import Sessions
from prm.sandbox.pages import urls as pages_urls
from prm.sandbox.pages.consent import Consent
from prm.sandbox.pages.responses import Pages
from prm.sandbox.query import urls as query_urls
from prm.sandbox.query.definitions import Definitions
from prm.sandbox.query.models import Cursors
from prm.sandbox.query.responses import QueryResponses
from prm.sandbox.query.service import Queries
from prm.sandbox.records.recycle import RecycleBin
from prm.sandbox.records.service import Writers
from prm.sandbox.replication import urls as replication_urls
from prm.sandbox.replication.responses import Replication
from prm.sandbox.routing.models import Route, Router
from prm.sandbox.rows import urls as rows_urls
from prm.sandbox.rows.responses import Rows
from prm.sandbox.schema.activities import activity_entities
from prm.sandbox.schema.catalogue import tooling_entities
from prm.sandbox.schema.models import Schema
from prm.sandbox.schema.sales import sales_entities
from prm.sandbox.schema.setup import people_entities, permission_entities
from prm.sandbox.seed import Seed
from prm.sandbox.store.models import Store
from prm.sandbox.tooling import urls as tooling_urls
from prm.sandbox.tooling.responses import Tooling
from prm.sandbox.tooling.service import Catalogue


class SandboxOrg:
    """The state behind one My Domain address; no room knows it, each gets the parts it works with.

    `path` is an SQLite file or `":memory:"`. A new file is a new org with an
    organization id of its own; an existing one is continued.
    """

    def __init__(
        self,
        path: str | Path = ":memory:",
        name: str = "default",
        *,
        client_id: str | None = None,
        client_secret: str | None = None,
        daily_limit: int = 100_000,
    ) -> None:
        self.name = name
        self.instance = Instance(name, name)
        self.app = ConnectedApp(client_id or f"sandbox-{name}", client_secret or secrets.token_hex(24))
        self.clock, self.faults, self.log, self.cursors = Clock(), FaultPlan(), Journal(), Cursors()
        self.usage = Usage(self.clock, daily_limit)
        self.schema = Schema(
            [*people_entities(), *sales_entities(), *activity_entities(), *permission_entities()],
            tooling_entities(),
        )
        self.store = Store(path, pod_of(name))
        self.access = Access(self.schema, self.store, self.clock)
        self.seed = Seed(self.schema, self.store, self.clock)
        self._catalogue = Catalogue(self.schema, self.store, self.access, self.clock)
        with self.store.transaction():
            for each in [*self.schema.entities.values(), *self.schema.tooling.values()]:
                self.store.ensure_table(each)
            self.seed.fill(name)
            self._catalogue.load()
        self.features = Features(self.schema, self.store, self.access)
        self.features.recall()
        self.app.recall(self.store)
        self.integration = Person(str(self.store.meta("integration user")))
        self.administrator = Person(str(self.store.meta("administrator")), admin=True)
        self._furnish()

    @property
    def organization_id(self) -> str:
        """The org's id; another one after `refresh`."""
        return self.sessions.organization_id

    def refresh(self) -> None:
        """Become a refreshed sandbox: a new id, the old data, and nobody is signed in or allowed any more."""
        self.seed.refresh()
        self.sessions.end_all()
        self.grants.end_all()

    def _furnish(self) -> None:
        """Make the services."""
        schema, store, access, clock = self.schema, self.store, self.access, self.clock
        recycle_bin = RecycleBin(schema, store)
        writers = self.writers = Writers(schema, store, access, clock, self.faults, recycle_bin)
        definitions = Definitions(schema, store, clock)
        self.sessions = Sessions(store, clock, self.app)
        self.grants = Grants(store, clock, self.app, self.sessions)
        self.queries = Queries(schema, store, access, clock, self.cursors, definitions)
        self.replication = Replication(store, access, clock)
        self.administration = Administration(
            schema, store, writers, recycle_bin, self.replication, self.administrator, self.seed
        )
        limits, calls, open_router = Limits(self.usage), Calls(), Router()
        open_router.add([*self._sign_in_routes(), *limits_urls.open_routes(limits)])
        for routes in (
            limits_urls.routes(limits),
            query_urls.routes(QueryResponses(self.queries)),
            describe_urls.routes(Describe(schema, access)),
            replication_urls.routes(self.replication),
            rows_urls.routes(Rows(store, access, writers)),
            composite_urls.routes(Composite(store, access, calls.answer)),
            collections_urls.routes(Collections(schema, store, access, writers)),
            tooling_urls.routes(Tooling(schema, store, self._catalogue, definitions)),
        ):
            calls.router.add(routes)
        self.api = Api(store, clock, self.sessions, self.usage, self.faults, self.log, open_router, calls)
        self.shaping = Shaping(schema, store, access)
        door = Door(store, self.app, self.sessions, self.grants, self.refresh)
        control = Control(
            clock, self.faults, self.log, self.usage, door, self.cursors, self.administration,
            self.shaping, self.instance, self.features,
        )  # fmt: skip
        self._router = Router()
        switches = Switches(
            schema, self.faults, self.shaping, self.instance, door, self._pages, self.features
        )
        self._router.add([*control_urls.routes(control, switches), *pages_urls.routes(self._pages)])

    def _sign_in_routes(self) -> list[Route]:
        """Return what answers those who want to come in: programs, and people who are asked on a page."""
        store, clock = self.store, self.clock
        oauth = OAuth(
            self.sessions, self.grants, Assertions(store, clock, self.app), self.app, clock, self.schema, store,
            self.instance.domain, self.integration,
        )  # fmt: skip
        self._pages = Pages(
            self.schema, store, self.writers, clock, self.name, self.administrator, self.administration.change
        )
        consent = Consent(store, self.app, self.sessions, self.grants, self._pages)
        return [*oauth_urls.open_routes(oauth), *pages_urls.open_routes(consent)]

    def close(self) -> None:
        """Close the file; requests that still run will fail."""
        self.store.close()

    async def answer(self, request: Request) -> Response:
        """Answer a request whose path is the one below the org's name."""
        if request.path.startswith("/services/"):
            return await self.api.answer(request)
        found = self._router.find(request.method, request.path)
        try:
            with self.store.lock:
                if found.handler is None:
                    return self._pages.nothing(request)
                return found.handler(request, *found.parts)
        except SandboxError as error:
            return error_response(error)
        except ValueError as error:
            return Response(400, {"error": str(error)})
