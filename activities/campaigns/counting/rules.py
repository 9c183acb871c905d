"""What of a request is not counted, said by the request itself: pure functions.

Names of robots: crawler-user-agents (monperrus/crawler-user-agents). Fetching ahead: `Sec-Purpose` (Fetch standard, WHATWG), `Purpose`,
`X-Purpose` and `X-Moz` (older browsers). Wishes: `DNT` (Tracking Preference Expression, W3C), `Sec-GPC` (Global Privacy Control).
"""

import hashlib
from collections.abc import Collection, Mapping
from functools import lru_cache
from ipaddress import IPv6Address, IPv6Network, ip_address, ip_network
from typing import Final

from crawleruseragents import is_crawler

from activities.campaigns.states import Why

LONGEST_AGENT: Final = 512
VISITOR_BYTES: Final = 12
#: Links that one member follows within `BURST_SECONDS`, from which on it is a scanner; fewer where a campaign has fewer.
BURST_LINKS: Final = 3
BURST_SECONDS: Final = 1.0
#: Acts of one link on one day beyond which nothing more is stored: for a member, and for a link in public.
MOST_OF_MEMBER: Final = 50
MOST_IN_PUBLIC: Final = 5_000
_AHEAD: Final = ("Sec-Purpose", "Purpose", "X-Purpose", "X-Moz")
_AHEAD_WORDS: Final = ("prefetch", "prerender", "preview")


@lru_cache(maxsize=8_192)
def _is_robot(agent: str) -> bool:
    return not agent.strip() or is_crawler(agent)


def prepare() -> None:
    """Compile the names of robots, before anybody waits for it.

    It takes a good tenth of a second, and every thread that meets it at once does it again.
    """
    is_crawler("prepare")


def why_not(method: str, headers: Mapping[str, str]) -> Why | None:
    """Return why a request is not counted, as far as it says so itself; `None` when it may be a person who looks."""
    if method == "HEAD":
        return Why.HEAD
    if any(word in headers.get(name, "").lower() for name in _AHEAD for word in _AHEAD_WORDS):
        return Why.AHEAD
    if _is_robot(headers.get("User-Agent", "")[:LONGEST_AGENT]):
        return Why.ROBOT
    if headers.get("DNT", "").strip() == "1" or headers.get("Sec-GPC", "").strip() == "1":
        return Why.WISH
    return None


def is_within(address: str, networks: Collection[str]) -> bool:
    """Whether an address is in one of the networks; what is no address is in none."""
    if not networks:
        return False
    try:
        one = ip_address(address)
    except ValueError:
        return False
    return any(one in ip_network(network) for network in networks)


def visitor(salt: bytes, address: str, agent: str) -> bytes:
    """Return by what a visitor is known for a day: a keyed hash of network and browser that nobody can turn back without the salt.

    One household has many IPv6 addresses; their /64 counts as one.
    """
    try:
        one = ip_address(address)
    except ValueError:
        one = None
    where = str(IPv6Network((one, 64), strict=False)) if isinstance(one, IPv6Address) else address
    said = f"{where}\n{agent[:LONGEST_AGENT]}".encode()
    return hashlib.blake2b(said, key=salt, digest_size=VISITOR_BYTES).digest()
