"""The abstract base of every tenant-owned model, and its foreign key.

The metaclass completes `Meta` before Django reads it, so that `makemigrations` sees the walls
like constraints written by hand: the policy, per `TenantForeignKey` the composite key and its
index, and per field that is unique in its tenant `UNIQUE (tenant_id, field)`. What they refer to, the
primary key `(tenant_id, id)`, is written by the database backend (`prm/tenancy/backend/schema.py`).
"""

from collections.abc import Callable, Iterable, Sequence
from typing import Any
from uuid import UUID

from django.db import models
from django.db.backends.utils import names_digest
from django.db.models.base import ModelBase

from prm.core.ids import named_id, uuid7
from prm.tenancy.context import current_tenant, current_tenant_id, has_tenant
from prm.tenancy.errors import WrongTenant
from prm.tenancy.managers import TenantManager
from prm.tenancy.walls import TenantKey, TenantPolicy

# The body of a class as its metaclass gets it.
Attributes = dict[str, Any]


class TenantForeignKey(models.ForeignKey):  # type: ignore[type-arg]  # a subscript fails at run time
    """A reference to a row of the same tenant.

    `enforce="key"` (default) makes the composite foreign key, which is checked row by row; `"trigger"` leaves the
    check to a statement trigger, for tables of volume (`prm_references_exist` and its twins, see the migrations of
    orders and partners; `tests/tenancy/test_walls.py` looks for them). `index=False` leaves out
    the `(tenant, field)` index where one of the model's own indexes begins so.
    """

    def __init__(
        self,
        to: type[models.Model] | str,
        on_delete: Callable[..., None],
        *,
        enforce: str = "key",
        index: bool = True,
        **kwargs: Any,
    ) -> None:
        kwargs["db_constraint"] = False
        kwargs["db_index"] = False
        super().__init__(to, on_delete, **kwargs)
        self.enforce = enforce
        self.tenant_index = index

    def deconstruct(self) -> tuple[str, str, list[object], dict[str, object]]:
        name, path, args, kwargs = super().deconstruct()
        kwargs.pop("db_constraint", None)
        kwargs.pop("db_index", None)
        if self.enforce != "key":
            kwargs["enforce"] = self.enforce
        if not self.tenant_index:
            kwargs["index"] = False
        return name, path, list(args), kwargs


def unkeyed_tenant() -> "models.ForeignKey[Any]":
    """Return the tenant of a table of volume, without a key of its own.

    The policy pins the tenant, and every row refers to another of the same tenant, which has the key.
    """
    return models.ForeignKey(
        "tenancy.Tenant",
        on_delete=models.CASCADE,
        default=current_tenant_id,
        editable=False,
        related_name="+",
        db_index=False,
        db_constraint=False,
    )


class TenantOneToOneField(TenantForeignKey, models.OneToOneField):  # type: ignore[type-arg]  # a subscript fails at run time
    """A one-to-one reference to a row of the same tenant."""


def short_name(*parts: str) -> str:
    """Return an identifier of at most 30 characters, kept apart by a checksum when cut."""
    name = "_".join(parts).lower()
    if len(name) <= 30:
        return name
    return f"{name[:22]}_{names_digest(name, length=7)}"


class TenantModelBase(ModelBase):
    """Adds the walls to `Meta`."""

    def __new__(mcs, name: str, bases: tuple[type, ...], attrs: Attributes, **kwargs: object) -> type:
        meta = attrs.get("Meta")
        if getattr(meta, "abstract", False) or getattr(meta, "proxy", False):
            return super().__new__(mcs, name, bases, attrs, **kwargs)
        stem = f"{_app_label(attrs)}_{name}"
        keys = [(k, f) for k, f in attrs.items() if isinstance(f, TenantForeignKey)]
        constraints = [
            *getattr(meta, "constraints", []),
            TenantPolicy(
                name=short_name(stem, "wall"),
                own_user=attrs.pop("wall_own_user_column", ""),
                swept=attrs.pop("wall_is_swept", False),
            ),
            *_unique_in_tenant(stem, attrs),
            *(
                TenantKey(name=short_name(stem, field_name, "key"), field=field_name)
                for field_name, field in keys
                if field.enforce == "key"
            ),
        ]
        indexes = [
            *getattr(meta, "indexes", []),
            *(
                models.Index(fields=["tenant", field_name], name=short_name(stem, field_name, "ix"))
                for field_name, field in keys
                if field.tenant_index and not isinstance(field, models.OneToOneField)
            ),
        ]
        own = {k: v for k, v in vars(meta).items() if not k.startswith("__")} if meta else {}
        own |= {"constraints": constraints, "indexes": indexes}
        own.setdefault("base_manager_name", "objects")
        attrs["Meta"] = type("Meta", (), own)
        return super().__new__(mcs, name, bases, attrs, **kwargs)


def _unique_in_tenant(stem: str, attrs: Attributes) -> list[models.UniqueConstraint]:
    """Return a key for each field that says `unique`: a value is unique in its tenant, not in the world."""
    return [
        models.UniqueConstraint(fields=["tenant", name], name=short_name(stem, name, "uq"))
        for name, field in attrs.items()
        if isinstance(field, models.Field) and field.unique and not field.primary_key and name != "tenant"
    ]


def _app_label(attrs: Attributes) -> str:
    label = getattr(attrs.get("Meta"), "app_label", None)
    if label:
        return str(label)
    parts = str(attrs["__module__"]).split(".")
    return parts[1] if parts[0] == "prm" else parts[0]


class TenantModel(models.Model, metaclass=TenantModelBase):
    """Base of every row that belongs to one tenant."""

    id = models.UUIDField(primary_key=True, default=uuid7, editable=False)
    tenant = models.ForeignKey(
        "tenancy.Tenant",
        on_delete=models.CASCADE,
        default=current_tenant_id,
        editable=False,
        related_name="+",
        db_index=False,
    )

    objects: TenantManager[Any] = TenantManager()

    class Meta:
        abstract = True

    def save(
        self,
        *,
        force_insert: bool | tuple[ModelBase, ...] = False,
        force_update: bool = False,
        using: str | None = None,
        update_fields: Iterable[str] | None = None,
    ) -> None:
        """Save in the scope of the row's own tenant; anything else raises `WrongTenant`."""
        if has_tenant() and self.tenant_id != current_tenant_id():
            raise WrongTenant(f"{type(self).__name__} {self.pk} belongs to another tenant.")
        super().save(
            force_insert=force_insert, force_update=force_update, using=using, update_fields=update_fields
        )


# Ids of what comes from outside, made of what names it there, so that it comes again under the same one. A database
# restored from a backup lacks what was imported since. When that is imported again, its ids are those that Salesforce,
# links and programs know already. An id that stands for another row (a code that went to another partner, a name used
# twice) is not taken: such a row gets a new one, and what has an id keeps it.


def id_for(model: type[TenantModel], kind: str, *names: str) -> UUID:
    """Return the id for a new row that has these names outside, in the tenant in scope (one query)."""
    return ids_for(model, kind, [names])[0]


def ids_for(model: type[TenantModel], kind: str, names: Sequence[Sequence[str]]) -> list[UUID]:
    """Return the ids for new rows in their order, each another one (one query)."""
    tenant = current_tenant().pk
    wanted = [named_id(tenant, kind, *each) for each in names]
    taken = set(model._base_manager.filter(pk__in=wanted).values_list("pk", flat=True))
    found = []
    for each in wanted:
        found.append(uuid7() if each in taken else each)
        taken.add(each)
    return found
