"""The models of this app's rooms, imported for Django to find."""

from prm.salesforce.counting.models import CountedDay, SeenThere
from prm.salesforce.credentials.models import Authorization, Credential
from prm.salesforce.engine.models import (
    AtRest,
    Conflict,
    Connection,
    Outbox,
    PullCursor,
    RecordLink,
    SyncHour,
    SyncProblem,
    SyncRun,
    SyncSchedule,
    SyncState,
)
from prm.salesforce.guards.models import GuardRules, HeldChange, MassChange
from prm.salesforce.linesets.models import LineSet
from prm.salesforce.mapping.models import MappingVersion, ObjectDescription
from prm.salesforce.matches.models import Match
from prm.salesforce.people.models import Owner, OwnerRules, SalesforceUser
from prm.salesforce.setup.models import Errand
from prm.salesforce.shapes.models import ObjectShape

__all__ = [
    "AtRest",
    "Authorization",
    "Conflict",
    "Connection",
    "CountedDay",
    "Credential",
    "Errand",
    "GuardRules",
    "HeldChange",
    "LineSet",
    "MappingVersion",
    "MassChange",
    "Match",
    "ObjectDescription",
    "ObjectShape",
    "Outbox",
    "Owner",
    "OwnerRules",
    "PullCursor",
    "RecordLink",
    "SalesforceUser",
    "SeenThere",
    "SyncHour",
    "SyncProblem",
    "SyncRun",
    "SyncSchedule",
    "SyncState",
]
