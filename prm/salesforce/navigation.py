"""What the sync adds to the navigation."""

from __future__ import annotations

from prm.salesforce.engine.models import Conflict, SyncProblem
from prm.ui.navigation import NavItem

_WHO = frozenset({"administrator", "manager"})


def _held(membership: object) -> int | None:
    del membership
    return SyncProblem.objects.exclude(kind=SyncProblem.Kind.LATER).count() or None


def _open(membership: object) -> int | None:
    del membership
    return Conflict.objects.filter(state=Conflict.State.OPEN).count() or None


ITEMS = [
    NavItem(
        key="sync",
        label="Sync health",
        icon="refresh",
        url_name="salesforce:health",
        roles=_WHO,
        section="Salesforce",
        order=10,
        counter=_held,
    ),
    NavItem(
        key="conflicts",
        label="Conflicts",
        icon="git-fork",
        url_name="salesforce:conflicts",
        roles=_WHO,
        section="Salesforce",
        order=20,
        counter=_open,
        decision=True,
    ),
]
