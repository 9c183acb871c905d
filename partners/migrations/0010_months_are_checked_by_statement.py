"""Partner-months refer to their partners by statement triggers: `prm/tenancy/migrations/0004`."""

import django.db.models.deletion
import prm.tenancy.base
import prm.tenancy.context
from django.db import migrations, models

FORWARD = """
CREATE TRIGGER partners_month_references_insert AFTER INSERT ON partners_partnermonth
    REFERENCING NEW TABLE AS added FOR EACH STATEMENT
    EXECUTE FUNCTION prm_references_exist('partner_id', 'partners_partner');
CREATE TRIGGER partners_month_references_update AFTER UPDATE ON partners_partnermonth
    REFERENCING OLD TABLE AS gone NEW TABLE AS added FOR EACH STATEMENT
    EXECUTE FUNCTION prm_references_exist('partner_id', 'partners_partner');
CREATE TRIGGER partners_month_parent_deleted AFTER DELETE ON partners_partner
    REFERENCING OLD TABLE AS gone FOR EACH STATEMENT
    EXECUTE FUNCTION prm_references_gone('partners_partnermonth', 'partner_id');
CREATE TRIGGER partners_key_stays BEFORE UPDATE OF id, tenant_id ON partners_partner FOR EACH ROW
    WHEN (OLD.id IS DISTINCT FROM NEW.id OR OLD.tenant_id IS DISTINCT FROM NEW.tenant_id)
    EXECUTE FUNCTION prm_key_stays();
"""

BACKWARD = """
DROP TRIGGER partners_key_stays ON partners_partner;
DROP TRIGGER partners_month_parent_deleted ON partners_partner;
DROP TRIGGER partners_month_references_update ON partners_partnermonth;
DROP TRIGGER partners_month_references_insert ON partners_partnermonth;
"""


class Migration(migrations.Migration):

    dependencies = [
        ('partners', '0009_look_alikes'),
        ('tenancy', '0004_references_by_statement'),
    ]

    operations = [
        migrations.RemoveConstraint(
            model_name='partnermonth',
            name='partners_partnermonth__60a41d6',
        ),
        migrations.AlterField(
            model_name='partnermonth',
            name='partner',
            field=prm.tenancy.base.TenantForeignKey(enforce='trigger', index=False, on_delete=django.db.models.deletion.CASCADE, related_name='months', to='partners.partner'),
        ),
        migrations.AlterField(
            model_name='partnermonth',
            name='tenant',
            field=models.ForeignKey(db_constraint=False, db_index=False, default=prm.tenancy.context.current_tenant_id, editable=False, on_delete=django.db.models.deletion.CASCADE, related_name='+', to='tenancy.tenant'),
        ),
        migrations.RunSQL(FORWARD, BACKWARD),
    ]
