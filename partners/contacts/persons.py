"""Partners that are people, as Salesforce's person accounts: what such an account has, and how a name is told apart.

First and last name are told apart as those of contacts are (`names.py`): titles and degrees stay here, particles belong to the
last name. What is no name of one person (a practice, two people, a number) is not guessed at: it is said, and waits.
"""

import re
from collections.abc import Mapping as Mapped
from collections.abc import Sequence
from typing import Final

from partners.contacts.names import renamed, says_same, split
from partners.kinds.queries import all_choices
from prm.core.words.countries import country_code, country_name
from prm.mapping import Direction, Field, Here, Kind, Normal, Persons, Places, Together, Values

_DETAILS: Final = ("phone", "email", "city", "region", "country")
_NAMES: Final = ("last_name", "first_name")
_PREFIX: Final = "person_"
_OF_NO_PERSON: Final = frozenset(
    [
        "associates", "association", "bureau", "center", "centers", "centre", "centres", "clinic", "clinics", "co", "college",
        "company", "corp", "corporation", "dental", "department", "foundation", "gmbh", "group", "healthcare", "hospital",
        "hospitals", "imaging", "inc", "institute", "insurance", "lab", "labs", "laboratory", "llc", "llp", "ltd", "medicine",
        "network", "office", "offices", "partners", "partnership", "pc", "pharmacy", "pllc", "plc", "practice", "services",
        "society", "solutions", "specialists", "surgery", "system", "systems", "team", "trust", "university", "urgent",
    ]
)  # fmt: skip
"""Words that stand in names of organisations, and in names of people hardly ever."""
_SEVERAL: Final = re.compile(r"[0-9&+/@]|\b(and|und|et)\b", re.IGNORECASE)


def why_no_name(name: str) -> str:
    """Return why a name has no first and last name, in a sentence; "" when it has."""
    words = {re.sub(r"[.\-,]", "", word).lower() for word in name.split()}
    # Degrees behind a comma are no words of an organisation: “Ann Roe, PC” is.
    if not (_SEVERAL.search(name) or words & _OF_NO_PERSON or not split(name).last):
        return ""
    return (
        f"Name: “{name}” cannot be told apart into the first and last name of one person, which a person account has. Write it as "
        "First Last or Last, First, or give the partner a kind that is kept as business accounts."
    )


def values_of(name: str, details: Mapped[str, Here]) -> dict[str, Here]:
    """Return what a person account would get of a partner, by its name here; `details` are the partner's."""
    found = split(name)
    return {
        "last_name": found.last,
        "first_name": found.first,
        **{f"{_PREFIX}{each}": details[each] for each in _DETAILS},
    }


def changes_of(values: Values, name: str) -> dict[str, Here]:
    """Return what changed at a person account as changes of a partner, which is called *name* at present."""
    changes = {
        key.removeprefix(_PREFIX) if key.startswith(_PREFIX) else key: value
        for key, value in values.items()
        if key not in _NAMES
    }
    if set(_NAMES) & values.keys():
        last, first = (str(values[key] or "") if key in values else None for key in _NAMES)
        changes["name"] = renamed(name, first, last)
    return changes


def is_renamed(values: Values) -> bool:
    """Whether a first or last name is among what changed."""
    return bool(set(_NAMES) & values.keys())


def _same_name(ours: Sequence[Normal], theirs: Sequence[Normal]) -> bool:
    one, other = (" ".join(str(part) for part in parts if part) for parts in (ours, theirs))
    return says_same(one, other)


NAMES_TOGETHER: Final = Together(fields=("first_name", "last_name"), same=_same_name)

PERSONS: Final = Persons(
    sort="kind_key",
    sql="r.kind",
    sorts=all_choices,
    lacks=frozenset({"name", *_DETAILS, "organisation"}),
    names=_NAMES,
    doubt=lambda values: why_no_name(str(values.get("name") or "")),
    places=Places(country="person_country", region="person_region", meant=country_code, name=country_name),
    fields=(
        Field(
            here="last_name", there="LastName", label="Last name", length=80, cut=True, direction=Direction.BOTH
        ),
        Field(
            here="first_name", there="FirstName", label="First name", length=40, cut=True, direction=Direction.BOTH
        ),
        Field(
            here="person_phone", there="PersonMobilePhone", kind=Kind.PHONE, label="Phone", length=40,
            direction=Direction.BOTH,
        ),
        Field(here="person_email", there="PersonEmail", kind=Kind.EMAIL, label="E-mail", direction=Direction.BOTH),
        Field(
            here="person_city", there="PersonMailingCity", label="City", length=40, cut=True, direction=Direction.BOTH
        ),
        Field(
            here="person_region", there="PersonMailingState", label="Region", length=80, cut=True,
            direction=Direction.BOTH,
        ),
        Field(
            here="person_country", there="PersonMailingCountry", label="Country", length=80, direction=Direction.BOTH
        ),
    ),
)  # fmt: skip
"""Phone, e-mail and address are those of the person; the names are cut there and stay whole here."""
