"""Which network addresses may be called: those of the public internet, and what `OUTGOING_ALLOWED` adds.

An address is public when the registries say so (`ipaddress`, IANA's special-purpose registries) and it is
not one that a gateway would turn into another: 6to4, Teredo, NAT64 and IPv4 written as IPv6 are refused as a
whole, because where they lead is decided by a machine between.
"""

import ipaddress
import queue
import socket
import threading
from dataclasses import dataclass
from typing import TypeAlias

from django.conf import settings

from prm.core.outgoing.errors import AddressRefused, NotReached

Address: TypeAlias = ipaddress.IPv4Address | ipaddress.IPv6Address
Network: TypeAlias = ipaddress.IPv4Network | ipaddress.IPv6Network

# Beside what `is_global` knows: Python releases differ in some of these, and none of them is a place to call.
REFUSED: tuple[Network, ...] = tuple(
    map(
        ipaddress.ip_network,
        (
            "0.0.0.0/8", "10.0.0.0/8", "100.64.0.0/10", "127.0.0.0/8", "169.254.0.0/16", "172.16.0.0/12",
            "192.0.0.0/24", "192.0.2.0/24", "192.88.99.0/24", "192.168.0.0/16", "198.18.0.0/15", "198.51.100.0/24",
            "203.0.113.0/24", "224.0.0.0/4", "240.0.0.0/4",
            # ::/8 holds ::1, IPv4 as IPv6 (::a.b.c.d, ::ffff:a.b.c.d); 64:ff9b is NAT64; 2001::/23 Teredo and kin.
            "::/8", "64:ff9b::/96", "64:ff9b:1::/48", "100::/64", "2001::/23", "2001:db8::/32", "2002::/16",
            "3fff::/20", "5f00::/16", "fc00::/7", "fe80::/10", "fec0::/10", "ff00::/8",
        ),
    )
)  # fmt: skip


@dataclass(frozen=True, slots=True)
class Endpoint:
    """One address of a host, as the resolver gave it and `socket.connect` takes it."""

    family: socket.AddressFamily
    sockaddr: tuple[str, int] | tuple[str, int, int, int]

    @property
    def address(self) -> Address:
        """The address alone; a scope (`%eth0`) belongs to it."""
        return ipaddress.ip_address(self.sockaddr[0])


def is_loopback(host: str) -> bool:
    """Whether a host name can only mean this machine."""
    if host == "localhost":
        return True
    try:
        return ipaddress.ip_address(host).is_loopback
    except ValueError:
        return False


def is_public(address: Address) -> bool:
    """Whether an address is one of the public internet."""
    return address.is_global and not address.is_multicast and not _within(address, REFUSED)


def is_allowed(address: Address) -> bool:
    """Whether `OUTGOING_ALLOWED` names the address, wherever it is."""
    return _within(address, settings.OUTGOING_ALLOWED)


def _within(address: Address, networks: tuple[Network, ...]) -> bool:
    return any(address.version == network.version and address in network for network in networks)


def reachable(host: str, port: int, *, encrypted: bool, seconds: float) -> list[Endpoint]:
    """Resolve a host once and return those of its addresses that may be called, in the resolver's order.

    Public addresses take TLS and the ports of `OUTGOING_PORTS`; those of `OUTGOING_ALLOWED` any. `seconds`
    is the most that resolving may take. Raises `AddressRefused` when none is left, `NotReached` when the
    name leads nowhere.
    """
    found = _resolve(host, port, seconds)
    endpoints = [each for each in found if is_allowed(each.address)]
    if encrypted and port in settings.OUTGOING_PORTS:
        endpoints = [each for each in found if is_allowed(each.address) or is_public(each.address)]
    if endpoints:
        return endpoints
    if not any(is_public(each.address) for each in found):
        raise AddressRefused(host, "it is not on the public internet (OUTGOING_ALLOWED can allow it)")
    if not encrypted:
        raise AddressRefused(host, "it is not encrypted, use https://")
    ports = ", ".join(map(str, settings.OUTGOING_PORTS))
    raise AddressRefused(f"{host}:{port}", f"its port is not one that PRM calls ({ports})")


def _resolve(host: str, port: int, seconds: float) -> list[Endpoint]:
    """Ask the system's resolver, in a thread of its own: it knows no time-out of ours."""
    answer: queue.SimpleQueue[list[Endpoint] | OSError | UnicodeError] = queue.SimpleQueue()

    def ask() -> None:
        try:
            rows = socket.getaddrinfo(host, port, type=socket.SOCK_STREAM)
        except (OSError, UnicodeError) as error:
            answer.put(error)
        else:
            answer.put([Endpoint(row[0], row[4]) for row in rows if isinstance(row[4][0], str)])

    threading.Thread(target=ask, name="resolver", daemon=True).start()
    try:
        found = answer.get(timeout=max(seconds, 0.001))
    except queue.Empty:
        raise NotReached(host, "timed out") from None
    if isinstance(found, Exception):
        raise NotReached(host, "no such host") from found
    return found
