"""What an app keeps in step with Salesforce, said as data.

An app declares `MAPPINGS: list[Mapping]` in its `salesforce.py`; `prm.salesforce` discovers,
validates and executes them. This package knows neither Django nor Salesforce's API, so that both
sides may import it. `values.py` has the kinds of values and their forms.
"""

from __future__ import annotations

import datetime as dt
from collections.abc import Callable, Sequence
from collections.abc import Mapping as Record
from dataclasses import dataclass
from decimal import Decimal
from enum import StrEnum
from uuid import UUID

from prm.mapping.money import Money
from prm.mapping.places import Form, Places, settle, value_there
from prm.mapping.scope import EVERYTHING, Aspect, Scope, Test, aged
from prm.mapping.together import Together
from prm.mapping.values import (
    DIGITS,
    NUMBERS,
    ROOM,
    TEXTS,
    BadValue,
    Here,
    Kind,
    Normal,
    ValueTable,
    Way,
    Wire,
    comparable,
    is_record_type,
    parse_moment,
    stored_text,
)

Values = Record[str, Here]
"""One record's values as the app knows them, by `Field.here` and `Parent.here`."""


class Direction(StrEnum):
    """Which side's changes are carried to the other."""

    PUSH = "push"
    PULL = "pull"
    BOTH = "both"


class Winner(StrEnum):
    """Whose value stays when both sides changed a field to different values.

    `ASK` leaves both sides as they are until a person chooses. `NEWEST` is decided by the moments of both changes;
    Salesforce keeps one for a whole record.
    """

    HERE = "here"
    SALESFORCE = "salesforce"
    NEWEST = "newest"
    ASK = "ask"


class Removed(StrEnum):
    """What happens in Salesforce when a record leaves the mapping here (deleted, untied)."""

    KEEP = "keep"
    DELETE = "delete"


@dataclass(frozen=True, slots=True, kw_only=True)
class Field:
    """One value kept in step.

    `here` is the key in the app's values, `there` the field's API name in Salesforce; a name that
    ends in `__c` is created by `salesforce_setup`. `length` is in characters; with `cut`, text
    that does not fit is shortened, and both sides are compared in the shortened form, so that what is
    longer here stays whole here. Without it such a value stays here and is named as a problem of its
    field. `scale` is the number of decimals. `aliases` are (theirs, ours) pairs of values that mean the same here, such as finer
    stages: a change between them is no change. `fixed`: Salesforce takes the value when the record is made, and never
    after. `once`: it goes with a new record only, and is the organisation's own matter after that. `closed` is said by no declaration: an organisation lets us
    read the field and not write it at present (`prm.salesforce.shapes`).
    """

    here: str
    there: str
    kind: Kind = Kind.TEXT
    label: str = ""
    length: int = 255
    scale: int = 0
    cut: bool = False
    aliases: tuple[tuple[str, str], ...] = ()
    direction: Direction = Direction.PUSH
    winner: Winner = Winner.SALESFORCE
    fixed: bool = False
    once: bool = False
    closed: bool = False
    # The others are what a tenant has chosen (`prm.salesforce.mapping.choices`), and said by no declaration: `table` holds
    # (ours, theirs) pairs, `way` is what is done to text, `default` goes where here is nothing (`here` is "" for a field
    # that nothing here fills), `is_foreign`: the field is the organisation's own, and we do not make it. Of an `OWNER` the
    # table holds the Salesforce users of members by their ids, and the default is the fallback owner.
    way: Way = Way.AS_IS
    table: tuple[tuple[str, str], ...] = ()
    default: str = ""
    is_foreign: bool = False
    # The others follow from the organisation (`prm.salesforce.mapping.forms`): the form in which a text is compared, and
    # the field there without whose value its own means nothing (a state's country).
    form: Form | None = None
    within: str = ""

    @property
    def words(self) -> str:
        """What people call the field, never its name in Salesforce's API."""
        return self.label or self.here.replace("_", " ").capitalize()

    @property
    def room(self) -> int:
        """How many characters fit there."""
        return min(self.length, ROOM.get(self.kind, self.length))

    def unfit(self, normal: Normal) -> str:
        """Return why Salesforce would refuse a value of ours, in one sentence; "" when it fits."""
        if self.kind is Kind.OWNER and normal is None:
            return f"{self.words}: no user in Salesforce is known for it. Read the users on the page Owners."
        if not isinstance(normal, str):
            return ""
        if self.kind is Kind.RECORD_TYPE and not is_record_type(normal):
            return f"{self.words}: the organisation has no record type “{normal}” that we may use."
        if self.kind in TEXTS and len(normal) > self.room:
            return f"{self.words}: at most {self.room} characters fit in Salesforce; here are {len(normal)}."
        if self.kind in NUMBERS and len(normal.strip("-").partition(".")[0]) > DIGITS - self.scale:
            return f"{self.words}: at most {DIGITS - self.scale} digits before the point fit in Salesforce."
        return self.form.unfit(normal, self.words) if self.form is not None else ""

    @property
    def custom(self) -> bool:
        """Whether the field exists only because we create it."""
        return self.there.endswith("__c") and not self.is_foreign

    @property
    def pushes(self) -> bool:
        """Whether changes made here go to Salesforce."""
        return self.direction is not Direction.PULL

    @property
    def pulls(self) -> bool:
        """Whether changes made in Salesforce come here."""
        return self.direction is not Direction.PUSH

    def normal(self, value: object) -> Normal:
        """Return the comparable form of a value as Salesforce has it; `BadValue` when it has none."""
        if value is None:
            return None
        if self.kind is Kind.OWNER:
            return stored_text(value) or None
        if self.kind in TEXTS:
            return self._text(value, self.values.theirs, self.form.theirs if self.form else None)
        try:
            return comparable(self.kind, self.scale, value)
        except BadValue as error:
            raise BadValue(f"{self.there}: {error}") from error

    def ours(self, value: object) -> Normal:
        """Return the comparable form of a value of ours: as Salesforce is to have it; `BadValue` when it has none."""
        if self.kind is Kind.OWNER:
            # Nobody, and whoever is nobody there, is the fallback owner.
            return dict(self.table).get(str(value), "") or self.default or None
        normal = (
            self._text(value, self.values.sent, self.form.ours if self.form else None)
            if self.kind in TEXTS and value is not None
            else self.normal(value)
        )
        if normal is None and self.default:
            return self.normal(self.default == "true" if self.kind is Kind.FLAG else self.default)
        return normal

    def wire(self, normal: Normal) -> Wire:
        """Return what is sent for a normal value.

        Numbers go as JSON numbers: Salesforce keeps them as doubles, so `float` loses nothing
        that it would have kept.
        """
        if isinstance(normal, str) and self.kind in NUMBERS:
            return int(normal) if self.scale == 0 else float(normal)
        return self.form.wire(normal) if self.form is not None and isinstance(normal, str) else normal

    def local(self, normal: Normal) -> Here:
        """Return the value the app's `apply` takes for a normal value; `BadValue` for a user who is nobody here."""
        if not isinstance(normal, str):
            return normal
        if self.kind is Kind.OWNER:
            return self._member(normal)
        if self.kind in NUMBERS:
            return Decimal(normal)
        if self.kind is Kind.DATE:
            return dt.date.fromisoformat(normal)
        if self.kind is Kind.MOMENT:
            return dt.datetime.fromisoformat(normal)
        return self.form.local(normal) if self.form is not None else self.values.ours(normal)

    @property
    def values(self) -> ValueTable:
        """Which value of theirs each of ours is."""
        return ValueTable(self.table, self.aliases)

    def _member(self, user: str) -> UUID | None:
        """Return the member whose Salesforce user this is; `None` for the fallback owner."""
        member = next((ours for ours, theirs in self.table if theirs == user), "")
        if member:
            return UUID(member)
        if user == self.default:
            return None
        raise BadValue(
            f"{self.words}: the Salesforce user {user} is nobody here. Say who it is on the page Owners."
        )

    def _text(
        self, value: object, translated: Callable[[str], str], formed: Callable[[str], str] | None
    ) -> str | None:
        text = self.way.go(translated(stored_text(value)))
        if formed is not None and text:
            text = formed(text)
        if self.cut and len(text) > self.length:
            text = text[: self.length - 1].rstrip() + "…"
        return text or None


@dataclass(frozen=True, slots=True, kw_only=True)
class Parent:
    """A reference to a record of another mapping (or of the same one).

    `here` is the key under which `read` gives the parent's id here; `there` is the lookup field.
    A child without its required parent waits; an optional parent is added when it is there.
    `direction`, `winner` and `fixed` are those of a field: a child that is moved to another parent there moves here.
    `column` names the parent on the row `r` of the child's own table, in SQL: by it children follow a parent that is
    not kept in step.
    Its normal value is the parent's id in Salesforce.
    """

    here: str
    there: str
    mapping: str
    required: bool = True
    direction: Direction = Direction.PUSH
    winner: Winner = Winner.SALESFORCE
    label: str = ""
    fixed: bool = False
    closed: bool = False
    column: str = ""

    @property
    def field(self) -> Field:
        """The reference as a field like others."""
        return Field(
            here=self.here,
            there=self.there,
            label=self.label,
            length=18,
            direction=self.direction,
            winner=self.winner,
            fixed=self.fixed,
            closed=self.closed,
        )


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


@dataclass(frozen=True, slots=True, kw_only=True)
class Candidate:
    """A record here that one there may be, with what speaks for and against it in a sentence."""

    record_id: UUID
    name: str
    reason: str


@dataclass(frozen=True, slots=True, kw_only=True)
class Recognised:
    """Whom of ours a record there means: `candidates[0]` for certain, or `candidates` to decide between, or nobody.

    `doubt` groups what is to be decided: a short heading in words.
    """

    is_certain: bool = False
    candidates: tuple[Candidate, ...] = ()
    doubt: str = ""


Found = Record[str, str]
"""What a record there says of who it is: by clue."""


@dataclass(frozen=True, slots=True, kw_only=True)
class Making:
    """How a record that was made there becomes one here: of a `sort` that a tenant chooses among `sorts`.

    `make(sort, name)` makes it and returns its id, or raises Refused; what else it holds comes by the rules of the fields.
    """

    label: str
    sorts: Callable[[], Sequence[tuple[str, str]]]
    make: Callable[[str, str], UUID]


@dataclass(frozen=True, slots=True, kw_only=True)
class Adopt:
    """How records that are there before we come are found to be ours.

    `clues` are fields there by the clue that they hold; those that an organisation lacks are left out. `keys` are
    clues that a company keeps in a field of its own: a regular expression finds it by its name or label. `recognise`
    answers for many records with a number of queries that does not grow with them. `making`: those that are nobody's
    may become records here.

    `within` is the parent (by its name here) in which alone a record is looked for. Under that clue `recognise` is told the
    records here that the parent there is, or may be, the likeliest first and blanks between; under `at` whether that is
    settled ("ours"), still to decide ("undecided"), no record of ours ("other") or nobody at all ("").
    """

    clues: Record[str, str]
    keys: Record[str, str]
    recognise: Callable[[Sequence[Found]], list[Recognised]]
    making: Making | None = None
    within: str = ""


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
        if there == self.external_id:
            return "The record itself"
        found = self.column(there)
        return found.words if found else there

    def normals(self, values: Values) -> tuple[dict[str, Normal], dict[str, str]]:
        """Return the values of the fields in normal form, and why some of them cannot go to Salesforce.

        Both by names in Salesforce. What cannot go is in the second only, so that it does not hold back the rest.
        """
        normal: dict[str, Normal] = {}
        unfit: dict[str, str] = {}
        for field in self.fields:
            try:
                value = field.ours(values.get(field.here))
            except BadValue as error:
                unfit[field.there] = str(error)
                continue
            if words := field.pushes and field.unfit(value):
                unfit[field.there] = words
            else:
                normal[field.there] = value
        settle(self, normal, unfit)
        return normal, unfit


__all__ = [
    "DIGITS", "Adopt", "Apply", "Aspect", "BadValue", "Candidate", "CustomObject", "Direction", "Field", "Found", "Here", "Kind",
    "Making", "Mapping", "Money", "Normal", "Parent", "Places", "Read", "Recognised", "Record", "Removed", "Scope", "Sums", "Test", "Together", "Touch", "Values", "Way", "Winner",
    "Wire", "aged", "parse_moment", "value_there",
]  # fmt: skip
