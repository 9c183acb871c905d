"""What of an address a saved view keeps."""

import re
from typing import Final

from django.http import QueryDict

LONGEST_QUERY: Final = 2_000
MOST_VIEWS: Final = 50
# Where one is in a list, which view it was, and a column that its owner alone has pasted, are no part of a view.
_NOT_KEPT: Final = frozenset({"page", "per_page", "view", "export", "pasted"})
_NAME: Final = re.compile(r"[a-z][a-z0-9_]{0,39}")


def canonical(query: str) -> str:
    """Return the part of a query that says what is shown, written so that two that say the same are the same."""
    data = QueryDict(query.lstrip("?"), mutable=True)
    pairs = sorted(
        (name, value)
        for name in data
        if name not in _NOT_KEPT and _NAME.fullmatch(name)
        for value in data.getlist(name)
        if value
    )
    kept = QueryDict(mutable=True)
    for name, value in pairs:
        kept.appendlist(name, value)
    return kept.urlencode()
