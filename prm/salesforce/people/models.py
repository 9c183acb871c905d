"""Salesforce's users as they were read last, and who of them stands for whom here."""

from __future__ import annotations

from typing import ClassVar

from django.db import models

from prm.accounts.models import Membership
from prm.salesforce.people.rules import How
from prm.tenancy.audit import audited
from prm.tenancy.base import TenantForeignKey, TenantModel


class SalesforceUser(TenantModel):
    """A user of the organisation who may own records.

    `address` and `login` are the e-mail address and the username in the form in which they are compared
    (`rules.address`). A user who was not there when all were read is inactive from then on.
    """

    sf_id = models.CharField(max_length=18)
    name = models.CharField(max_length=121)
    email = models.CharField(max_length=254, blank=True)
    address = models.CharField(max_length=254, blank=True)
    login = models.CharField(max_length=254, blank=True)
    is_active = models.BooleanField(default=True)

    class Meta:
        ordering = ("name", "sf_id")
        constraints: ClassVar = [
            models.UniqueConstraint(fields=["tenant", "sf_id"], name="salesforce_user_one"),
        ]

    def __str__(self) -> str:
        return self.name or self.email or self.sf_id


@audited(exclude=["how", "sf_id"], about=["member"])
class Owner(TenantModel):
    """The Salesforce user who stands for a member: `sf_id`, "" where the fallback owner does, and `how` that came about.

    With `is_chosen` a person has said so: `wanted` is that user, "" for the fallback owner.
    """

    member = TenantForeignKey(Membership, models.CASCADE, related_name="+", index=False)
    is_chosen = models.BooleanField(default=False)
    wanted = models.CharField(max_length=18, blank=True)
    sf_id = models.CharField(max_length=18, blank=True)
    how = models.CharField(max_length=12, choices=How.choices, default=How.NOT_FOUND)

    class Meta:
        constraints: ClassVar = [
            models.UniqueConstraint(fields=["tenant", "member"], name="salesforce_owner_one"),
        ]

    def __str__(self) -> str:
        return str(self.member_id)


@audited(exclude=["in_force", "own_id", "organization_id", "read_at", "message"])
class OwnerRules(TenantModel):
    """Who owns what nobody else does: `fallback` as chosen, "" for the user as whom we work (`own_id`).

    `in_force` is the one of both who can own records at present. `organization_id` says whose users were read at
    `read_at`; `message` why they could not be.
    """

    fallback = models.CharField(max_length=18, blank=True)
    own_id = models.CharField(max_length=18, blank=True)
    in_force = models.CharField(max_length=18, blank=True)
    organization_id = models.CharField(max_length=18, blank=True)
    read_at = models.DateTimeField(null=True)
    message = models.TextField(blank=True)

    class Meta:
        constraints: ClassVar = [
            models.UniqueConstraint(fields=["tenant"], name="salesforce_ownerrules_one"),
        ]

    def __str__(self) -> str:
        return f"Fallback owner {self.in_force}"
