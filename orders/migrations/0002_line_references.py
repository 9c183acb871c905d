"""Wall 3 for order lines: references are checked once per statement instead of once per row.

A foreign key checks row by row, which costs more than half of a large import. These triggers check
all rows of a statement in one join, and keep orders and products that still have lines from being
deleted or renamed. Unlike a foreign key they do not lock the parent row: lines are only written
under the tenant's import lock (see orders/ingest/merging/merge.py), and nothing deletes an order or a
product while a tenant lives.
"""

from django.db import migrations

FORWARD = """
CREATE FUNCTION orders_line_references() RETURNS trigger LANGUAGE plpgsql AS $$
DECLARE
    lost uuid;
BEGIN
    -- EXECUTE plans anew each time: the plan for one line is the wrong one for half a million.
    -- An import turns nested loops off, since it comes before the new orders are analysed.
    EXECUTE 'SELECT l.order_id FROM (SELECT DISTINCT tenant_id, order_id FROM added) l
        WHERE NOT EXISTS (SELECT 1 FROM orders_order o
                          WHERE o.tenant_id = l.tenant_id AND o.id = l.order_id) LIMIT 1' INTO lost;
    IF lost IS NOT NULL THEN
        RAISE EXCEPTION 'order lines refer to order %, which their tenant does not have', lost
            USING ERRCODE = 'foreign_key_violation';
    END IF;
    EXECUTE 'SELECT l.product_id FROM (
            SELECT DISTINCT tenant_id, product_id FROM added WHERE product_id IS NOT NULL) l
        WHERE NOT EXISTS (SELECT 1 FROM orders_product p
                          WHERE p.tenant_id = l.tenant_id AND p.id = l.product_id) LIMIT 1' INTO lost;
    IF lost IS NOT NULL THEN
        RAISE EXCEPTION 'order lines refer to product %, which their tenant does not have', lost
            USING ERRCODE = 'foreign_key_violation';
    END IF;
    RETURN NULL;
END $$;

CREATE TRIGGER orders_line_references_insert AFTER INSERT ON orders_orderline
    REFERENCING NEW TABLE AS added FOR EACH STATEMENT EXECUTE FUNCTION orders_line_references();
CREATE TRIGGER orders_line_references_update AFTER UPDATE ON orders_orderline
    REFERENCING NEW TABLE AS added FOR EACH STATEMENT EXECUTE FUNCTION orders_line_references();

CREATE FUNCTION orders_line_parent_deleted() RETURNS trigger LANGUAGE plpgsql AS $$
DECLARE
    held uuid;
BEGIN
    EXECUTE format('SELECT g.id FROM gone g JOIN orders_orderline l
        ON l.tenant_id = g.tenant_id AND l.%I = g.id LIMIT 1', TG_ARGV[0]) INTO held;
    IF held IS NOT NULL THEN
        RAISE EXCEPTION '% % still has order lines', TG_TABLE_NAME, held
            USING ERRCODE = 'foreign_key_violation';
    END IF;
    RETURN NULL;
END $$;

CREATE TRIGGER orders_line_parent_deleted AFTER DELETE ON orders_order
    REFERENCING OLD TABLE AS gone FOR EACH STATEMENT
    EXECUTE FUNCTION orders_line_parent_deleted('order_id');
CREATE TRIGGER orders_line_parent_deleted AFTER DELETE ON orders_product
    REFERENCING OLD TABLE AS gone FOR EACH STATEMENT
    EXECUTE FUNCTION orders_line_parent_deleted('product_id');

CREATE FUNCTION orders_line_parent_renamed() RETURNS trigger LANGUAGE plpgsql AS $$
BEGIN
    RAISE EXCEPTION 'the id and the tenant of a row of % never change', TG_TABLE_NAME
        USING ERRCODE = 'foreign_key_violation';
END $$;

CREATE TRIGGER orders_line_parent_renamed BEFORE UPDATE OF id, tenant_id ON orders_order
    FOR EACH ROW WHEN (OLD.id IS DISTINCT FROM NEW.id OR OLD.tenant_id IS DISTINCT FROM NEW.tenant_id)
    EXECUTE FUNCTION orders_line_parent_renamed();
CREATE TRIGGER orders_line_parent_renamed BEFORE UPDATE OF id, tenant_id ON orders_product
    FOR EACH ROW WHEN (OLD.id IS DISTINCT FROM NEW.id OR OLD.tenant_id IS DISTINCT FROM NEW.tenant_id)
    EXECUTE FUNCTION orders_line_parent_renamed();
"""

BACKWARD = """
DROP TRIGGER orders_line_parent_renamed ON orders_product;
DROP TRIGGER orders_line_parent_renamed ON orders_order;
DROP FUNCTION orders_line_parent_renamed();
DROP TRIGGER orders_line_parent_deleted ON orders_product;
DROP TRIGGER orders_line_parent_deleted ON orders_order;
DROP FUNCTION orders_line_parent_deleted();
DROP TRIGGER orders_line_references_update ON orders_orderline;
DROP TRIGGER orders_line_references_insert ON orders_orderline;
DROP FUNCTION orders_line_references();
"""


class Migration(migrations.Migration):
    dependencies = [("orders", "0001_initial")]

    operations = [migrations.RunSQL(FORWARD, BACKWARD)]
