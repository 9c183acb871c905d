"""No table whose rows name a partner is forgotten by a merge."""

from django.apps import apps
from django.db import connection
from django.db.models import UniqueConstraint

from partners.merges import registry

# Columns that refer to a partner by a key of the database, or are called as such columns are. Events are
# the past as it was written, and never change.
_COLUMNS = """
SELECT DISTINCT c.relname, a.attname
FROM pg_class c
JOIN pg_namespace n ON n.oid = c.relnamespace AND n.nspname = 'public'
JOIN pg_attribute a ON a.attrelid = c.oid AND a.attnum > 0 AND NOT a.attisdropped
LEFT JOIN pg_constraint k ON k.conrelid = c.oid AND k.contype = 'f'
     AND k.confrelid = 'partners_partner'::regclass AND a.attnum = ANY (k.conkey) AND a.attname <> 'tenant_id'
WHERE c.relkind IN ('r', 'p') AND (k.oid IS NOT NULL OR a.attname = 'partner_id')
  AND NOT EXISTS (SELECT FROM pg_attribute e WHERE e.attrelid = c.oid AND e.attname = 'pgh_obj_id')
"""


def test_every_column_that_names_a_partner_says_what_becomes_of_it(db):
    with connection.cursor() as cursor:
        cursor.execute(_COLUMNS)
        there = {f"{table}.{column}" for table, column in cursor}
    declared = {table.key for table in registry.tables()}
    assert there - declared == set(), "name it in PARTNER_TABLES of the app's partner_tables.py"
    assert "orders_order.partner_id" in there


def test_nothing_is_declared_that_is_not_there(db):
    with connection.cursor() as cursor:
        cursor.execute(
            "SELECT c.relname || '.' || a.attname FROM pg_class c JOIN pg_attribute a ON a.attrelid = c.oid"
        )
        there = {key for (key,) in cursor}
    assert {table.key for table in registry.tables()} <= there


def test_a_column_that_stays_says_why():
    moved = {table.key for table in registry.moved_tables()}
    assert [table.key for table in registry.tables() if table.key not in moved and not table.because] == []


def test_a_key_that_two_rows_of_one_partner_would_break_is_minded():
    """Where a partner has one row only of each kind, both partners may have it: `one_per` says what becomes of it."""
    models = {model._meta.db_table: model for model in apps.get_models()}
    for table in registry.moved_tables():
        for constraint in models[table.table]._meta.constraints:
            fields = set(getattr(constraint, "fields", ())) - {"tenant"}
            name = table.column.removesuffix("_id")
            if isinstance(constraint, UniqueConstraint) and name in fields:
                assert set(table.one_per) == fields - {name}, table.key
