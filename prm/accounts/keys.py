"""API keys: made once, shown once, kept as a hash.

The header is `Authorization: Api-Key <prefix>.<secret>`. Making and checking the secret is left
to djangorestframework-api-key's generator (SHA-512, compared in constant time).
"""

from datetime import timedelta

from django.http import HttpRequest
from rest_framework_api_key.crypto import KeyGenerator

from prm.accounts.models import ApiKey, Membership
from prm.accounts.rights import SCOPES, Right
from prm.core.clock import now
from prm.core.errors import Refused
from prm.tenancy.use_cases import needs_no_right, requires

HEADER = "Api-Key "
# Writing "last used" on every call would make each read a write.
USED_RESOLUTION = timedelta(minutes=5)
_generator = KeyGenerator()


@needs_no_right("reads a header")
def key_in(request: HttpRequest) -> str:
    """Return the key the request carries, or an empty string."""
    header = request.headers.get("Authorization", "")
    return header.removeprefix(HEADER).strip() if header.startswith(HEADER) else ""


@requires(Right.KEY_EDIT)
def create_key(*, name: str, scopes: list[str], created_by: Membership | None) -> tuple[ApiKey, str]:
    """Make a key of the tenant in scope; returns it and its secret, which is not kept anywhere.

    Raises `Refused` without a name or with an unknown scope.
    """
    if not name.strip():
        raise Refused("Give the key a name, so that you know later what uses it.", field="name")
    unknown = sorted(set(scopes) - set(SCOPES))
    if unknown or not scopes:
        raise Refused(f"Choose from {', '.join(SCOPES)}.", field="scopes", code="unknown_scope")
    secret, prefix, hashed = _generator.generate()
    key = ApiKey.objects.create(
        name=name.strip(), prefix=prefix, secret_hash=hashed, scopes=scopes, created_by=created_by
    )
    return key, secret


@needs_no_right("asked before anybody is known")
def find_key(secret: str) -> ApiKey | None:
    """Return the live key of the tenant in scope that this secret opens, or `None`."""
    prefix, _, rest = secret.partition(".")
    if not rest or "\0" in prefix:
        return None
    keys = ApiKey.objects.live().select_related("created_by__user")
    key: ApiKey | None = keys.filter(prefix=prefix).first()
    if key is None or not _generator.verify(secret, key.secret_hash):
        return None
    if key.last_used_at is None or now() - key.last_used_at > USED_RESOLUTION:
        ApiKey.objects.filter(pk=key.pk).update(last_used_at=now())
    return key


@requires(Right.KEY_EDIT)
def keep_key(key: ApiKey, *, by: Membership) -> None:
    """Take a key over from whoever made it: it no longer ends with that membership, but with `by`'s."""
    if key.revoked_at is not None:
        raise Refused("This key is revoked. Make a new one.", code="revoked")
    key.created_by = by
    key.save(update_fields=["created_by"])


@requires(Right.KEY_EDIT)
def revoke_key(key: ApiKey) -> None:
    """End a key; repeating it changes nothing."""
    if key.revoked_at is None:
        key.revoked_at = now()
        key.save(update_fields=["revoked_at"])
