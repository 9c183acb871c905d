"""Ids: UUID version 7 (RFC 9562), ordered by the millisecond they were made in."""

import uuid

import uuid_utils.compat


def uuid7() -> uuid.UUID:
    """A new UUIDv7 as a standard library ``UUID``."""
    return uuid_utils.compat.uuid7()
