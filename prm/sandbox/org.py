"""One org: its schema, users, records, clock and the faults that lie in wait."""

from __future__ import annotations

import datetime as dt
import secrets
from pathlib import Path
from typing import Any

from prm.sandbox import catalogue
from prm.sandbox.access import Access, Person
from prm.sandbox.auth import Sessions
from prm.sandbox.clock import Clock
from prm.sandbox.cursors import Cursors
from prm.sandbox.faults import FaultPlan
from prm.sandbox.ids import make_id, pod_of
from prm.sandbox.journal import Journal
from prm.sandbox.schema import Entity
from prm.sandbox.standard import STAGES, standard_entities
from prm.sandbox.standard_setup import tooling_entities
from prm.sandbox.store import Store
from prm.sandbox.usage import Usage


class SandboxOrg:
    """The state behind one My Domain address.

    ``path`` is an SQLite file or ``":memory:"``. A new file is a new org with an
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
        self.client_id = client_id or f"sandbox-{name}"
        self.client_secret = client_secret or secrets.token_hex(24)
        self.store = Store(path)
        self.clock = Clock()
        self.faults = FaultPlan()
        self.log = Journal()
        self.usage = Usage(self.clock, daily_limit)
        self.cursors = Cursors()
        self.entities: dict[str, Entity] = {each.name.lower(): each for each in standard_entities()}
        self.tooling: dict[str, Entity] = {each.name.lower(): each for each in tooling_entities()}
        self.running_since: dt.datetime | None = None
        self.access = Access(self)
        self.sessions = Sessions(self)
        with self.store.transaction():
            self._open()

    def close(self) -> None:
        """Close the file; requests that still run will fail."""
        self.store.close()

    def _open(self) -> None:
        for each in [*self.entities.values(), *self.tooling.values()]:
            self.store.ensure_table(each)
        self.pod = self.store.meta("pod") or pod_of(self.name)
        if self.store.meta("organization") is None:
            self._seed()
        self.organization_id = str(self.store.meta("organization"))
        self.integration = Person(str(self.store.meta("integration user")))
        self.administrator = Person(str(self.store.meta("administrator")), admin=True)
        catalogue.load_custom(self)
        self.schema_changed()

    def permissions_changed(self) -> None:
        """To be called after any change of permission sets or their assignment."""
        self.access.reset()
        self.schema_stamp = self.clock.stamp()

    def schema_changed(self) -> None:
        """To be called after any change of objects or fields."""
        self.permissions_changed()
        catalogue.refresh_definitions(self)

    def new_id(self, prefix: str) -> str:
        """The next record id with that key prefix."""
        return make_id(prefix, self.pod, self.store.next_number(prefix))

    def entity_of_id(self, record_id: str) -> Entity | None:
        """The object an 18-character id belongs to, by its key prefix."""
        for each in self.entities.values():
            if each.prefix == record_id[:3]:
                return each
        return None

    # First filling

    def seed_row(self, entity_name: str, **values: Any) -> str:
        """Put in a row without rules, as the org's own set-up does; returns its id."""
        entity = self.entities[entity_name.lower()]
        stamp, author = self.clock.stamp(), self.store.meta("administrator")
        record_id = values.pop("Id", None) or self.new_id(entity.prefix)
        row: dict[str, Any] = {"Id": record_id}
        for each in entity.fields.values():
            if each.type == "boolean":
                row[each.name] = int(bool(each.default))
            elif each.name in ("CreatedDate", "LastModifiedDate", "SystemModstamp"):
                row[each.name] = stamp
            elif each.name in ("CreatedById", "LastModifiedById", "OwnerId"):
                row[each.name] = author
        row.update(values)
        self.store.insert(entity, row)
        return str(record_id)

    def _seed(self) -> None:
        self.store.set_meta("pod", self.pod)
        self._seed_people()
        for order, (label, probability, closed, won, forecast) in enumerate(STAGES, 1):
            self.seed_row(
                "OpportunityStage",
                MasterLabel=label,
                ApiName=label,
                IsActive=1,
                SortOrder=order,
                IsClosed=int(closed),
                IsWon=int(won),
                DefaultProbability=probability,
                ForecastCategory=forecast,
                ForecastCategoryName=forecast,
            )
        self.seed_row("Pricebook2", Name="Standard Price Book", IsActive=1, IsStandard=1)

    def _seed_people(self) -> None:
        admin_id = self.new_id("005")
        self.store.set_meta("administrator", admin_id)
        organization = make_id("00D", self.pod, secrets.randbelow(10**9) + 1)
        self.store.set_meta("organization", organization)
        self.seed_row(
            "Organization",
            Id=organization,
            Name=f"{self.name.title()} (sandbox org)",
            InstanceName="SBX0",
            IsSandbox=1,
            OrganizationType="Developer Edition",
            TimeZoneSidKey="America/Los_Angeles",
            LanguageLocaleKey="en_US",
            DefaultLocaleSidKey="en_US",
        )
        domain = f"{self.name}.example"
        people = (
            ("Admin", "Ada", "System Administrator"),
            ("Integration", "Ivo", "Minimum Access - API Only"),
        )
        for last, first, profile in people:
            login = last.lower()
            record_id = self.seed_row(
                "User",
                Id=admin_id if last == "Admin" else self.new_id("005"),
                Username=f"{login}@{domain}",
                Email=f"{login}@{domain}",
                FirstName=first,
                LastName=last,
                Name=f"{first} {last}",
                Alias=login[:8],
                IsActive=1,
                UserType="Standard",
                TimeZoneSidKey="America/Los_Angeles",
                ProfileId=self.seed_row("Profile", Name=profile, UserType="Standard"),
            )
            if last == "Integration":
                self.store.set_meta("integration user", record_id)
