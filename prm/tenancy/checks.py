"""System checks: every model is tenant-bound or listed as global."""

from collections.abc import Sequence

from django.apps import AppConfig, apps
from django.core.checks import CheckMessage, Error, register

from prm.core.registry import our_apps
from prm.tenancy.managers import TenantManager
from prm.tenancy.walls import TenantPolicy

# Tables that belong to no tenant, each with its reason.
GLOBAL_MODELS: dict[str, str] = {
    "tenancy.Tenant": "the list of tenants itself",
    "accounts.User": "a person may be a member of several tenants",
}


# The tag of what must hold before any command writes.
WALLS = "walls"


@register(WALLS)
def models_are_bound(app_configs: Sequence[AppConfig] | None, **kwargs: object) -> list[CheckMessage]:
    """Report every model of ours that has neither a tenant policy nor a line in `GLOBAL_MODELS`."""
    errors: list[CheckMessage] = []
    for model in (m for app in our_apps() for m in app.get_models(include_auto_created=True)):
        meta = model._meta
        if meta.proxy or meta.label in GLOBAL_MODELS:
            continue
        if meta.label in {"accounts.User_groups", "accounts.User_user_permissions"}:
            continue  # operators' rights in Django's own admin, not a tenant's
        if not any(isinstance(c, TenantPolicy) for c in meta.constraints):
            errors.append(
                Error(
                    f"{meta.label} is neither tenant-owned nor listed as global.",
                    hint="Derive it from prm.tenancy.base.TenantModel.",
                    id="prm.E001",
                )
            )
    return errors


@register(WALLS)
def managers_are_scoped(app_configs: Sequence[AppConfig] | None, **kwargs: object) -> list[CheckMessage]:
    """Report every manager that would read a tenant's table without its tenant, whatever the model derives from.

    That of a library as well: a table with a column `tenant_id` is a tenant's.
    """
    return [
        Error(
            f"{model._meta.label}.{manager.name or '_base_manager'} reads a tenant's rows without its tenant.",
            hint="Derive the manager from prm.tenancy.managers.TenantManager.",
            id="prm.E002",
        )
        for model in apps.get_models(include_auto_created=True)
        if any(field.column == "tenant_id" for field in model._meta.concrete_fields)
        for manager in (*model._meta.managers, model._default_manager, model._base_manager)
        if not isinstance(manager, TenantManager)
    ]
