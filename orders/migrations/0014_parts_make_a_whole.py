"""The parts of an order's credit make 100 per cent or there are none, whoever writes them.

Checked once per statement: the parts of an order are written together and removed together. The same triggers keep
`orders_order.is_shared`, by which orders of one partner are found without looking at parts.
"""

from django.db import migrations

FORWARD = """
CREATE FUNCTION orders_parts_make_a_whole() RETURNS trigger LANGUAGE plpgsql AS $$
DECLARE
    wrong uuid;
BEGIN
    -- EXECUTE plans anew each time: the plan for one order is the wrong one for half a million.
    EXECUTE 'SELECT s.order_id FROM (SELECT DISTINCT tenant_id, order_id FROM changed) c
        JOIN orders_ordershare s ON s.tenant_id = c.tenant_id AND s.order_id = c.order_id
        GROUP BY s.tenant_id, s.order_id HAVING sum(s.percent) <> 100 LIMIT 1' INTO wrong;
    IF wrong IS NOT NULL THEN
        RAISE EXCEPTION 'the parts of order % do not make 100 per cent', wrong USING ERRCODE = 'check_violation';
    END IF;
    EXECUTE 'UPDATE orders_order o SET is_shared = x.is_shared, updated_at = now()
        FROM (SELECT c.tenant_id, c.order_id, EXISTS (
                  SELECT FROM orders_ordershare s WHERE s.tenant_id = c.tenant_id AND s.order_id = c.order_id)
              FROM (SELECT DISTINCT tenant_id, order_id FROM changed) c) x (tenant_id, order_id, is_shared)
        WHERE o.tenant_id = x.tenant_id AND o.id = x.order_id AND o.is_shared <> x.is_shared';
    RETURN NULL;
END $$;

CREATE TRIGGER orders_parts_inserted AFTER INSERT ON orders_ordershare
    REFERENCING NEW TABLE AS changed FOR EACH STATEMENT EXECUTE FUNCTION orders_parts_make_a_whole();
CREATE TRIGGER orders_parts_updated AFTER UPDATE ON orders_ordershare
    REFERENCING NEW TABLE AS changed FOR EACH STATEMENT EXECUTE FUNCTION orders_parts_make_a_whole();
CREATE TRIGGER orders_parts_deleted AFTER DELETE ON orders_ordershare
    REFERENCING OLD TABLE AS changed FOR EACH STATEMENT EXECUTE FUNCTION orders_parts_make_a_whole();
"""

BACKWARD = """
DROP TRIGGER orders_parts_deleted ON orders_ordershare;
DROP TRIGGER orders_parts_updated ON orders_ordershare;
DROP TRIGGER orders_parts_inserted ON orders_ordershare;
DROP FUNCTION orders_parts_make_a_whole();
"""


class Migration(migrations.Migration):
    dependencies = [("orders", "0013_credit_is_shared")]

    operations = [migrations.RunSQL(FORWARD, BACKWARD)]
