"""Typed reading of environment variables that fails loudly.

Every reader takes a name and a default. ``X_FILE`` may name a file that holds the value of ``X``
(the way container platforms hand over secrets). A value that cannot be read as the asked type
raises :class:`BadSetting`, which names the variable and what it takes.
"""

import ipaddress
import os
from dataclasses import dataclass
from pathlib import Path
from typing import Final
from urllib.parse import unquote, urlsplit


class BadSetting(RuntimeError):
    """An environment variable holds a value that cannot be used."""


def text(name: str, default: str = "") -> str:
    """Return the variable as text, or the content of the file named by ``<name>_FILE``, stripped."""
    value = os.environ.get(name)
    if value is not None:
        return value.strip()
    file = os.environ.get(f"{name}_FILE")
    if not file:
        return default
    try:
        return Path(file).read_text(encoding="utf-8").strip()
    except OSError as error:
        raise BadSetting(f"{name}_FILE names {file!r}, which cannot be read: {error}") from error


def required(name: str) -> str:
    """Return the variable as text; raises when it is missing or empty."""
    value = text(name)
    if not value:
        raise BadSetting(
            f"{name} (or {name}_FILE) is required; docs/operations.md lists the settings. For the embedded servers, run "
            "manage.py, or `python -m prm.local.environment COMMAND`."
        )
    return value


def boolean(name: str, default: bool) -> bool:
    """Read ``True`` or ``False`` written exactly so (any case); anything else raises."""
    value = text(name)
    if not value:
        return default
    lowered = value.lower()
    if lowered not in {"true", "false"}:
        raise BadSetting(f"{name} is {value!r}; write True or False.")
    return lowered == "true"


def integer(name: str, default: int, minimum: int | None = None) -> int:
    """Read a whole number, optionally not below ``minimum``."""
    value = text(name)
    if not value:
        return default
    try:
        number = int(value)
    except ValueError as error:
        raise BadSetting(f"{name} is {value!r}; write a whole number.") from error
    if minimum is not None and number < minimum:
        raise BadSetting(f"{name} is {number}; the least is {minimum}.")
    return number


def words(name: str, default: tuple[str, ...] = ()) -> list[str]:
    """Comma-separated words, blanks around them dropped."""
    value = text(name)
    if not value:
        return list(default)
    return [word.strip() for word in value.split(",") if word.strip()]


def subnets(name: str) -> tuple[ipaddress.IPv4Network | ipaddress.IPv6Network, ...]:
    """Comma-separated networks (`10.1.0.0/16`) and addresses (`10.1.2.3`); anything else raises."""
    try:
        return tuple(ipaddress.ip_network(word) for word in words(name))
    except ValueError as error:
        raise BadSetting(f"{name}: {error}. Write addresses or networks, as 10.1.0.0/16.") from error


def ports(name: str, default: tuple[int, ...]) -> tuple[int, ...]:
    """Comma-separated port numbers, 1 to 65535."""
    written = words(name)
    if not all(word.isdecimal() and 0 < int(word) < 65_536 for word in written):
        raise BadSetting(f"{name} is {text(name)!r}; write port numbers, as 443,8443.")
    return tuple(int(word) for word in written) or default


def networks(name: str, default: tuple[str, ...] = ()) -> list[str]:
    """Comma-separated IP addresses and networks (`10.0.0.0/8`, `::1`), and the word ``unix``."""
    found = words(name, default)
    for word in found:
        try:
            _ = word == "unix" or ipaddress.ip_network(word, strict=False)
        except ValueError as error:
            raise BadSetting(
                f"{name} names {word!r}; write addresses and networks as 10.0.0.0/8 or ::1, or unix."
            ) from error
    return found


@dataclass(frozen=True)
class MailServer:
    """How messages leave. `backend` is a module of `django.core.mail.backends`."""

    backend: str
    host: str = ""
    port: int = 25
    user: str = ""
    password: str = ""
    use_tls: bool = False
    use_ssl: bool = False
    folder: str = ""


_MAIL_PORTS: Final = {"smtp": 25, "smtp+tls": 587, "smtps": 465}


def mail(name: str, default: str = "") -> MailServer:
    """Read ``smtp+tls://user:password@host:587``, ``smtps://…``, ``smtp://…``, ``console:``, ``file:///folder``.

    Nothing means that messages cannot be sent. Signs with a meaning in addresses are written ``%40``.
    """
    value = text(name, default)
    if not value:
        return MailServer("dummy")
    try:
        parts = urlsplit(value)
        port = parts.port
    except ValueError as error:
        raise BadSetting(f"{name} cannot be read as an address.") from error
    if parts.scheme == "console":
        return MailServer("console")
    if parts.scheme == "file" and parts.path and not parts.netloc:
        return MailServer("filebased", folder=unquote(parts.path))
    if parts.scheme not in _MAIL_PORTS or not parts.hostname:
        raise BadSetting(
            f"{name} begins with smtp+tls://HOST, smtps://HOST, smtp://HOST, console: or file:///FOLDER."
        )
    return MailServer(
        "smtp",
        host=parts.hostname,
        port=port or _MAIL_PORTS[parts.scheme],
        user=unquote(parts.username or ""),
        password=unquote(parts.password or ""),
        use_tls=parts.scheme == "smtp+tls",
        use_ssl=parts.scheme == "smtps",
    )
