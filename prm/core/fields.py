"""Model fields shared by the apps: amounts of money, and secrets that are encrypted at rest."""

from __future__ import annotations

from collections.abc import Sequence
from functools import lru_cache
from typing import TYPE_CHECKING, Any, Final

from django.conf import settings
from django.core.exceptions import ImproperlyConfigured
from django.db import models

if TYPE_CHECKING:
    from cryptography.fernet import MultiFernet


# The longest note, reason or remark that a page or a program may send, in characters.
LONGEST_TEXT: Final = 10_000


class MoneyField(models.DecimalField):  # type: ignore[type-arg]  # a subscript fails at run time
    """An amount of money: 18 digits, 4 of them after the point.

    Four places, because real order systems price in fractions of a penny (Online Retail has three)
    and a sum must come out exactly. The currency stands beside it or is the tenant's own.
    """

    def __init__(self, *args: Any, **kwargs: Any) -> None:
        kwargs["max_digits"] = 18
        kwargs["decimal_places"] = 4
        super().__init__(*args, **kwargs)

    def deconstruct(self) -> tuple[str, str, list[object], dict[str, object]]:
        name, path, args, kwargs = super().deconstruct()
        del kwargs["max_digits"]
        del kwargs["decimal_places"]
        return name, path, list(args), kwargs


class WrongFieldKey(ImproperlyConfigured):
    """A stored secret was encrypted with a key that is not among `FIELD_KEYS`."""


@lru_cache(maxsize=4)
def _fernet(keys: tuple[str, ...]) -> MultiFernet:
    # Six megabytes, which a process that stores no secret (an import) does not pay for.
    from cryptography.fernet import Fernet, MultiFernet  # noqa: PLC0415 - heavy, rarely used

    if not keys:
        raise ImproperlyConfigured("FIELD_KEYS is empty: secrets cannot be stored.")
    return MultiFernet([Fernet(key) for key in keys])


def field_keys_work(keys: Sequence[str]) -> bool:
    """Whether secrets can be stored with these keys: at least one, and each 32 bytes in URL-safe base64."""
    try:
        _fernet(tuple(keys))
    except (ImproperlyConfigured, ValueError):
        return False
    return True


def seal(text: str) -> str:
    """Encrypt with the newest of `FIELD_KEYS`."""
    return _fernet(tuple(settings.FIELD_KEYS)).encrypt(text.encode()).decode()


def unseal(sealed: str) -> str:
    """Decrypt with whichever of `FIELD_KEYS` fits. Raises `WrongFieldKey`."""
    from cryptography.fernet import InvalidToken  # noqa: PLC0415 - heavy, rarely used

    try:
        return _fernet(tuple(settings.FIELD_KEYS)).decrypt(sealed.encode()).decode()
    except InvalidToken as error:
        raise WrongFieldKey("A secret was encrypted with a key that is not in FIELD_KEYS.") from error


def is_of_newest_key(sealed: str) -> bool:
    """Return whether the newest of `FIELD_KEYS` opens it."""
    from cryptography.fernet import InvalidToken  # noqa: PLC0415 - heavy, rarely used

    try:
        _fernet(tuple(settings.FIELD_KEYS[:1])).decrypt(sealed.encode())
    except InvalidToken:
        return False
    return True


def reseal(sealed: str) -> str:
    """Return it encrypted with the newest of `FIELD_KEYS`. Raises `WrongFieldKey`."""
    return seal(unseal(sealed))


class EncryptedTextField(models.TextField):  # type: ignore[type-arg]  # a subscript fails at run time
    """Text whose column holds ciphertext; empty text stays empty. It cannot be searched.

    Keys come from `settings.FIELD_KEYS`, newest first; older ones still decrypt, so keys can be rotated.
    A value that no key opens raises: going on with ciphertext, or with nothing, would send the wrong
    secret or lose the right one.
    """

    def get_prep_value(self, value: object) -> object:
        """Encrypt on the way in."""
        return seal(str(value)) if value else value

    def from_db_value(self, value: str | None, expression: object, connection: object) -> str | None:
        """Decrypt on the way out; raises `WrongFieldKey`."""
        if not value:
            return value
        try:
            return unseal(str(value))
        except WrongFieldKey as error:
            raise WrongFieldKey(
                f"{self.model.__name__}.{self.name} was encrypted with a key that is not in FIELD_KEYS."
            ) from error
