"""Users of Salesforce, chosen by typing."""

from __future__ import annotations

from django.db.models import Q, QuerySet

from prm.accounts.rights import Right
from prm.salesforce.people.models import SalesforceUser
from prm.ui.pickers.pickers import Picker


def _matching(rows: QuerySet[SalesforceUser], words: str) -> QuerySet[SalesforceUser]:
    return rows.filter(Q(name__icontains=words) | Q(email__icontains=words))


USERS = Picker(
    key="salesforce-users",
    right=Right.SYNC_VIEW,
    rows=lambda: SalesforceUser.objects.filter(is_active=True),
    matching=_matching,
    nouns=("user", "users"),
    name=str,
    note=lambda one: one.email,
)
PICKERS = [USERS]
