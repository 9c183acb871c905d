"""What the sync adds to the navigation."""

from __future__ import annotations

from uuid import UUID

from prm.accounts.rights import Right
from prm.salesforce.engine.models import Conflict, SyncProblem
from prm.salesforce.guards.models import MassChange
from prm.salesforce.matches.models import Match
from prm.ui.navigation import NavItem


def _held(member_id: UUID) -> int | None:
    del member_id
    return SyncProblem.objects.exclude(kind=SyncProblem.Kind.LATER).count() or None


def _open(member_id: UUID) -> int | None:
    del member_id
    return Conflict.objects.filter(state=Conflict.State.OPEN).count() or None


def _undecided(member_id: UUID) -> int | None:
    del member_id
    return Match.objects.filter(state=Match.State.OPEN).count() or None


def _masses(member_id: UUID) -> int | None:
    del member_id
    return MassChange.objects.filter(state=MassChange.State.WAITING).count() or None


ITEMS = [
    NavItem(
        key="sync",
        label="Sync health",
        icon="refresh",
        url_name="salesforce:health",
        right=Right.SYNC_VIEW,
        section="Salesforce",
        order=10,
        counter=_held,
    ),
    NavItem(
        key="adopt",
        label="Adopt accounts",
        icon="link",
        url_name="salesforce:adopt",
        right=Right.SYNC_VIEW,
        section="Salesforce",
        order=15,
        counter=_undecided,
        decision=True,
    ),
    NavItem(
        key="conflicts",
        label="Conflicts",
        icon="git-fork",
        url_name="salesforce:conflicts",
        right=Right.SYNC_VIEW,
        section="Salesforce",
        order=20,
        counter=_open,
        decision=True,
    ),
    NavItem(
        key="mapping",
        label="Field mapping",
        icon="transfer",
        url_name="salesforce:mapping",
        right=Right.SYNC_VIEW,
        section="Salesforce",
        order=22,
    ),
    NavItem(
        key="owners",
        label="Owners",
        icon="users",
        url_name="salesforce:owners",
        right=Right.SYNC_VIEW,
        section="Salesforce",
        order=23,
    ),
    NavItem(
        key="mass-changes",
        label="Mass changes",
        icon="stack-2",
        url_name="salesforce:mass-changes",
        right=Right.SYNC_VIEW,
        section="Salesforce",
        order=25,
        counter=_masses,
        decision=True,
    ),
]
