"""Set-based SQL of evidence: the words of many names, by the rule by which the directory keeps them."""

from collections.abc import Sequence
from typing import Final

from django.db import connection

from prm.core.words.tables import LONGEST, SPLIT

# Reads nothing but the names given.
_WORDS: Final = f"""
SELECT n.place, array_agg(DISTINCT left(w.word, {LONGEST}))
FROM unnest(%(names)s::text[]) WITH ORDINALITY AS n (name, place)
CROSS JOIN LATERAL {SPLIT.format(text="n.name")} AS w (word)
WHERE w.word <> ''
GROUP BY n.place
"""  # nosec B608 # names are our own, values are parameters


def words_of_names(names: Sequence[str]) -> list[frozenset[str]]:
    """Return the words of each name; one query."""
    found = [frozenset[str]()] * len(names)
    if any(names):
        with connection.cursor() as cursor:
            cursor.execute(_WORDS, {"names": list(names)})
            for place, words in cursor:
                found[place - 1] = frozenset(words)
    return found
