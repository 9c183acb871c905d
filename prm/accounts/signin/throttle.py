"""How often something may be tried, counted in the cache that all processes share.

A wrong try is counted; what is right is never refused for the tries of others. So nobody can lock anybody
out: counters are kept by what was tried *and* by the network it was tried from.
"""

import hashlib
from dataclasses import dataclass

from prm.accounts.signin import counting


@dataclass(frozen=True, slots=True)
class Throttle:
    """`limit` tries within `seconds` from the first, per whatever is named."""

    name: str
    limit: int
    seconds: int

    def _key(self, who: tuple[object, ...]) -> str:
        digest = hashlib.sha256("\0".join(map(str, who)).encode()).hexdigest()
        return f"tries:{self.name}:{digest}"

    def is_over(self, *who: object) -> bool:
        """Return whether all tries are used up."""
        return counting.counted(self._key(who)) >= self.limit

    def count(self, *who: object) -> bool:
        """Count one try; returns whether it was still within the limit."""
        return counting.count(self._key(who), seconds=self.seconds) <= self.limit

    def forget(self, *who: object) -> None:
        """Begin anew, after the right answer."""
        counting.forget(self._key(who))


# Wrong links of invitations, by network: they cannot be guessed, this keeps the load away.
LINKS = Throttle("links", limit=30, seconds=60)
# Wrong API keys, by tenant, prefix and network.
KEYS = Throttle("keys", limit=20, seconds=60)
# Wrong codes of the second step, by account and network, and by account from everywhere: who gets so far has
# the password.
CODES = Throttle("codes", limit=5, seconds=300)
CODES_IN_ALL = Throttle("codes-in-all", limit=60, seconds=3600)
# Messages that somebody causes to be sent to an address: by tenant and address, and by tenant.
MAILS_TO_ONE = Throttle("mails-to-one", limit=5, seconds=3600)
MAILS_OF_TENANT = Throttle("mails-of-tenant", limit=300, seconds=3600)
