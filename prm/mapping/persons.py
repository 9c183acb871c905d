"""Records that an organisation keeps as persons or as businesses, chosen by their sort: Salesforce's person accounts. Pure.

Both are one object there, with other fields: a person has a first and a last name and details of its own, a business a name.
Which of the two a record there is, is told by `IsPersonAccount` and not changed by us.
"""

from __future__ import annotations

from collections.abc import Callable, Sequence
from collections.abc import Mapping as Record
from dataclasses import dataclass
from typing import Final

from prm.mapping.field import Field
from prm.mapping.places import Places
from prm.mapping.values import Here, Kind

IS_PERSON: Final = "IsPersonAccount"
RECORD_TYPE: Final = "RecordTypeId"
PERSON: Final = "person"
"""Why a record is left out that belongs to a person there, who can have none of its kind."""

_TYPE_HERE: Final = "record_type"


@dataclass(frozen=True, slots=True, kw_only=True)
class Persons:
    """How an app's records may be persons there.

    `sort` is the name here of the value that says of which sort a record is, `sql` the same on the row `r` of its own table;
    `sorts` are the tenant's. A person has `fields` instead of those (and of parents) named in `lacks`, with an address of
    its own. `doubt` says why a record has no first and last name, "" where it has; `names` are those fields, the last name first.

    What a tenant has chosen is said by no declaration: `chosen` are the sorts that are persons, `record_types` pairs of a sort and
    a record type. `is_on`: the organisation has person accounts.
    """

    sort: str
    sql: str
    sorts: Callable[[], Sequence[tuple[str, str]]]
    fields: tuple[Field, ...]
    lacks: frozenset[str]
    names: tuple[str, ...]
    doubt: Callable[[Record[str, Here]], str]
    places: Places
    chosen: frozenset[str] = frozenset()
    record_types: tuple[tuple[str, str], ...] = ()
    is_on: bool = False

    @property
    def is_chosen(self) -> bool:
        """Whether some sort is kept as persons."""
        return bool(self.chosen)

    def is_person(self, values: Record[str, Here]) -> bool:
        """Whether a record here is to be a person there."""
        return values.get(self.sort) in self.chosen

    def has(self, name: str, *, person: bool) -> bool:
        """Whether a record of one form has a field or parent by its name here."""
        if person:
            return name not in self.lacks
        return all(one.here != name for one in self.fields)

    def told(self, values: Record[str, Here]) -> dict[str, Here]:
        """Return the values of a record with the record type of its sort, if one was chosen."""
        found = dict(self.record_types).get(str(values.get(self.sort)))
        return {**values, _TYPE_HERE: found} if found else dict(values)

    def type_field(self) -> Field:
        """Return the field that says of which record type a record is."""
        return Field(
            here=_TYPE_HERE,
            there=RECORD_TYPE,
            kind=Kind.RECORD_TYPE,
            label="Record type",
            length=18,
            is_foreign=True,
        )

    def mismatch(self, *, here: bool, there: bool, noun: str) -> str:
        """Return why nothing is exchanged of a record that is a person (True) or a business on either side; "" where both agree."""
        if here == there:
            return ""
        forms = ("a person account", "a business account")
        mine, theirs = forms if here else forms[::-1]
        return (
            f"It is {theirs} in Salesforce, and a {noun} of its kind here is to be {mine}. Salesforce lets no application turn one "
            "into the other, so nothing is exchanged."
        )


OFF_THERE: Final = "The organisation has no person accounts, and it is to be one. Nothing was sent."
TURN_ON: Final = "In Salesforce: Setup, Person Accounts turns them on, which cannot be taken back. Or keep them as business accounts here."
CURE: Final = "Choose its former kind here, or convert the account in Salesforce (its record type), or take the link back under Adopt."


def is_type_missing(one: Field, values: Record[str, Here]) -> bool:
    """Whether a field is that of record types, and none was chosen for the sort of a record: it is left alone."""
    return one.here == _TYPE_HERE and _TYPE_HERE not in values
