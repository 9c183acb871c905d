"""Many rows, a few thousand at a time."""

from collections.abc import Iterator
from typing import TypeVar

from django.db.models import Model, QuerySet

M = TypeVar("M", bound=Model)
AT_A_TIME = 2_000


def streamed(queryset: QuerySet[M]) -> Iterator[M]:
    """Give the rows by a cursor of the database's; needs an open transaction, and lives no longer than it.

    `iterator()` would fetch all of them at once: behind a pooler in transaction mode cursors may not outlive
    their transaction, and so `DISABLE_SERVER_SIDE_CURSORS` is set. Ours never does.
    """
    rows: Iterator[M] = queryset._iterator(use_chunked_fetch=True, chunk_size=AT_A_TIME)  # type: ignore[attr-defined]  # noqa: SLF001
    return rows
