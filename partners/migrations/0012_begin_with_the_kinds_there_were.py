"""Every tenant gets the six kinds that stood in the code as its own list, regulated as its policy in force said.

A key that partners have and that is none of the six (typed by SQL, say) becomes a kind as well, and counts as regulated.
"""

from django.db import migrations

KINDS = """
DO $$
DECLARE one uuid;
BEGIN
  PERFORM set_config('pghistory.context_metadata', '{"kind": "system", "door": "migration", "label": "PRM"}', true);
  FOR one IN SELECT id FROM tenancy_tenant ORDER BY id LOOP
    PERFORM set_config('prm.tenant', one::text, true);
    INSERT INTO partners_partnerkind
           (id, tenant_id, key, singular, plural, is_regulated, is_organisation, is_offered, place)
    SELECT gen_random_uuid(), one, key, word, words,
           coalesce((SELECT regulated_kinds ? key FROM partners_standingpolicy
                      WHERE tenant_id = one AND state = 'in_force'), key IN ('physician', 'practice')),
           organisation, true, place
      FROM (VALUES ('physician', 'Physician', 'Physicians', false, 1), ('practice', 'Practice', 'Practices', true, 2),
                   ('hospital', 'Hospital', 'Hospitals', true, 3), ('agent', 'Agent', 'Agents', false, 4),
                   ('agency', 'Agency', 'Agencies', true, 5), ('dealer', 'Dealer', 'Dealers', false, 6))
           AS usual (key, word, words, organisation, place);
    INSERT INTO partners_partnerkind
           (id, tenant_id, key, singular, plural, is_regulated, is_organisation, is_offered, place)
    SELECT gen_random_uuid(), one, kind, kind, kind, true, false, true, 6 + row_number() OVER (ORDER BY kind)
      FROM (SELECT DISTINCT kind FROM partners_partner WHERE tenant_id = one AND kind <> '') AS found
     WHERE NOT EXISTS (SELECT FROM partners_partnerkind k WHERE k.tenant_id = one AND k.key = found.kind);
  END LOOP;
  PERFORM set_config('prm.tenant', '', true);
END $$
"""


class Migration(migrations.Migration):
    dependencies = [("partners", "0011_kinds_are_the_tenants_own")]

    operations = [migrations.RunSQL(KINDS, migrations.RunSQL.noop)]
