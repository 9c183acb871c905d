"""Every statement of a room's `sql.py` is one that the database can plan; imports have a test of their own."""

import importlib
import re

import pytest
from django.db import connection

MODULES = (
    "activities.visits.sql",
    "orders.attribution.sql",
    "partners.alarms.sql",
    "partners.directory.sql",
    "partners.standing.sql",
)
TYPES = {
    "tenant": "uuid", "zone": "text", "first": "uuid", "last": "uuid", "since": "timestamptz",
    "end": "timestamptz", "names": "text[]", "scheme": "text", "systems": "text[]", "limit": "int", "begin": "text", "beyond": "text",
    "from": "date", "to": "date", "month": "date", "now": "timestamptz", "rows": "text",
}  # fmt: skip
# What callers stage, as the docstrings of the statements' functions ask for it.
STAGED = {
    "wanted": "place int, id uuid",
    "named": "partner_id uuid, month date",
    "sums": "partner_id uuid, month date, orders int, units numeric, revenue numeric, first_on date, last_on date",
    "staged": 'normal text COLLATE "C", partner_id uuid, is_shared boolean',
}
BEGINS = re.compile(r"\s*(WITH|SELECT|INSERT|UPDATE|DELETE)\b")


def statements():
    for name in MODULES:
        module = importlib.import_module(name)
        for key, value in vars(module).items():
            if isinstance(value, str) and not key.startswith("__") and BEGINS.match(value):
                yield pytest.param(key, value, id=f"{name}:{key}")


@pytest.mark.parametrize("key, text", list(statements()))
def test_statement_is_prepared_by_the_real_database(in_mercy, key, text):
    text = text.format(**{name: name for name in STAGED})
    order = list(dict.fromkeys(re.findall(r"%\((\w+)\)s", text)))
    for place, name in enumerate(order, start=1):
        text = text.replace(f"%({name})s", f"${place}")
    given = f"({', '.join(TYPES[name] for name in order)})" if order else ""
    with connection.cursor() as cursor:
        for name, columns in STAGED.items():
            cursor.execute(f"CREATE TEMPORARY TABLE {name} ({columns}) ON COMMIT DROP")
        cursor.execute(f"PREPARE one {given} AS {text}")
        cursor.execute("DEALLOCATE one")


def test_no_statement_is_left_out():
    assert len(list(statements())) >= 6
