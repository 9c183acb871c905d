"""SOQL is built here and nowhere else; values go through simple-salesforce's quoting."""

from __future__ import annotations

import re
from collections.abc import Iterable, Sequence
from datetime import UTC, date, datetime

from simple_salesforce.format import quote_soql_value

MOST_IDS = 200
"""Ids per `IN` list: 200 quoted ids stay well under the 16,384 bytes of URL and headers."""

_NAME = re.compile(r"^[A-Za-z][A-Za-z0-9_]*(\.[A-Za-z][A-Za-z0-9_]*)*$")


def name(api_name: str) -> str:
    """Return an object or field name after making sure that it is one."""
    if not _NAME.match(api_name):
        raise ValueError(f"{api_name!r} is not a Salesforce name.")
    return api_name


def text(value: str) -> str:
    """Return a quoted string. NUL cannot occur in Salesforce, so it is dropped."""
    return str(quote_soql_value(value.replace("\x00", "")))


def moment(value: datetime) -> str:
    """Return an unquoted datetime literal in whole UTC seconds; naive datetimes are refused."""
    if value.tzinfo is None:
        raise ValueError("A datetime without a time zone cannot be compared.")
    return value.astimezone(UTC).strftime("%Y-%m-%dT%H:%M:%SZ")


def one_of(field: str, values: Iterable[str]) -> str:
    """Return `field IN ('…', …)`; at most `MOST_IDS` values."""
    quoted = [text(value) for value in values]
    if not 0 < len(quoted) <= MOST_IDS:
        raise ValueError(f"An IN list takes 1 to {MOST_IDS} values, not {len(quoted)}.")
    return f"{name(field)} IN ({','.join(quoted)})"


def after(stamp: datetime, last_id: str) -> str:
    """Return the keyset condition "later than (stamp, last_id)"; without an id, "from stamp on".

    Thousands of rows can share one second, so the stamp alone would repeat or skip some.
    """
    literal = moment(stamp)
    if not last_id:
        return f"SystemModstamp >= {literal}"
    return f"(SystemModstamp > {literal} OR (SystemModstamp = {literal} AND Id > {text(last_id)}))"


def select(
    sobject: str,
    fields: Sequence[str],
    where: Sequence[str] = (),
    *,
    order_by: Sequence[str] = (),
    limit: int | None = None,
) -> str:
    """Return a SELECT; the conditions are joined by AND."""
    query = f"SELECT {', '.join(name(field) for field in fields)} FROM {name(sobject)}"  # nosec B608 # SOQL: names are checked, values quoted by soql.py
    if where:
        query += f" WHERE {' AND '.join(where)}"
    if order_by:
        query += f" ORDER BY {', '.join(name(field) for field in order_by)}"
    if limit is not None:
        query += f" LIMIT {limit:d}"
    return query


def by_day(sobject: str, day: str, amount: str, where: Sequence[str], *, first: date, last: date) -> str:
    """Return a query for the number of records (`records`) and the sum of an amount (`total`) of each day.

    One row a day: at most the 2,000 that an aggregate query answers without paging, so at most five years.
    """
    wanted = [*where, f"{name(day)} >= {first.isoformat()}", f"{name(day)} <= {last.isoformat()}"]
    return (
        f"SELECT {name(day)}, COUNT(Id) records, SUM({name(amount)}) total FROM {name(sobject)}"  # nosec B608 # SOQL: names are checked, values quoted by soql.py
        f" WHERE {' AND '.join(wanted)} GROUP BY {name(day)}"
    )
