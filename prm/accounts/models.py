"""People, their one role in a tenant, and the keys of machine feeds."""

from typing import ClassVar

from django.contrib.auth.models import AbstractBaseUser, BaseUserManager, PermissionsMixin
from django.db import models
from django.db.models.functions import Lower

from prm.accounts.rights import LABELS, Right, rights_of, staff_roles
from prm.core.clock import now
from prm.tenancy.audit import audited
from prm.tenancy.base import TenantForeignKey, TenantModel
from prm.tenancy.managers import TenantManager, TenantQuerySet


class UserManager(BaseUserManager["User"]):
    """Makes users by e-mail address, which is kept in lower case."""

    def create_user(
        self, email: str, password: str | None = None, *, name: str = "", is_operator: bool = False
    ) -> "User":
        """Make and save a user. `password=None` makes one who cannot sign in by password."""
        user = self.model(
            email=email.strip().lower(), name=name, is_staff=is_operator, is_superuser=is_operator
        )
        user.set_password(password)
        user.save(using=self._db)
        return user

    def create_superuser(self, email: str, password: str) -> "User":
        """Make an operator of the installation, who sees no tenant's rows by that alone."""
        return self.create_user(email, password, is_operator=True)


class User(AbstractBaseUser, PermissionsMixin):
    """A person who signs in, possibly a member of several tenants."""

    class Theme(models.TextChoices):
        SYSTEM = "system", "As the device"
        LIGHT = "light", "Light"
        DARK = "dark", "Dark"

    email = models.EmailField("e-mail", unique=True)
    name = models.CharField(max_length=120, blank=True)
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
        constraints = (models.UniqueConstraint(Lower("email"), name="accounts_user_email_lower"),)

    def __str__(self) -> str:
        return self.name or self.email

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

    def with_people(self) -> "MembershipQuerySet":
        """Join their users, and sort by name."""
        return self.select_related("user").order_by("user__name", "user__email")


@audited()
class Membership(TenantModel):
    """A user's one role in a tenant (see `rights.ROLES`). A partner's is bound to one partner by `partners`."""

    wall_own_user_column = "user_id"

    user = models.ForeignKey(User, on_delete=models.CASCADE, related_name="memberships")
    role = models.CharField(max_length=16)
    is_active = models.BooleanField(default=True)
    created_at = models.DateTimeField(default=now, editable=False)

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

    class Meta:
        ordering = ("-created_at",)
        constraints = (models.UniqueConstraint(fields=["tenant", "prefix"], name="accounts_apikey_prefix"),)

    def __str__(self) -> str:
        return self.name
