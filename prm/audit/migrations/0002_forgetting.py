"""What removes events: the one function by which the application may, and only those whose years are over.

The application's role may read and add events, nothing else. This function runs as the owner of the tables, who is bound
by the same walls: it reads the tenant's own years (7 without a row) and removes a tenant's events that are older, some
at a time. Whoever calls it, and with whatever, nothing younger goes.
"""

from django.db import migrations

FORWARD = """
CREATE FUNCTION audit_forget(events regclass, most integer) RETURNS integer
    LANGUAGE plpgsql SECURITY DEFINER SET search_path = public, pg_temp AS $$
DECLARE
    tenant uuid := NULLIF(current_setting('prm.tenant', true), '')::uuid;
    keep integer := 7;
    gone integer;
BEGIN
    IF tenant IS NULL THEN
        RAISE EXCEPTION 'no tenant is in scope';
    END IF;
    PERFORM FROM pg_attribute WHERE attrelid = events AND attname = 'pgh_created_at' AND NOT attisdropped;
    IF NOT FOUND THEN
        RAISE EXCEPTION '% holds no events', events;
    END IF;
    SELECT years INTO keep FROM audit_auditretention WHERE tenant_id = tenant;
    IF NOT FOUND THEN
        keep := 7;
    END IF;
    IF keep IS NULL THEN
        RETURN 0;
    END IF;
    EXECUTE format('DELETE FROM %1$s WHERE tenant_id = $1 AND pgh_id IN (SELECT pgh_id FROM %1$s
            WHERE tenant_id = $1 AND pgh_created_at < now() - make_interval(years => $2)
            ORDER BY pgh_created_at LIMIT $3)', events)
        USING tenant, keep, most;
    GET DIAGNOSTICS gone = ROW_COUNT;
    RETURN gone;
END $$;
"""


class Migration(migrations.Migration):
    dependencies = [("audit", "0001_initial")]

    operations = [migrations.RunSQL(FORWARD, "DROP FUNCTION audit_forget(regclass, integer)")]
