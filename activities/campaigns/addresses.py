"""Which addresses links may lead to, and names of machines and networks as people type them: pure functions."""

import re
from collections.abc import Collection
from ipaddress import ip_network
from typing import Final
from urllib.parse import urlsplit

from prm.core.errors import Refused
from prm.core.notation.reader import figure

LONGEST_URL: Final = 500
_HOST: Final = re.compile(
    r"(?=.{1,253}$)[a-z0-9](?:[a-z0-9-]{0,61}[a-z0-9])?(?:\.[a-z0-9](?:[a-z0-9-]{0,61}[a-z0-9])?)+"
)


def checked_host(text: str, field: str = "hosts") -> str:
    """Return the name of a machine in small letters. Raises `Refused` for anything else."""
    host = text.strip().lower().rstrip(".")
    if not _HOST.fullmatch(host):
        raise Refused(
            f"“{text.strip()[:80]}” is no name of a machine, as in www.mercy.example.",
            field=field,
            code="invalid",
        )
    return host


def checked_network(text: str, field: str = "networks") -> str:
    """Return a network in its usual form (`192.0.2.0/24`, an address alone is one of its own). Raises `Refused`."""
    try:
        network = ip_network(text.strip(), strict=False)
    except ValueError:
        raise Refused(
            f"“{text.strip()[:80]}” is no network, as in 192.0.2.0/24 or 2001:db8::/48.",
            field=field,
            code="invalid",
        ) from None
    if network.prefixlen < (8 if network.version == 4 else 16):
        raise Refused(
            f"{network} holds half the world. Give the company's own network.", field=field, code="too_wide"
        )
    return str(network)


def checked_url(text: str, hosts: Collection[str], field: str = "url") -> str:
    """Return an address that a link may lead to: plain `https://` or `http://` on one of the company's hosts. Raises `Refused`."""
    url = text.strip()
    if len(url) > LONGEST_URL:
        raise Refused(
            f"An address has at most {LONGEST_URL} characters; this has {figure(len(url))}.",
            field=field,
            code="max_length",
        )
    if any(ord(sign) <= 32 or ord(sign) == 127 for sign in url) or "\\" in url:
        raise Refused(
            "The address holds a space, a backslash or an unreadable character.", field=field, code="invalid"
        )
    try:
        parts = urlsplit(url)
        host, port = (parts.hostname or "").rstrip("."), parts.port
    except ValueError:
        raise Refused(
            "This is no address, as in https://www.mercy.example/echo-lab.", field=field, code="invalid"
        ) from None
    if parts.scheme not in ("https", "http"):
        kind = f"{parts.scheme}:" if parts.scheme else "This"
        raise Refused(
            f"{kind} is no page. Links lead to addresses that begin with https://.",
            field=field,
            code="scheme",
        )
    if parts.username is not None or parts.password is not None or port not in (None, 80, 443):
        raise Refused(
            "Give the address without a name, password or port before the page.", field=field, code="invalid"
        )
    if host not in hosts:
        allowed = f"Links lead to {', '.join(sorted(hosts))}" if hosts else "No host is on the list yet"
        raise Refused(
            f"{host or 'This'} is not on the list of hosts. {allowed}; add one under Counting.",
            field=field,
            code="host",
        )
    return url
