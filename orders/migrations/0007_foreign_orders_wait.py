"""Orders in another currency than the tenant's were added up as they are; from here on they wait for a rate.

They get a reason that is soon replaced: the next run of `orders.sweep_rates` (hourly; at once by
`exchange_rates --again`) sees that they are not converted as the rates say, and makes their months true.
"""

from django.apps.registry import Apps
from django.db import migrations
from django.db.backends.base.schema import BaseDatabaseSchemaEditor


def set_aside(apps: Apps, editor: BaseDatabaseSchemaEditor) -> None:
    """Let orders in other currencies wait, tenant by tenant."""
    orders = apps.get_model("orders", "Order").objects
    for tenant, currency in apps.get_model("tenancy", "Tenant").objects.values_list("pk", "currency"):
        with editor.connection.cursor() as cursor:
            cursor.execute("SELECT set_config('prm.tenant', %s, true)", [str(tenant)])
        orders.filter(tenant=tenant).exclude(currency=currency).update(waits="old_rate")
    with editor.connection.cursor() as cursor:
        cursor.execute("SELECT set_config('prm.tenant', '', true)")


class Migration(migrations.Migration):
    dependencies = [("orders", "0006_amounts_in_their_own_currency")]

    operations = [migrations.RunPython(set_aside, migrations.RunPython.noop)]
