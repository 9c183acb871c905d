"""What the sync tells in the digest: what waits for a person, and what Salesforce refuses."""

from collections.abc import Sequence

from prm.accounts.rights import Right
from prm.core.urls import tenant_url
from prm.digest.lines.registry import Act, Asking, Line, Topic
from prm.salesforce.engine.models import Conflict, SyncProblem
from prm.salesforce.guards.models import MassChange
from prm.salesforce.matches.models import Match
from prm.tenancy.context import current_tenant
from prm.ui.formatting import plural


def _conflicts(asking: Asking) -> Sequence[Line]:
    """Return how many fields both sides changed, as one line."""
    del asking  # everybody who decides conflicts decides all
    count = Conflict.objects.filter(state=Conflict.State.OPEN).count()
    return [Line(f"{plural(count, 'field')} changed on both sides", count=count)] if count else []


def _matches(asking: Asking) -> Sequence[Line]:
    """Return how many records of Salesforce may be one of ours, as one line."""
    del asking
    count = Match.objects.filter(state=Match.State.OPEN).count()
    return [Line(f"{plural(count, 'account')} to adopt or not", count=count)] if count else []


def _masses(asking: Asking) -> Sequence[Line]:
    """Return changes of many records at once that wait for a person."""
    del asking
    waiting = MassChange.objects.filter(state=MassChange.State.WAITING).order_by("-since")
    return [
        Line(str(mass), "It waits until somebody approves or refuses it.", mark=str(mass.pk))
        for mass in waiting[:50]
    ]


def _problems(asking: Asking) -> Sequence[Line]:
    """Return what is held, grouped by what Salesforce said, the oldest first."""
    del asking
    held = SyncProblem.objects.exclude(kind=SyncProblem.Kind.LATER).order_by("since", "pk")
    count = held.count()
    first = held.first()
    if first is None:
        return []
    return [
        Line(
            f"{plural(count, 'record')} held",
            f"First of all {first.title}: {first.message}"[:300],
            path=tenant_url(current_tenant(), "salesforce:problems"),
            count=count,
            mark="held",
        )
    ]


TOPICS = [
    Topic(
        key="conflicts",
        label="Conflicts with Salesforce",
        nouns=lambda: ("conflict to decide", "conflicts to decide"),
        right=Right.CONFLICT_DECIDE,
        url_name="salesforce:conflicts",
        find=_conflicts,
        order=70,
    ),
    Topic(
        key="mass-changes",
        label="Changes of many records at once",
        nouns=lambda: ("mass change to decide", "mass changes to decide"),
        right=Right.SYNC_VIEW,
        url_name="salesforce:mass-changes",
        find=_masses,
        order=65,
    ),
    Topic(
        key="adoption",
        label="Accounts to adopt",
        nouns=lambda: ("account to adopt or not", "accounts to adopt or not"),
        right=Right.SYNC_EDIT,
        url_name="salesforce:adopt",
        find=_matches,
        order=75,
    ),
    Topic(
        key="refused",
        label="What Salesforce refuses",
        nouns=lambda: ("record held by Salesforce", "records held by Salesforce"),
        right=Right.SYNC_VIEW,
        url_name="salesforce:health",
        find=_problems,
        order=72,
    ),
]
ACTS: list[Act] = []
