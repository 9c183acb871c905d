"""Which kinds of records were compared before anything was sent: of connections that are there already accounts only."""

from django.apps.registry import Apps
from django.db import migrations, models
from django.db.backends.base.schema import BaseDatabaseSchemaEditor

COMPARED = ["partners.partner"]


def note_accounts(apps: Apps, editor: BaseDatabaseSchemaEditor) -> None:
    """Let what is in step go on, and what is new wait until it was read."""
    connections = apps.get_model("salesforce", "Connection").objects
    for tenant in apps.get_model("tenancy", "Tenant").objects.values_list("pk", flat=True):
        with editor.connection.cursor() as cursor:
            cursor.execute("SELECT set_config('prm.tenant', %s, true)", [str(tenant)])
        mine = connections.filter(tenant=tenant)
        mine.exclude(read_at=None, state="resting").update(objects_read=COMPARED)
    with editor.connection.cursor() as cursor:
        cursor.execute("SELECT set_config('prm.tenant', '', true)")


class Migration(migrations.Migration):
    dependencies = [("salesforce", "0018_who_owns_what")]

    operations = [
        migrations.AddField(
            model_name="connection",
            name="objects_read",
            field=models.JSONField(blank=True, default=list),
        ),
        migrations.RunPython(note_accounts, migrations.RunPython.noop),
    ]
