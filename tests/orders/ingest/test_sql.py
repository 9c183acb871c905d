"""Every statement of an import is valid, and says truly what it reads and writes."""

import re

import pytest
from django.apps import apps
from django.db import connection

from orders.ingest import sql
from orders.ingest.merging import adding
from orders.ingest.merging import sql as writing
from orders.ingest.statement import Statement, create
from orders.ingest.temporary import ALL

NAMES = {model._meta.db_table for model in apps.get_app_config("orders").get_models()} | {t.name for t in ALL}
STATEMENTS = sql.STATEMENTS | writing.STATEMENTS | adding.STATEMENTS
WRITTEN = re.compile(r"(?:INSERT INTO|UPDATE|DELETE FROM)\s+(?:pg_temp\.)?(\w+)")
READ = re.compile(r"(?:FROM|JOIN|USING)\s+(?:pg_temp\.)?(\w+)")


def numbered_with(text: str, parameters: dict[str, str]) -> tuple[str, list[str]]:
    """The statement with $1, $2 … for its parameters, and their types in that order."""
    order = list(dict.fromkeys(re.findall(r"%\((\w+)\)s", text)))
    for place, name in enumerate(order, start=1):
        text = text.replace(f"%({name})s", f"${place}")
    return text, [parameters[name] for name in order]


def numbered(text: str) -> tuple[str, list[str]]:
    """The same for a statement of an import."""
    return numbered_with(text, sql.PARAMETERS)


@pytest.mark.parametrize("name", STATEMENTS)
def test_statement_is_prepared_by_the_real_database(in_mercy, name):
    create(*ALL)
    text, types = numbered(STATEMENTS[name].sql)
    given = f"({', '.join(types)})" if types else ""
    with connection.cursor() as cursor:
        cursor.execute(f"PREPARE one {given} AS {text}")
        cursor.execute("DEALLOCATE one")


@pytest.mark.parametrize("name", STATEMENTS)
def test_statement_says_what_it_reads_and_writes(name):
    statement = STATEMENTS[name]
    written = set(WRITTEN.findall(statement.sql)) & NAMES
    # The table a DELETE is FROM is written; what follows USING or JOIN is read.
    read = set(READ.findall(re.sub(r"DELETE FROM\s+(?:pg_temp\.)?\w+", "", statement.sql))) & NAMES
    assert set(statement.writes) == written
    assert set(statement.reads) == read


def test_every_parameter_has_a_type_and_every_type_a_parameter():
    used = {name for s in STATEMENTS.values() for name in re.findall(r"%\((\w+)\)s", s.sql)}
    assert used == set(sql.PARAMETERS)


def test_ids_made_in_one_statement_are_in_the_order_of_their_numbers(in_mercy):
    from prm.core.ids import id_stem

    ids = Statement(
        "SELECT (%(ids)s || to_hex(4294967296 + n))::uuid FROM generate_series(1, 50) AS n ORDER BY n"
    ).rows(str, {"ids": id_stem()})
    assert ids == sorted(ids) and len(set(ids)) == 50
