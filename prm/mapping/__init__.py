"""What an app keeps in step with Salesforce, said as data.

An app declares `MAPPINGS: list[Mapping]` in its `salesforce.py`; `prm.salesforce` discovers,
validates and executes them. This package knows neither Django nor Salesforce's API, so that both
sides may import it. `field.py` is one value, `values.py` has the kinds of values and their forms, `decide.py` says what
becomes of a value that both sides have.
"""

from __future__ import annotations

from collections.abc import Callable, Sequence
from collections.abc import Mapping as Record
from dataclasses import dataclass
from enum import StrEnum
from uuid import UUID

from prm.mapping.addresses import settle
from prm.mapping.adopting import Adopt, Candidate, Found, Making, Recognised
from prm.mapping.field import Direction, Field, Parent, Winner, names_read, value_there
from prm.mapping.lines import Item, Line, Lines, Unbalanced, items_of
from prm.mapping.money import Money
from prm.mapping.persons import IS_PERSON, RECORD_TYPE, Persons, is_type_missing
from prm.mapping.places import Places
from prm.mapping.scope import EVERYTHING, Aspect, Scope, Test, aged
from prm.mapping.together import Together
from prm.mapping.values import DIGITS, BadValue, Here, Kind, Normal, Stays, Way, Wire, parse_moment

Values = Record[str, Here]
"""One record's values as the app knows them, by `Field.here` and `Parent.here`."""


class Removed(StrEnum):
    """What happens in Salesforce when a record leaves the mapping here (deleted, untied)."""

    KEEP = "keep"
    DELETE = "delete"


@dataclass(frozen=True, slots=True, kw_only=True)
class Touch:
    """A table whose changes make records of a mapping dirty.

    `record` is the column that holds the record's id. An update counts only when one of the
    `watch` columns really changed. `only` is an SQL condition on the row, written with the alias
    `r`, which the row must meet before or after the change. The table must have a column `id`.

    Where no column names the record, `records` is SQL that selects the ids of the records that rest on the
    row `r` (the insights that name a competitor). A table that stands above the tenants (accounts, the tenants
    themselves) is `shared`: its updates are looked at in the scope of each connected tenant.
    """

    table: str
    record: str = "id"
    watch: tuple[str, ...]
    only: str = ""
    records: str = ""
    shared: bool = False


@dataclass(frozen=True, slots=True, kw_only=True)
class CustomObject:
    """A Salesforce object that `salesforce_setup` creates for a mapping."""

    label: str
    plural: str


@dataclass(frozen=True, slots=True, kw_only=True)
class Sums:
    """By which day and amount records are counted in Salesforce, and which of them count.

    `day`, `amount` and `state` are names of fields here; a record counts whose state there is `counts`.
    """

    day: str
    amount: str
    state: str
    counts: str

    @property
    def fields(self) -> frozenset[str]:
        """Return the names here of the fields that counting asks for."""
        return frozenset({self.day, self.amount, self.state})


Read = Callable[[Sequence[UUID]], Record[UUID, Values]]
Apply = Callable[[Record[UUID, Values]], None]


@dataclass(frozen=True, slots=True, kw_only=True)
class Mapping:
    """One kind of record here, and the Salesforce object it is kept in step with.

    `read(ids)` gives the present values of many records with a constant number of queries, inside
    the tenant's scope; an id it leaves out is not (or no longer) kept in step. It reads no column that `touched_by`
    does not declare, which a test compares with its SQL. `apply(changes)` writes
    the changed values of many records, by id, through the app's own services, all or none, with a number of queries
    that does not grow with them. `touched_by[0]` is the table of the
    record itself. `external_id` holds the record's id and makes every write repeatable.
    `title` is the `there` name of the field by which people know the record. `sums` says how what is there is
    counted and added up, for records that money is reckoned by. `adopt` says how records
    that were there before us are found to be ours. `together`: some of its fields are one value here. `optional`: an organisation may lack the object, and a tenant such
    records. Where nothing of it is here it is not asked for; where it is not shown, only it rests. `creates` false is said by no declaration:
    new records wait, since an organisation does not let us make them at present (`prm.salesforce.shapes`).
    """

    key: str
    singular: str
    plural: str
    sobject: str
    fields: tuple[Field, ...]
    touched_by: tuple[Touch, ...]
    read: Read
    apply: Apply | None = None
    # Further fields that a tenant in scope may map, not mapped by themselves; `read` gives their values too.
    offers: Callable[[], Sequence[Field]] | None = None
    parents: tuple[Parent, ...] = ()
    external_id: str = "PRM_Id__c"
    title: str = "Name"
    there_words: str = ""
    url_name: str = ""
    removed: Removed = Removed.KEEP
    custom_object: CustomObject | None = None
    creates: bool = True
    optional: bool = False
    sums: Sums | None = None
    adopt: Adopt | None = None
    # By what a tenant may choose which records are kept in step, and what it has chosen (said by no declaration).
    aspects: tuple[Aspect, ...] = ()
    scope: Scope = EVERYTHING
    together: Together | None = None
    # Which fields are country and region of one address.
    places: Places | None = None
    # In which currency its amount is.
    money: Money | None = None
    # Which of its records may be persons there.
    persons: Persons | None = None
    # What it consists of, where that can go as line items.
    lines: Lines | None = None

    def __post_init__(self) -> None:
        """Refuse a declaration that cannot work, where it is made."""
        if not self.touched_by or self.touched_by[0].record != "id" or self.touched_by[0].records:
            raise ValueError(f"{self.key}: the first table must be the record's own.")
        names = [field.there for field in self.fields] + [p.there for p in self.parents]
        twice = sorted({name for name in names if names.count(name) > 1})
        if twice:
            raise ValueError(f"{self.key}: mapped twice: {', '.join(twice)}.")
        if self.pulled and self.apply is None:
            raise ValueError(f"{self.key}: values come back, but there is no apply.")
        if self.external_id in names:
            raise ValueError(f"{self.key}: {self.external_id} is filled by the engine.")
        known = {field.here for field in self.fields}
        if self.sums is not None and not self.sums.fields <= known:
            raise ValueError(f"{self.key}: it is counted by a field that it has not.")

    def field(self, here: str) -> Field:
        """Return a field by its name here. Raises `LookupError` for another name."""
        for one in self.fields:
            if one.here == here:
                return one
        raise LookupError(f"{self.key} has no field {here!r}.")

    @property
    def offered(self) -> tuple[Field, ...]:
        """The further fields that the tenant in scope may map."""
        return tuple(self.offers()) if self.offers is not None else ()

    @property
    def has_lines(self) -> bool:
        """Whether its lines go as line items."""
        return self.lines is not None and self.lines.is_on

    @property
    def table(self) -> str:
        """The table of the record itself."""
        return self.touched_by[0].table

    @property
    def pushed(self) -> tuple[Field, ...]:
        """The fields whose changes go to Salesforce."""
        return tuple(field for field in self.fields if field.pushes)

    @property
    def pulled(self) -> tuple[Field, ...]:
        """The fields whose changes come from Salesforce."""
        return tuple(field for field in self.fields if field.pulls)

    @property
    def owners(self) -> tuple[Field, ...]:
        """The fields that say who owns a record."""
        return tuple(field for field in self.fields if field.kind is Kind.OWNER)

    @property
    def columns(self) -> tuple[Field, ...]:
        """All that is compared: the fields, and the references as fields."""
        return (*self.fields, *(parent.field for parent in self.parents))

    @property
    def written(self) -> tuple[Field, ...]:
        """Of what is compared, what may be written there at present."""
        return tuple(one for one in self.columns if one.pushes and not one.closed)

    def column(self, there: str) -> Field | None:
        """Return the field or reference of a name in Salesforce, `None` when it is not compared (any more)."""
        return next((one for one in self.columns if one.there == there), None)

    def words_of(self, there: str) -> str:
        """Return what people call a field: the one home of labels, for pages, files, messages, API and command."""
        if there in (self.external_id, IS_PERSON):
            return "The record itself"
        found = self.column(there)
        return found.words if found else there

    def normals(self, values: Values) -> tuple[dict[str, Normal], dict[str, str]]:
        """Return the values of the fields in normal form, and why some of them cannot go to Salesforce.

        Both by names in Salesforce. What cannot go is in the second only, so that it does not hold back the rest.
        """
        normal: dict[str, Normal] = {}
        unfit: dict[str, str] = {}
        person = self.is_person(values)
        if self.persons is not None:
            values = self.persons.told(values)
        for field in self.fields:
            if not self.has(field.here, person=person) or is_type_missing(field, values):
                continue
            try:
                value = field.ours(values.get(field.here))
            except BadValue as error:
                unfit[field.there] = str(error)
                continue
            if words := field.pushes and field.unfit(value):
                unfit[field.there] = words
            else:
                normal[field.there] = value
        for places in self.addresses:
            settle(places, self.fields, self.singular, normal, unfit)
        if person:
            self._name_doubt(values, normal, unfit)
        return normal, unfit

    def _name_doubt(self, values: Values, normal: dict[str, Normal], unfit: dict[str, str]) -> None:
        """Leave out the names of a person that cannot be told apart, and say why."""
        names = (
            [one.there for here in self.persons.names for one in self.fields if one.here == here]
            if self.persons
            else []
        )
        words = self.persons.doubt(values) if self.persons else ""
        if words and names:
            unfit[names[0]] = words
            for name in names:
                normal.pop(name, None)

    def is_person(self, values: Values) -> bool:
        """Whether a record is to be a person there."""
        return self.persons is not None and self.persons.is_person(values)

    def has(self, here: str, *, person: bool) -> bool:
        """Whether a record, a person there or none, has a field or parent by its name here."""
        return self.persons is None or not self.persons.is_chosen or self.persons.has(here, person=person)

    def compares(self, one: Field, person: bool, *here: Record[str, object]) -> bool:
        """Whether a field is one of a record's form, and its record type only where one was chosen (`here` knows it)."""
        is_chosen = one.there != RECORD_TYPE or any(one.there in each for each in here)
        return is_chosen and self.has(one.here, person=person)

    @property
    def marks(self) -> tuple[str, ...]:
        """What else is read of a record there to know what it is."""
        is_asked = self.persons is not None and self.persons.is_chosen and self.persons.is_on
        return (IS_PERSON,) if is_asked else ()

    @property
    def addresses(self) -> tuple[Places, ...]:
        """The addresses in which country and region go together: of all records, and that of persons."""
        found = (
            self.places,
            self.persons.places if self.persons is not None and self.persons.is_chosen else None,
        )
        return tuple(one for one in found if one is not None)


__all__ = [
    "DIGITS", "Adopt", "Apply", "Aspect", "BadValue", "Candidate", "CustomObject", "Direction", "Field", "Found", "Here", "Item", "Kind", "Line", "Lines",
    "Making", "Mapping", "Money", "Normal", "Parent", "Persons", "Places", "Read", "Recognised", "Record", "Removed", "Scope", "Stays", "Sums", "Test", "Together", "Touch", "Unbalanced", "Values", "Way", "Winner",
    "Wire", "aged", "items_of", "names_read", "parse_moment", "value_there",
]  # fmt: skip
