"""People, their one role in a tenant, invitations to become one, and the keys of machine feeds."""

from collections.abc import Iterable, Mapping
from datetime import datetime, timedelta
from typing import ClassVar, Final
from uuid import UUID

from django.contrib.auth.models import AbstractBaseUser, BaseUserManager, PermissionsMixin
from django.contrib.auth.password_validation import validate_password
from django.core.exceptions import ValidationError
from django.db import models
from django.db.models.functions import Lower

from prm.accounts.rights import LABELS, Right, rights_of, roles_with, staff_roles
from prm.core.clock import now
from prm.tenancy.audit import audited
from prm.tenancy.base import TenantForeignKey, TenantModel
from prm.tenancy.managers import TenantManager, TenantQuerySet
from prm.tenancy.models import Tenant

INVITATION_LASTS: Final = timedelta(days=7)
# A handed-over link proves nothing of an address, so it lasts no longer than a conversation about it.
HANDED_LASTS: Final = timedelta(days=1)


def plain_address(email: str) -> str:
    """Return an e-mail address as it is kept and compared."""
    return email.strip().lower()


class UserManager(BaseUserManager["User"]):
    """Makes users by e-mail address, which is kept in lower case."""

    def create_user(
        self,
        email: str,
        password: str | None = None,
        *,
        name: str = "",
        home: Tenant | None = None,
        is_operator: bool = False,
    ) -> "User":
        """Make and save a user. `password=None` makes one who cannot sign in by password."""
        user = self.model(
            email=plain_address(email), name=name, home=home, is_staff=is_operator, is_superuser=is_operator
        )
        user.set_password(password)
        user.save(using=self._db)
        return user

    def create_superuser(self, email: str, password: str) -> "User":
        """Make an operator of the installation, who sees no tenant's rows by that alone.

        Raises ValidationError for a weak password and for an address that an account has.
        """
        validate_password(password, User(email=email))
        if self.filter(email=plain_address(email), home=None).exists():
            raise ValidationError(f"An account with the address {plain_address(email)} exists already.")
        return self.create_user(email, password, is_operator=True)

    def get_by_natural_key(self, username: str | None) -> "User":
        """Return the account for all organisations with this address. Raises DoesNotExist."""
        return self.get(email=plain_address(username or ""), home=None)


class User(AbstractBaseUser, PermissionsMixin):
    """An account somebody signs in with, possibly a member of several tenants.

    An account with a `home` was let in by a link that the tenant's administrator handed over; nobody has proved
    its address, so it opens that tenant and no other. Beside it the same address may have an account that is
    proved, and one at home in each other tenant: none of them knows of the others. See `signin.proof`.
    """

    class Theme(models.TextChoices):
        SYSTEM = "system", "As the device"
        LIGHT = "light", "Light"
        DARK = "dark", "Dark"

    email = models.EmailField("e-mail")
    home = models.ForeignKey(Tenant, models.CASCADE, null=True, blank=True, related_name="+")
    proved_at = models.DateTimeField(null=True, blank=True, editable=False)
    name = models.CharField(max_length=120, blank=True)
    notation = models.CharField("numbers and dates", max_length=8, blank=True)
    theme = models.CharField(max_length=8, choices=Theme, default=Theme.SYSTEM)
    shortcuts = models.BooleanField("single-letter shortcuts", default=True)
    is_active = models.BooleanField(default=True)
    is_staff = models.BooleanField(default=False)
    date_joined = models.DateTimeField(default=now, editable=False)

    USERNAME_FIELD = "email"
    EMAIL_FIELD = "email"
    REQUIRED_FIELDS: ClassVar[list[str]] = []

    objects = UserManager()

    class Meta:
        constraints = (
            models.UniqueConstraint(
                Lower("email"), name="accounts_user_email_lower", condition=models.Q(home=None)
            ),
            models.UniqueConstraint(
                Lower("email"), "home", name="accounts_user_email_home", condition=~models.Q(home=None)
            ),
            models.CheckConstraint(
                condition=models.Q(home=None) | models.Q(proved_at=None), name="accounts_user_proved_no_home"
            ),
        )

    def __str__(self) -> str:
        return self.name or self.email

    def is_at_home(self, slug: str) -> bool:
        """Return whether the account was let in by this tenant and proved to nobody."""
        return self.home is not None and self.home.slug == slug

    def get_full_name(self) -> str:
        """Return the name, or the address when no name is known."""
        return str(self)


class MembershipQuerySet(TenantQuerySet["Membership"]):
    """Reads of members."""

    def active(self) -> "MembershipQuerySet":
        """Return members who may come in."""
        return self.filter(is_active=True, user__is_active=True)

    def staff(self) -> "MembershipQuerySet":
        """Return the tenant's own people, and not those of its partners."""
        return self.filter(role__in=staff_roles())

    def administering(self) -> "MembershipQuerySet":
        """Return who may come in and edit members, in a fixed order; one whose account is closed does not count."""
        return self.active().filter(role__in=roles_with(Right.MEMBER_EDIT)).order_by("pk")

    def by_id(self, ids: Iterable[object]) -> "Mapping[object, Membership]":
        """Return members by these ids (1 query); what is no id is nobody."""
        wanted = {one for one in ids if isinstance(one, UUID)}
        return {member.pk: member for member in self.filter(pk__in=wanted)} if wanted else {}

    def with_people(self) -> "MembershipQuerySet":
        """Join their users, and sort by name."""
        return self.select_related("user").order_by("user__name", "user__email")


@audited(exclude=["last_seen_at"])
class Membership(TenantModel):
    """A user's one role in a tenant (see `rights.ROLES`). A partner's is bound to one partner by `partners`."""

    wall_own_user_column = "user_id"

    user = models.ForeignKey(User, on_delete=models.CASCADE, related_name="memberships")
    role = models.CharField(max_length=16)
    is_active = models.BooleanField(default=True)
    created_at = models.DateTimeField(default=now, editable=False)
    last_seen_at = models.DateTimeField(null=True, blank=True, editable=False)

    objects = TenantManager.from_queryset(MembershipQuerySet)()

    class Meta:
        constraints = (models.UniqueConstraint(fields=["tenant", "user"], name="accounts_membership_user"),)

    def __str__(self) -> str:
        return f"{self.user} ({self.role_label})"

    @property
    def role_label(self) -> str:
        """Return the role's name for people."""
        return LABELS.get(self.role, self.role)

    def may(self, right: Right) -> bool:
        """Return whether the member's role has the right."""
        return right in rights_of(self)


class InvitationQuerySet(TenantQuerySet["Invitation"]):
    """Reads of invitations."""

    def open(self) -> "InvitationQuerySet":
        """Return those that wait for an answer, whether or not their time is over."""
        return self.filter(accepted_at=None, revoked_at=None)

    def joining(self) -> "InvitationQuerySet":
        """Return those that would make a member, and not the sign-in links of those who are."""
        return self.filter(member=None)


@audited(exclude=["mail_hash", "hand_hash"])
class Invitation(TenantModel):
    """A one-time link to an address: whoever holds it may become a member in the role, or (`member`) sign in.

    No membership exists before it is accepted. There may be two links, of which only hashes are kept: one was
    mailed and proves the address, one was handed over by an administrator and proves nothing.
    """

    email = models.EmailField("e-mail")
    name = models.CharField(max_length=120, blank=True)
    role = models.CharField(max_length=16)
    member = TenantForeignKey(
        Membership, models.CASCADE, null=True, blank=True, related_name="+", index=False
    )
    invited_by = TenantForeignKey(
        Membership, models.SET_NULL, null=True, blank=True, related_name="+", index=False
    )
    created_at = models.DateTimeField(default=now, editable=False)
    expires_at = models.DateTimeField()
    mail_hash = models.CharField(max_length=64, blank=True)
    hand_hash = models.CharField(max_length=64, blank=True)
    mailed_at = models.DateTimeField(null=True, blank=True)
    handed_at = models.DateTimeField(null=True, blank=True)
    accepted_at = models.DateTimeField(null=True, blank=True)
    revoked_at = models.DateTimeField(null=True, blank=True)

    objects = TenantManager.from_queryset(InvitationQuerySet)()

    class Meta:
        constraints = (
            models.UniqueConstraint(
                fields=["tenant", "email"],
                name="accounts_invitation_open",
                condition=models.Q(accepted_at=None, revoked_at=None),
            ),
        )

    def __str__(self) -> str:
        return self.email

    @property
    def role_label(self) -> str:
        """Return the role's name for people."""
        return LABELS.get(self.role, self.role)

    @property
    def hand_expires_at(self) -> datetime | None:
        """Return until when the link that was handed over works."""
        return self.handed_at and self.handed_at + HANDED_LASTS

    @property
    def until(self) -> datetime:
        """Return until when some link to it works."""
        if self.mailed_at is None and self.hand_expires_at is not None:
            return self.hand_expires_at
        return self.expires_at

    @property
    def state_words(self) -> str:
        """Return what became of its link."""
        if self.is_over:
            return "Too old"
        if self.handed_at:
            return "Link handed over"
        return "Sent" if self.mailed_at else "Not sent"

    @property
    def is_over(self) -> bool:
        """Return whether its time is over."""
        return self.until <= now()


class ApiKeyQuerySet(TenantQuerySet["ApiKey"]):
    """Reads of keys."""

    def live(self) -> "ApiKeyQuerySet":
        """Return keys that open something: not revoked, and whose maker (if one is named) is a member still."""
        maker = models.Q(created_by__is_active=True, created_by__user__is_active=True)
        return self.filter(models.Q(created_by=None) | maker, revoked_at=None)


@audited(exclude=["secret_hash", "last_used_at"])
class ApiKey(TenantModel):
    """A key for machine feeds of one tenant; only a hash of the secret is kept."""

    name = models.CharField(max_length=80)
    prefix = models.CharField(max_length=16)
    secret_hash = models.CharField(max_length=200)
    scopes = models.JSONField(default=list)
    created_by = TenantForeignKey(
        Membership, models.SET_NULL, null=True, blank=True, related_name="+", index=False
    )
    created_at = models.DateTimeField(default=now, editable=False)
    last_used_at = models.DateTimeField(null=True, blank=True)
    revoked_at = models.DateTimeField(null=True, blank=True)

    objects = TenantManager.from_queryset(ApiKeyQuerySet)()

    class Meta:
        ordering = ("-created_at",)
        constraints = (models.UniqueConstraint(fields=["tenant", "prefix"], name="accounts_apikey_prefix"),)

    def __str__(self) -> str:
        return self.name

    @property
    def is_orphaned(self) -> bool:
        """Whether it ended with its maker's membership; an administrator may keep it (`keys.keep_key`)."""
        maker = self.created_by
        return (
            self.revoked_at is None and maker is not None and not (maker.is_active and maker.user.is_active)
        )

    @property
    def state_words(self) -> str:
        """Return what the list of keys says of it."""
        if self.revoked_at:
            return "Revoked"
        return "Ended: its maker left" if self.is_orphaned else "Active"
