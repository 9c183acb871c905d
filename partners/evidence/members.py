"""Which members of the tenant's staff a list means, by e-mail address or name."""

from collections import defaultdict
from collections.abc import Collection, Mapping, Sequence

from prm.accounts.models import Membership
from prm.bringing import Found


def members_meant(words: Collection[str]) -> Mapping[str, Found]:
    """Return the staff that e-mail addresses or names mean; those who have left are nobody."""
    by = defaultdict[str, list[Membership]](list)
    for member in Membership.objects.active().staff().with_people():
        for said in {member.user.email.casefold(), member.user.name.strip().casefold()} - {""}:
            by[said].append(member)
    return {word: _one_member(word, by.get(word.strip().casefold(), [])) for word in words}


def _one_member(word: str, members: Sequence[Membership]) -> Found:
    if len(members) == 1:
        return Found(str(members[0].pk), str(members[0].user))
    why = "Two members are" if members else "No member here is"
    return Found(problem=f"{why} called {word}. Write the e-mail address that they sign in with.")
