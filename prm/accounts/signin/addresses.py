"""Where a request comes from, as far as proxies that we trust say so."""

from functools import lru_cache
from ipaddress import IPv4Address, IPv4Network, IPv6Address, IPv6Network, ip_address, ip_network

from django.conf import settings
from django.http import HttpRequest

Address = IPv4Address | IPv6Address
# Of a request through a socket, where there is no address.
NOWHERE = "0.0.0.0"  # noqa: S104 # nosec B104 # a mark in counters, nothing listens there
# One household or office has so many IPv6 addresses that only their common beginning says who it is.
IPV6_PREFIX = 64
# Hops that are looked at; what stands before them was written by the caller.
MOST_HOPS = 20


def client_address(request: HttpRequest) -> str:
    """Return the address of the nearest machine that is no proxy of ours, `0.0.0.0` when nothing is known.

    `X-Forwarded-For` is read from its end, and only as far as each hop is in `TRUSTED_PROXIES` (a socket is
    trusted when `unix` is in it). At something that is no address reading stops: the hop before it counts.
    """
    peer = str(request.META.get("REMOTE_ADDR") or "")
    nearest = _read(peer)
    if nearest is None and not (peer == "" and "unix" in settings.TRUSTED_PROXIES):
        return NOWHERE
    for hop in _hops(request):
        if nearest is not None and not _is_trusted(nearest):
            break
        earlier = _read(hop)
        if earlier is None:
            break
        nearest = earlier
    return NOWHERE if nearest is None else str(nearest)


def client_network(request: HttpRequest) -> str:
    """Return what wrong tries are counted by: an IPv4 address, or the first address of an IPv6 /64."""
    address = ip_address(client_address(request))
    if isinstance(address, IPv4Address):
        return str(address)
    return str(IPv6Network((address, IPV6_PREFIX), strict=False).network_address)


def _hops(request: HttpRequest) -> list[str]:
    written = str(request.META.get("HTTP_X_FORWARDED_FOR") or "")
    return (
        written.rsplit(",", MOST_HOPS)[:0:-1] if written.count(",") >= MOST_HOPS else written.split(",")[::-1]
    )


def _read(text: str) -> Address | None:
    """Return the address of `192.0.2.1`, `192.0.2.1:443`, `2001:db8::1`, `[2001:db8::1]:443`, `::ffff:192.0.2.1`."""
    plain = text.strip().strip('"')
    if plain.startswith("["):
        plain = plain[1:].partition("]")[0]
    elif plain.count(":") == 1:
        plain = plain.partition(":")[0]
    try:
        address = ip_address(plain.partition("%")[0])
    except ValueError:
        return None
    return (isinstance(address, IPv6Address) and address.ipv4_mapped) or address


def _is_trusted(address: Address) -> bool:
    return any(address in network for network in _networks(tuple(settings.TRUSTED_PROXIES)))


@lru_cache(maxsize=8)
def _networks(trusted: tuple[str, ...]) -> tuple[IPv4Network | IPv6Network, ...]:
    return tuple(ip_network(one, strict=False) for one in trusted if one != "unix")
