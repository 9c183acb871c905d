"""Orders refer to partners, sources and runs by statement triggers: `prm/tenancy/migrations/0004`."""

import django.db.models.deletion
import prm.tenancy.base
import prm.tenancy.context
from django.db import migrations, models

FORWARD = """
CREATE TRIGGER orders_order_references_insert AFTER INSERT ON orders_order
    REFERENCING NEW TABLE AS added FOR EACH STATEMENT
    EXECUTE FUNCTION prm_references_exist(
        'source_id', 'orders_ordersource', 'partner_id', 'partners_partner', 'run_id', 'orders_importrun');
CREATE TRIGGER orders_order_references_update AFTER UPDATE ON orders_order
    REFERENCING OLD TABLE AS gone NEW TABLE AS added FOR EACH STATEMENT
    EXECUTE FUNCTION prm_references_exist(
        'source_id', 'orders_ordersource', 'partner_id', 'partners_partner', 'run_id', 'orders_importrun');
CREATE TRIGGER orders_order_parent_deleted AFTER DELETE ON partners_partner
    REFERENCING OLD TABLE AS gone FOR EACH STATEMENT
    EXECUTE FUNCTION prm_references_gone('orders_order', 'partner_id');
CREATE TRIGGER orders_order_parent_deleted AFTER DELETE ON orders_ordersource
    REFERENCING OLD TABLE AS gone FOR EACH STATEMENT
    EXECUTE FUNCTION prm_references_gone('orders_order', 'source_id');
CREATE TRIGGER orders_order_parent_deleted AFTER DELETE ON orders_importrun
    REFERENCING OLD TABLE AS gone FOR EACH STATEMENT
    EXECUTE FUNCTION prm_references_gone('orders_order', 'run_id');
CREATE TRIGGER orders_key_stays BEFORE UPDATE OF id, tenant_id ON orders_ordersource FOR EACH ROW
    WHEN (OLD.id IS DISTINCT FROM NEW.id OR OLD.tenant_id IS DISTINCT FROM NEW.tenant_id)
    EXECUTE FUNCTION prm_key_stays();
CREATE TRIGGER orders_key_stays BEFORE UPDATE OF id, tenant_id ON orders_importrun FOR EACH ROW
    WHEN (OLD.id IS DISTINCT FROM NEW.id OR OLD.tenant_id IS DISTINCT FROM NEW.tenant_id)
    EXECUTE FUNCTION prm_key_stays();
"""

BACKWARD = """
DROP TRIGGER orders_key_stays ON orders_importrun;
DROP TRIGGER orders_key_stays ON orders_ordersource;
DROP TRIGGER orders_order_parent_deleted ON orders_importrun;
DROP TRIGGER orders_order_parent_deleted ON orders_ordersource;
DROP TRIGGER orders_order_parent_deleted ON partners_partner;
DROP TRIGGER orders_order_references_update ON orders_order;
DROP TRIGGER orders_order_references_insert ON orders_order;
"""


class Migration(migrations.Migration):

    dependencies = [
        ('orders', '0016_shares_that_are_gone'),
        ('partners', '0010_months_are_checked_by_statement'),
        ('tenancy', '0004_references_by_statement'),
    ]

    operations = [
        migrations.RemoveConstraint(
            model_name='order',
            name='orders_order_partner_key',
        ),
        migrations.RemoveConstraint(
            model_name='order',
            name='orders_order_run_key',
        ),
        migrations.RemoveConstraint(
            model_name='order',
            name='orders_order_source_key',
        ),
        migrations.AlterField(
            model_name='order',
            name='partner',
            field=prm.tenancy.base.TenantForeignKey(enforce='trigger', index=False, null=True, on_delete=django.db.models.deletion.SET_NULL, related_name='orders_sent', to='partners.partner'),
        ),
        migrations.AlterField(
            model_name='order',
            name='run',
            field=prm.tenancy.base.TenantForeignKey(enforce='trigger', index=False, null=True, on_delete=django.db.models.deletion.SET_NULL, related_name='orders', to='orders.importrun'),
        ),
        migrations.AlterField(
            model_name='order',
            name='source',
            field=prm.tenancy.base.TenantForeignKey(enforce='trigger', index=False, on_delete=django.db.models.deletion.CASCADE, related_name='orders', to='orders.ordersource'),
        ),
        migrations.AlterField(
            model_name='order',
            name='tenant',
            field=models.ForeignKey(db_constraint=False, db_index=False, default=prm.tenancy.context.current_tenant_id, editable=False, on_delete=django.db.models.deletion.CASCADE, related_name='+', to='tenancy.tenant'),
        ),
        migrations.AlterField(
            model_name='orderevent',
            name='partner',
            field=prm.tenancy.base.TenantForeignKey(enforce='trigger', index=False, null=True, on_delete=django.db.models.deletion.DO_NOTHING, related_name='+', related_query_name='+', to='partners.partner'),
        ),
        migrations.AlterField(
            model_name='orderevent',
            name='source',
            field=prm.tenancy.base.TenantForeignKey(enforce='trigger', index=False, on_delete=django.db.models.deletion.DO_NOTHING, related_name='+', related_query_name='+', to='orders.ordersource'),
        ),
        migrations.RunSQL(FORWARD, BACKWARD),
    ]
