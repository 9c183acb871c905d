"""Rules of the trail: how long it is kept, how much is asked at once, what is never shown."""

import re
from typing import Final

# Years. Shorter than a year nobody can defend a decision of the last one.
LEAST_YEARS: Final = 1
MOST_YEARS: Final = 30
USUAL_YEARS: Final = 7

# Lines of a page, and at most of a page of the API.
PER_PAGE: Final = 50
MOST_LINES: Final = 200
# Lines of one look at the database when many are read one after the other.
AT_A_TIME: Final = 1_000
# So many lines are counted; beyond, there are "more than".
MOST_COUNTED: Final = 100_000
# Events removed by one statement of the nightly clearing.
REMOVED_AT_ONCE: Final = 5_000

# Kept with every row and about none of what people changed.
_NOISE: Final = frozenset({"id", "tenant", "version", "updated_at", "created_at", "fingerprint"})
_SECRET: Final = re.compile(r"secret|password|token|hash$")


def is_shown(name: str) -> bool:
    """Return whether a field of an event is shown: neither book-keeping nor anything like a secret."""
    return name not in _NOISE and not _SECRET.search(name)
