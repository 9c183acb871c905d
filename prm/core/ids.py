"""Ids: UUID version 7 (RFC 9562), ordered by the millisecond they were made in.

What a file or another system brings has a name outside, and comes again under the same id where a database was
restored from a backup: UUID version 8, made of that name (`named_id`).
"""

import hashlib
import re
import unicodedata
import uuid
from typing import Final

import uuid_utils.compat


def uuid7() -> uuid.UUID:
    """Return a new UUIDv7 as a standard library `UUID`."""
    return uuid_utils.compat.uuid7()


def id_stem() -> str:
    """Return the first 23 digits of a fresh UUIDv7, for SQL that makes many ids in one statement.

    `(stem || to_hex(4294967296 + n))::uuid` completes it; n counts up from 0 within the statement.
    2^32 and upwards has nine hexadecimal digits, so no padding is needed.
    """
    return uuid7().hex[:23]


def named_id(tenant: uuid.UUID, kind: str, *names: str) -> uuid.UUID:
    """Return the id of the thing of a kind that has these names outside, in one tenant.

    The same names give the same id for ever, other tenants another one. No text of the world can pretend to
    be two names, since each stands with its length.
    """
    said = "".join(f"{len(name)}:{name}" for name in (str(tenant), kind, *names))
    digits = hashlib.sha256(said.encode()).hexdigest()
    return uuid.UUID(f"{digits[:12]}8{digits[13:16]}a{digits[17:32]}")


def named_id_sql(kind: str, *names: str) -> str:
    """Return `named_id` as an SQL expression; `names` are SQL texts, the tenant is the parameter `tenant`."""
    said = " || ".join(
        f"length({name})::text || ':' || {name}" for name in ("%(tenant)s::text", f"'{kind}'", *names)
    )
    digits = f"encode(sha256(convert_to({said}, 'UTF8')), 'hex')"
    return f"overlay(overlay(left({digits}, 32) PLACING '8' FROM 13) PLACING 'a' FROM 17)::uuid"


# --- keys made of words: of kinds, of own fields -----------------------------------------------

LONGEST_KEY: Final = 40
"""Most characters of a key."""

_KEY: Final = re.compile(r"[a-z0-9]+(?:_[a-z0-9]+)*\Z")


def is_key(text: str) -> bool:
    """Return whether a text can be a key: small ASCII letters, digits, single underscores between them."""
    return len(text) <= LONGEST_KEY and bool(_KEY.match(text))


def key_for(word: str) -> str:
    """Make a key of a word: "Ambulance service" is `ambulance_service`; "" where no letter or digit is plain."""
    plain = unicodedata.normalize("NFKD", word).encode("ascii", "ignore").decode().lower()
    return re.sub(r"[^a-z0-9]+", "_", plain).strip("_")[:LONGEST_KEY].strip("_")
