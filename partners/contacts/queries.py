"""Reads of contacts."""

from collections import defaultdict
from collections.abc import Collection, Mapping, Sequence

from partners.contacts.models import Contact
from partners.evidence.keys import name_key
from partners.evidence.sql import words_of_names


def contacts_named(asked: Collection[tuple[str, str]]) -> Mapping[tuple[str, str], Sequence[Contact]]:
    """Return the contacts that names mean at partners, by (partner's id, name), however they are written (two queries)."""
    wanted = [(about, name) for about, name in dict.fromkeys(asked) if name]
    if not wanted:
        return {}
    known = list(Contact.objects.filter(partner_id__in={about for about, _ in wanted}))
    words = words_of_names([*(one.name for one in known), *(name for _, name in wanted)])
    there: dict[tuple[str, frozenset[str]], list[Contact]] = defaultdict(list)
    for one, named in zip(known, words, strict=False):
        there[str(one.partner_id), name_key(named)].append(one)
    return {
        (about, name): there.get((about, name_key(named)), [])
        for (about, name), named in zip(wanted, words[len(known) :], strict=True)
    }
