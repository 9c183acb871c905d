"""The temporary tables are as declared: made, copied into, written and read by whom they name."""

import re

import pytest
from django.db import connection, transaction

from orders.ingest import sql, temporary
from orders.ingest.merging import adding
from orders.ingest.merging import sql as writing
from orders.ingest.statement import analyze, create

STATEMENTS = sql.STATEMENTS | writing.STATEMENTS | adding.STATEMENTS
CAPITALS = re.compile(r"[A-Z_]+")


def columns_of(name: str) -> list[str]:
    with connection.cursor() as cursor:
        cursor.execute(
            "SELECT attname FROM pg_attribute WHERE attrelid = to_regclass(%s) AND attnum > 0 ORDER BY attnum",
            [f"pg_temp.{name}"],
        )
        return [row[0] for row in cursor.fetchall()]


@pytest.mark.parametrize("table", temporary.ALL, ids=lambda table: table.name)
def test_table_has_the_declared_columns_and_takes_copies(in_mercy, table):
    create(table)
    assert columns_of(table.name) == list(table.columns)
    with connection.cursor() as cursor, cursor.copy(table.copy_sql()):
        pass
    analyze(table)


@pytest.mark.parametrize("table", temporary.ALL, ids=lambda table: table.name)
def test_table_names_the_statements_that_write_and_read_it(table):
    said_writers = {name for name in table.written_by if CAPITALS.fullmatch(name)}
    said_readers = {name for name in table.read_by if CAPITALS.fullmatch(name)}
    assert said_writers == {name for name, s in STATEMENTS.items() if table.name in s.writes}
    assert said_readers == {name for name, s in STATEMENTS.items() if table.name in s.reads}
    assert table.written_by and table.read_by


def test_made_again_it_is_empty(in_mercy):
    create(temporary.TOUCHED)
    with connection.cursor() as cursor:
        cursor.execute("INSERT INTO prm_touched VALUES (gen_random_uuid(), '2026-05-01')")
        create(temporary.TOUCHED)
        cursor.execute("SELECT count(*) FROM prm_touched")
        assert cursor.fetchone() == (0,)


@pytest.mark.django_db(transaction=True)
def test_tables_end_with_their_transaction():
    with transaction.atomic():
        create(*temporary.ALL)
        assert columns_of("prm_line")
    with transaction.atomic():
        assert [table.name for table in temporary.ALL if columns_of(table.name)] == []


def test_amount_is_the_one_given_or_price_times_quantity_to_four_decimals(in_mercy):
    create(temporary.LINE)
    rows = [
        "1\t1\t2\t2026-05-03\t\\N\t3\t0.33335\t\\N\t\\N\t0\t0",
        "1\t2\t3\t2026-05-03\t\\N\t3\t9\t7.5\t\\N\t0\t0",
    ]
    with connection.cursor() as cursor:
        with cursor.copy(temporary.LINE.copy_sql()) as copy:
            copy.write("\n".join(rows) + "\n")
        cursor.execute("SELECT amount::text FROM prm_line ORDER BY ordinal")
        assert [row[0] for row in cursor.fetchall()] == ["1.0001", "7.5"]
