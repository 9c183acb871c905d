"""Advisory locks: what must not happen twice at once, and has no row of its own to lock.

All are held to the end of the transaction, so that they survive a pooler in transaction mode and no
process that dies leaves one behind. A lock is named by a topic (`orders`, `standings`), a tenant, and
perhaps a record. PostgreSQL knows it by one 64-bit number: the first eight bytes of the BLAKE2b hash of
topic, tenant and record, as a signed integer. Two names with one number (one chance in 2^64 for a pair)
would wait for each other and do nothing worse.
"""

import hashlib
from collections.abc import Collection
from typing import Final
from uuid import UUID

from django.db import Error, connection

# Up to so many records take a lock each; PostgreSQL's lock table is shared memory of fixed size.
MOST_RECORDS = 50

DEADLOCK: Final = "40P01"
FOREIGN_KEY_VIOLATION: Final = "23503"
LOCK_NOT_AVAILABLE: Final = "55P03"
"""What `sql_state` says after the `lock_timeout`, or where NOWAIT found the row taken."""


def sql_state(error: Error) -> str:
    """Return the five letters by which PostgreSQL names an error (its manual, appendix A), "" where it named none.

    So it is where the connection broke or was never made.
    """
    return getattr(error.__cause__, "sqlstate", None) or ""


def lock_number(topic: str, tenant_id: UUID, record_id: UUID | None = None) -> int:
    """Return the number of a lock, -2^63 to 2^63-1."""
    name = topic.encode() + b"\0" + tenant_id.bytes + (b"" if record_id is None else record_id.bytes)
    return int.from_bytes(hashlib.blake2b(name, digest_size=8).digest(), "big", signed=True)


def lock_tenant(topic: str, tenant_id: UUID) -> None:
    """Wait until nobody else holds the tenant's lock of this topic, nor one of its records."""
    _take("pg_advisory_xact_lock", [lock_number(topic, tenant_id)])


def lock_records(
    topic: str, tenant_id: UUID, record_ids: Collection[UUID], *, most: int = MOST_RECORDS
) -> None:
    """Wait until nobody else holds one of these records, nor the tenant's lock of this topic.

    More than `most` records take the lock of the whole tenant instead. Records are locked in one order,
    so that two holders of several never wait for each other.
    """
    if len(record_ids) > most:
        lock_tenant(topic, tenant_id)
        return
    _take("pg_advisory_xact_lock_shared", [lock_number(topic, tenant_id)])
    _take("pg_advisory_xact_lock", sorted({lock_number(topic, tenant_id, pk) for pk in record_ids}))


def _take(function: str, numbers: list[int]) -> None:
    with connection.cursor() as cursor:
        # Rows come in the order of the array, so the locks are taken in it.
        cursor.execute(f"SELECT {function}(number) FROM unnest(%s::bigint[]) AS number", [numbers])  # nosec B608 # names are our own, values are parameters
