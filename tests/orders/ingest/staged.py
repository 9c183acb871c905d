"""Staging by hand, for tests of single steps of a merge."""

from contextlib import contextmanager
from typing import Any

from django.db import connection

from orders.ingest.service import rules_for
from orders.ingest.stage import Stage, staging
from orders.sources.models import OrderSource

LEAST = {"date": "2026-05-03", "code": "77", "product_code": "A", "quantity": "1", "unit_price": "10"}


def put(stage: Stage, number: str, *, file_no: int = 1, line_no: int = 1, **cells: str) -> None:
    """Put one line on the stage; it must fit its order."""
    line = stage.maker.line_of(LEAST | {"number": number} | cells, line_no)
    assert stage.grouper.add_one(line, file_no) == []


@contextmanager
def staged(source: OrderSource) -> Any:
    """A stage to put lines on; when the block ends, the temporary tables are complete."""
    with staging(rules_for(source.rules)) as stage:
        yield stage


def rows(query: str) -> list[tuple[Any, ...]]:
    """The rows of a query."""
    with connection.cursor() as cursor:
        cursor.execute(query)
        return cursor.fetchall()
