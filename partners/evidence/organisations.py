"""The organisations that cells of a list name."""

from collections.abc import Collection, Mapping, Sequence

from django.db.models import Q

from partners.directory.codes import normalise
from partners.evidence.keys import name_key
from partners.evidence.queries import recognise
from partners.evidence.rules import Clues, Known
from partners.evidence.sql import words_of_names
from partners.kinds.queries import organisation_keys
from prm.bringing import Found


def organisations_meant(words: Collection[str]) -> Mapping[str, Found]:
    """Return the organisations that names or codes mean, however they are written."""
    said = list(words)
    clues = [
        Clues(code=("", normalise(word)), words=name_key(named))
        for word, named in zip(said, words_of_names(said), strict=True)
    ]
    verdicts = recognise(clues, among=Q(kind__in=organisation_keys()))
    found = {}
    for word, asked, verdict in zip(said, clues, verdicts, strict=True):
        known = [one for one, _ in verdict.candidates if one.words == asked.words]
        if verdict.partner and not known:
            known = [verdict.partner]
        found[word] = _one_organisation(word, known)
    return found


def _one_organisation(word: str, known: Sequence[Known]) -> Found:
    if len(known) == 1:
        return Found(known[0].id, known[0].name)
    if known:
        return Found(
            problem=f"{len(known)} organisations are called {word}. Write a code of the one that is meant."
        )
    return Found(
        problem=f"No organisation here is called {word}. Bring the organisations first, then this row again."
    )
