"""Rows that are deleted by SQL: whatever refers to them goes in the same module, or there is a reason why nothing can.

Django's own deletes follow references; ours do not, and the database then refuses at the commit, in nobody's words. Found
by made-up requests: taking a run back left what reconciliation had read of its rejected lines.
"""

import re
from pathlib import Path

import pytest
from django.db import connection

from tests.conftest import ROOT

DELETED = re.compile(
    r"DELETE\s+FROM\s+((?:orders|partners|activities|campaigns|salesforce|tenancy|accounts|\w+)_\w+)"
)

# (table whose rows are deleted, table that refers to it): why no row of it can be left over.
NEVER_LEFT = {
    (
        "orders_order",
        "activities_opportunityorder",
    ): "hinders it (activities.market.budgets.queries.fulfilled_by), and a trigger ends the tie",
    (
        "campaigns_member",
        "campaigns_filtered",
    ): "only members of a draft go; nothing is counted before it starts",
    (
        "campaigns_member",
        "campaigns_webevent",
    ): "only members of a draft go; nothing is counted before it starts",
}


def modules_that_delete() -> dict[Path, set[str]]:
    found = {}
    for app in ("orders", "partners", "activities", "prm"):
        for file in (ROOT / app).rglob("*.py"):
            if "migrations" in file.parts or "sandbox" in file.parts:
                continue
            if tables := set(DELETED.findall(file.read_text(encoding="utf-8"))):
                found[file] = tables
    return found


@pytest.fixture
def referring(db) -> dict[str, set[str]]:
    """By table, the tables with a foreign key to it that does nothing by itself when a row goes."""
    with connection.cursor() as cursor:
        cursor.execute(
            "SELECT confrelid::regclass::text, conrelid::regclass::text FROM pg_constraint"
            " WHERE contype = 'f' AND confdeltype IN ('a', 'r')"
        )
        found: dict[str, set[str]] = {}
        for table, child in cursor.fetchall():
            found.setdefault(table, set()).add(child)
    return found


def test_what_refers_to_rows_deleted_by_sql_goes_with_them(referring):
    left = {
        (table, child)
        for tables in modules_that_delete().values()
        for table in tables
        for child in referring.get(table, set()) - tables - {table}
    }
    assert left == set(NEVER_LEFT)


def test_the_modules_that_delete_are_found():
    names = {file.relative_to(ROOT).as_posix(): tables for file, tables in modules_that_delete().items()}
    assert "orders_order" in names["orders/runs/undo.py"]
