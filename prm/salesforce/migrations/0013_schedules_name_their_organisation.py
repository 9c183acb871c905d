"""Schedules say with which organisation their tenant is connected; connections that run were started when they were made."""

from django.apps.registry import Apps
from django.db import migrations, models
from django.db.backends.base.schema import BaseDatabaseSchemaEditor


def name_organisations(apps: Apps, editor: BaseDatabaseSchemaEditor) -> None:
    """Fill what is new from each tenant's connection."""
    connections = apps.get_model("salesforce", "Connection").objects
    schedules = apps.get_model("salesforce", "SyncSchedule").objects
    for tenant in apps.get_model("tenancy", "Tenant").objects.values_list("pk", flat=True):
        with editor.connection.cursor() as cursor:
            cursor.execute("SELECT set_config('prm.tenant', %s, true)", [str(tenant)])
        bound = connections.filter(tenant=tenant).exclude(state="disconnected").first()
        if bound is not None:
            schedules.filter(tenant=tenant).update(organization_id=bound.organization_id)
            connections.filter(pk=bound.pk, tenant=tenant).update(started_at=models.F("connected_at"))
    with editor.connection.cursor() as cursor:
        cursor.execute("SELECT set_config('prm.tenant', '', true)")


class Migration(migrations.Migration):
    dependencies = [("salesforce", "0012_connecting_writes_nothing")]

    operations = [migrations.RunPython(name_organisations, migrations.RunPython.noop)]
