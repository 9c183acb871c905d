"""What stands behind `/c/`: a token names a campaign's link for one member, and proves that we wrote it.

    version 1 · tenant 16 · member 16 · campaign's link 17 · proof 10  =  60 bytes, 80 characters of URL-safe base64

The proof is a keyed hash (BLAKE2b) of the rest: a token changed by one character names nothing, and no table is asked. It holds no
secret, and leads nowhere but to what the campaign's list says at that moment. 60 bytes make 80 characters exactly: no character is
without meaning. For a link in public the member is all zeros, for the picture in a letter the link is the campaign's own id.
"""

import base64
import binascii
import hashlib
import hmac
import re
from dataclasses import dataclass
from functools import lru_cache
from typing import Final
from uuid import UUID

from django.conf import settings

VERSION: Final = 1
NOBODY: Final = UUID(int=0)
_PROOF: Final = 10
_FORM: Final = re.compile(r"[A-Za-z0-9_-]{80}")
LINK, PICTURE = 0, 1


@dataclass(frozen=True, slots=True)
class Named:
    """What a token names. `target` is a link, or with `is_picture` a campaign; `member` is `None` in public."""

    tenant: UUID
    member: UUID | None
    target: UUID
    is_picture: bool = False


@lru_cache(maxsize=8)
def _key(secret: str) -> bytes:
    return hashlib.blake2b(b"prm.campaigns.token", key=hashlib.sha256(secret.encode()).digest()).digest()


def _proof(body: bytes, secret: str) -> bytes:
    return hashlib.blake2b(body, key=_key(secret), digest_size=_PROOF).digest()


def token(named: Named) -> str:
    """Return the token of a link or picture."""
    kind = bytes([PICTURE if named.is_picture else LINK])
    body = bytes([VERSION]) + named.tenant.bytes + (named.member or NOBODY).bytes + kind + named.target.bytes
    return base64.urlsafe_b64encode(body + _proof(body, settings.SECRET_KEY)).decode()


def read(text: str) -> Named | None:
    """Return what a token names, `None` for one that is not ours."""
    if not _FORM.fullmatch(text):
        return None
    try:
        whole = base64.urlsafe_b64decode(text)
    except (binascii.Error, ValueError):
        return None
    body, proof = whole[:-_PROOF], whole[-_PROOF:]
    secrets = (settings.SECRET_KEY, *map(str, settings.SECRET_KEY_FALLBACKS))
    if body[0] != VERSION or not any(hmac.compare_digest(_proof(body, one), proof) for one in secrets):
        return None
    member = UUID(bytes=body[17:33])
    return Named(
        tenant=UUID(bytes=body[1:17]),
        member=None if member == NOBODY else member,
        target=UUID(bytes=body[34:50]),
        is_picture=body[33] == PICTURE,
    )
