"""Bands that a tenant never chose, and by which nobody was judged yet, wait for somebody to confirm them.

Where a tier was set, or another version signed, the policy stays confirmed: decisions rest on it.
"""

from django.db import migrations

UNCONFIRM = """
DO $$
DECLARE one uuid;
BEGIN
  PERFORM set_config('pghistory.context_metadata', '{"kind": "system", "door": "migration", "label": "PRM"}', true);
  FOR one IN SELECT id FROM tenancy_tenant ORDER BY id LOOP
    PERFORM set_config('prm.tenant', one::text, true);
    UPDATE partners_standingpolicy SET is_confirmed = false
     WHERE tenant_id = one AND version = 1 AND state = 'in_force' AND signed_by_id IS NULL
       AND NOT EXISTS (SELECT FROM partners_tierreview r WHERE r.tenant_id = one)
       AND NOT EXISTS (SELECT FROM partners_partner p WHERE p.tenant_id = one AND p.tier <> '');
  END LOOP;
  PERFORM set_config('prm.tenant', '', true);
END $$
"""


class Migration(migrations.Migration):
    dependencies = [("partners", "0013_policies_are_drafted_and_confirmed")]

    operations = [migrations.RunSQL(UNCONFIRM, migrations.RunSQL.noop)]
