"""Wall 3 for tables of volume: references checked once per statement instead of once per row.

A composite foreign key checks row by row at the commit, half a second for a large import. These functions check all
rows of a statement at once and hold the rows they find (`FOR KEY SHARE`, as a foreign key does), so that nobody
deletes a parent while its children are written. Tables name their references as arguments of their triggers:

    CREATE TRIGGER … AFTER INSERT ON child REFERENCING NEW TABLE AS added FOR EACH STATEMENT
        EXECUTE FUNCTION prm_references_exist('parent_id', 'parent')
    CREATE TRIGGER … AFTER UPDATE ON child REFERENCING OLD TABLE AS gone NEW TABLE AS added FOR EACH STATEMENT
        EXECUTE FUNCTION prm_references_exist('parent_id', 'parent')
    CREATE TRIGGER … AFTER DELETE ON parent REFERENCING OLD TABLE AS gone FOR EACH STATEMENT
        EXECUTE FUNCTION prm_references_gone('child', 'parent_id')
    CREATE TRIGGER … BEFORE UPDATE OF id, tenant_id ON parent FOR EACH ROW WHEN (…)
        EXECUTE FUNCTION prm_key_stays()
"""

from django.db import migrations

FORWARD = """
CREATE FUNCTION prm_references_exist() RETURNS trigger LANGUAGE plpgsql AS $$
DECLARE
    place int := 0;
    named text;
    missing bigint;
BEGIN
    WHILE place < TG_NARGS LOOP
        named := format('SELECT DISTINCT tenant_id, %1$I AS id FROM added WHERE %1$I IS NOT NULL', TG_ARGV[place]);
        IF TG_OP = 'UPDATE' THEN
            named := named || format(' EXCEPT SELECT tenant_id, %I FROM gone', TG_ARGV[place]);
        END IF;
        -- EXECUTE plans anew each time: the plan for one row is the wrong one for half a million.
        EXECUTE format('WITH named AS MATERIALIZED (%s), held AS MATERIALIZED (
                SELECT p.id FROM %I p JOIN named n ON n.tenant_id = p.tenant_id AND n.id = p.id FOR KEY SHARE OF p)
            SELECT (SELECT count(*) FROM named) - (SELECT count(*) FROM held)', named, TG_ARGV[place + 1])
            INTO missing;
        IF missing <> 0 THEN
            RAISE EXCEPTION 'rows of % refer to % rows of % that their tenant does not have',
                TG_TABLE_NAME, missing, TG_ARGV[place + 1] USING ERRCODE = 'foreign_key_violation';
        END IF;
        place := place + 2;
    END LOOP;
    RETURN NULL;
END $$;

CREATE FUNCTION prm_references_gone() RETURNS trigger LANGUAGE plpgsql AS $$
DECLARE
    place int := 0;
    held uuid;
BEGIN
    WHILE place < TG_NARGS LOOP
        EXECUTE format('SELECT g.id FROM gone g JOIN %I c ON c.tenant_id = g.tenant_id AND c.%I = g.id LIMIT 1',
                       TG_ARGV[place], TG_ARGV[place + 1]) INTO held;
        IF held IS NOT NULL THEN
            RAISE EXCEPTION 'rows of % still refer to % of %', TG_ARGV[place], held, TG_TABLE_NAME
                USING ERRCODE = 'foreign_key_violation';
        END IF;
        place := place + 2;
    END LOOP;
    RETURN NULL;
END $$;

CREATE FUNCTION prm_key_stays() RETURNS trigger LANGUAGE plpgsql AS $$
BEGIN
    RAISE EXCEPTION 'the id and the tenant of a row of % never change', TG_TABLE_NAME
        USING ERRCODE = 'foreign_key_violation';
END $$;
"""

BACKWARD = """
DROP FUNCTION prm_key_stays();
DROP FUNCTION prm_references_gone();
DROP FUNCTION prm_references_exist();
"""


class Migration(migrations.Migration):
    dependencies = [("tenancy", "0003_work_that_waits")]

    operations = [migrations.RunSQL(FORWARD, BACKWARD)]
