"""What a new org has at first: its organization, two users, the stages and the standard price book."""

from __future__ import annotations

import secrets
from dataclasses import dataclass

from prm.sandbox.kit.clock import Clock
from prm.sandbox.kit.ids import make_id
from prm.sandbox.kit.types import Row, Value
from prm.sandbox.schema.models import Schema
from prm.sandbox.schema.sales import STAGES
from prm.sandbox.store.models import Store

_STAMPS = ("CreatedDate", "LastModifiedDate", "SystemModstamp")
_AUTHORS = ("CreatedById", "LastModifiedById", "OwnerId")


@dataclass(frozen=True, slots=True)
class Seed:
    """Puts rows in without rules, as the org's own set-up does."""

    schema: Schema
    store: Store
    clock: Clock

    def row(self, entity_name: str, **values: Value) -> str:
        """Put in one row and return its id."""
        entity = self.schema.entities[entity_name.lower()]
        stamp, author = self.clock.stamp(), self.store.meta("administrator")
        row: Row = {"Id": self.store.new_id(entity.prefix) if "Id" not in values else values["Id"]}
        for name, field in entity.fields.items():
            if field.type == "boolean":
                row[name] = int(bool(field.default))
            elif name in _STAMPS:
                row[name] = stamp
            elif name in _AUTHORS:
                row[name] = author
        row.update(values)
        self.store.insert(entity, row)
        return str(row["Id"])

    def fill(self, org_name: str) -> None:
        """Fill a new file; one that was filled is left as it is."""
        if self.store.meta("organization") is not None:
            return
        administrator = self.store.new_id("005")
        self.store.set_meta("administrator", administrator)
        self._organization(org_name)
        self._user(administrator, "Admin", "Ada", "System Administrator", org_name)
        integration = self.store.new_id("005")
        self.store.set_meta("integration user", integration)
        self._user(integration, "Integration", "Ivo", "Minimum Access - API Only", org_name)
        for order, stage in enumerate(STAGES, 1):
            self.row(
                "OpportunityStage",
                MasterLabel=stage.label,
                ApiName=stage.label,
                IsActive=1,
                SortOrder=order,
                IsClosed=int(stage.closed),
                IsWon=int(stage.won),
                DefaultProbability=stage.probability,
                ForecastCategory=stage.forecast,
                ForecastCategoryName=stage.forecast,
            )
        self.row("Pricebook2", Name="Standard Price Book", IsActive=1, IsStandard=1)

    def refresh(self) -> None:
        """Give the org another id, as a refresh of a sandbox does; its data stay."""
        old = self.store.meta("organization")
        with self.store.transaction():
            new = self._new_organization_id()
            self.store.execute('UPDATE "Organization" SET "Id" = ? WHERE "Id" = ?', (new, old))

    def _new_organization_id(self) -> str:
        made = make_id("00D", self.store.pod, secrets.randbelow(10**9) + 1)
        self.store.set_meta("organization", made)
        return made

    def _organization(self, org_name: str) -> None:
        organization_id = self._new_organization_id()
        self.row(
            "Organization",
            Id=organization_id,
            Name=f"{org_name.title()} (sandbox org)",
            InstanceName="SBX0",
            IsSandbox=1,
            OrganizationType="Developer Edition",
            TimeZoneSidKey="America/Los_Angeles",
            LanguageLocaleKey="en_US",
            DefaultLocaleSidKey="en_US",
        )

    def _user(self, user_id: str, last: str, first: str, profile: str, org_name: str) -> None:
        self.user(
            f"{last.lower()}@{org_name}.example", last=last, first=first, profile=profile, user_id=user_id
        )

    def user(
        self,
        email: str,
        *,
        last: str,
        first: str = "",
        username: str = "",
        profile: str = "Standard User",
        user_id: str = "",
        active: bool = True,
    ) -> str:
        """Put in a user and return the id; his profile is made when there is none of that name."""
        login = last.lower()
        found = self.store.value('SELECT "Id" FROM "Profile" WHERE "Name" = ?', [profile])
        return self.row(
            "User",
            Id=user_id or self.store.new_id("005"),
            Username=username or email,
            Email=email,
            FirstName=first,
            LastName=last,
            Name=f"{first} {last}".strip(),
            Alias=login[:8],
            IsActive=int(active),
            UserType="Standard",
            TimeZoneSidKey="America/Los_Angeles",
            ProfileId=found or self.row("Profile", Name=profile, UserType="Standard"),
        )
