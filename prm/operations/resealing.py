"""Secrets are encrypted with the newest of `FIELD_KEYS`; here those that an older key holds are encrypted anew.

A key is replaced in three steps: put the new one in front of `FIELD_KEYS` everywhere, run `rotate_field_keys`, take the old
one away. What no key opens is counted and left as it is. All columns of encrypted fields are found by themselves.
"""

from __future__ import annotations

from collections.abc import Iterator
from dataclasses import dataclass

from allauth.mfa.models import Authenticator
from django.apps import apps
from django.db import connection, transaction
from django.db.models import Model

from prm.core.fields import EncryptedTextField, WrongFieldKey, is_of_newest_key, reseal
from prm.tenancy.base import TenantModel
from prm.tenancy.context import tenant_scope
from prm.tenancy.models import Tenant

_PREFIX = "gAAAA"
"""How every Fernet token begins."""


@dataclass(slots=True)
class Resealed:
    """Of one column: how many secrets there are, how many were (or, dry, would be) encrypted anew, how many no key opens."""

    secrets: int = 0
    anew: int = 0
    unread: int = 0


def columns() -> list[tuple[type[Model], EncryptedTextField]]:
    """Return every encrypted column of the product."""
    return [
        (model, field)
        for model in apps.get_models()
        for field in model._meta.get_fields()  # Django's documented way to a model's fields
        if isinstance(field, EncryptedTextField)
    ]


def reseal_all(*, dry_run: bool = False) -> dict[str, Resealed]:
    """Encrypt anew what an older key holds, and return what was found by column; repeatable, tenant by tenant."""
    found: dict[str, Resealed] = {}
    for model, field in columns():
        name = f"{model.__name__}.{field.name}"
        found[name] = Resealed()
        for _ in _scopes(model):
            _reseal_column(model, field, found[name], dry_run=dry_run)
    found["Authenticator.data"] = Resealed()
    _reseal_second_steps(found["Authenticator.data"], dry_run=dry_run)
    return found


def _scopes(model: type[Model]) -> Iterator[None]:
    """Go through the tenants, each in a transaction of its own; once for what stands above them."""
    if not issubclass(model, TenantModel):
        with transaction.atomic():
            yield
        return
    for tenant in Tenant.objects.order_by("slug"):
        with tenant_scope(tenant):
            yield


def _reseal_column(model: type[Model], field: EncryptedTextField, counts: Resealed, *, dry_run: bool) -> None:
    table, column = (
        connection.ops.quote_name(str(name)) for name in (model._meta.db_table, field.column)
    )  # see above
    with connection.cursor() as cursor:
        # Raw: the field itself would show what is inside. Row-level security keeps it to the tenant in scope.
        cursor.execute(f"SELECT id, {column} FROM {table} WHERE {column} <> '' FOR UPDATE")  # nosec B608 # names are our own
        for pk, sealed in cursor.fetchall():
            anew = _anew(sealed, counts)
            if anew is not None and not dry_run:
                cursor.execute(f"UPDATE {table} SET {column} = %s WHERE id = %s", [anew, pk])  # nosec B608 # names are our own


def _anew(sealed: str, counts: Resealed) -> str | None:
    """Return the secret under the newest key; `None` where it is that already, or where no key opens it."""
    counts.secrets += 1
    if is_of_newest_key(sealed):
        return None
    try:
        anew = reseal(sealed)
    except WrongFieldKey:
        counts.unread += 1
        return None
    counts.anew += 1
    return anew


@transaction.atomic
def _reseal_second_steps(counts: Resealed, *, dry_run: bool) -> None:
    """Do the same with the secrets of authenticator apps and recovery codes, which stand within a document."""
    for one in Authenticator.objects.select_for_update():
        changed = {
            name: anew
            for name, value in one.data.items()
            if isinstance(value, str) and value.startswith(_PREFIX) and (anew := _anew(value, counts))
        }
        if changed and not dry_run:
            one.data = {**one.data, **changed}
            one.save(update_fields=["data"])
