"""Referral codes belong to a scheme now: what was attributed before goes on being attributed.

A code that a system has sent for a partner who has it under the scheme of *another* system becomes a code of
that system too, and an ignored code is ignored for every system. A code under a scheme that no system has
holds for all of them anyhow.
"""

from django.apps.registry import Apps
from django.db import migrations
from django.db.backends.base.schema import BaseDatabaseSchemaEditor
from django.db.models import F


def keep(apps: Apps, editor: BaseDatabaseSchemaEditor) -> None:
    """Add codes and ignored codes under the schemes of the systems that send them, tenant by tenant."""
    for tenant in apps.get_model("tenancy", "Tenant").objects.values_list("pk", flat=True):
        with editor.connection.cursor() as cursor:
            cursor.execute("SELECT set_config('prm.tenant', %s, true)", [str(tenant)])
        systems = dict(
            apps.get_model("orders", "OrderSource")
            .objects.filter(tenant=tenant)
            .order_by("-created_at")
            .values_list("scheme_key", "spec__code_scheme")
        )
        _keep_codes(apps, tenant, systems)
        _keep_ignored(apps, tenant, systems)
    with editor.connection.cursor() as cursor:
        cursor.execute("SELECT set_config('prm.tenant', '', true)")


def _keep_codes(apps: Apps, tenant: object, systems: dict[str, str | None]) -> None:
    code_model = apps.get_model("partners", "ReferralCode")
    used = (
        apps.get_model("orders", "Order")
        .objects.filter(
            tenant=tenant, partner__codes__normal=F("code"), partner__codes__scheme_key__in=list(systems)
        )
        .order_by()
        .values_list(
            "code", "partner", "source__scheme_key", "partner__codes__scheme_key", "partner__codes__code"
        )
        .distinct()
    )
    code_model.objects.bulk_create(
        code_model(tenant_id=tenant, partner_id=partner, scheme=systems[sent] or "", code=code, normal=normal)
        for normal, partner, sent, known, code in used
        if sent != known
    )


def _keep_ignored(apps: Apps, tenant: object, systems: dict[str, str | None]) -> None:
    ignored_model = apps.get_model("orders", "IgnoredCode")
    ignored = list(ignored_model.objects.filter(tenant=tenant, scheme="").values_list("normal", "note"))
    ignored_model.objects.bulk_create(
        ignored_model(tenant_id=tenant, scheme=scheme, normal=normal, note=note)
        for scheme in systems.values()
        if scheme
        for normal, note in ignored
    )


class Migration(migrations.Migration):
    dependencies = [("orders", "0003_sources_have_a_scheme")]

    operations = [migrations.RunPython(keep, migrations.RunPython.noop)]
