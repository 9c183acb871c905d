"""What an app keeps in step with Salesforce, said as data.

An app declares `MAPPINGS: list[Mapping]` in its `salesforce.py`; `prm.salesforce` discovers,
validates and executes them. This module knows neither Django nor Salesforce's API, so that both
sides may import it.

Values exist in three forms:

=======  ==========================================================================
here     what the app's `read` gives and its `apply` takes: str, Decimal, int, date,
         aware datetime, bool, UUID (a reference) or None
normal   one JSON scalar per value (str, bool or None) in which equal means equal on
         both sides; the only form that is compared and stored as "last agreed value"
wire     what a Salesforce record carries: str, number, bool or None
=======  ==========================================================================

Normalisation follows what Salesforce does to a value when it stores it, because a value it
changes by storing would otherwise look edited for ever: text is trimmed and becomes null when
empty, line ends become LF, numbers are rounded half up to the field's scale, moments lose their
fraction of a second and are in UTC.
"""

from __future__ import annotations

import datetime as dt
from collections.abc import Callable, Sequence
from collections.abc import Mapping as Record
from dataclasses import dataclass
from decimal import ROUND_HALF_UP, Decimal, InvalidOperation
from enum import StrEnum
from uuid import UUID

Here = str | int | float | Decimal | bool | dt.date | dt.datetime | UUID | None
Normal = str | bool | None
Wire = str | int | float | bool | None

Values = Record[str, Here]
"""One record's values as the app knows them, by `Field.here` and `Parent.here`."""


class Direction(StrEnum):
    """Which side's changes are carried to the other."""

    PUSH = "push"
    PULL = "pull"
    BOTH = "both"


class Winner(StrEnum):
    """Whose value stays when both sides changed a field to different values.

    `ASK` leaves both sides as they are until a person chooses.
    """

    HERE = "here"
    SALESFORCE = "salesforce"
    ASK = "ask"


class Removed(StrEnum):
    """What happens in Salesforce when a record leaves the mapping here (deleted, untied)."""

    KEEP = "keep"
    DELETE = "delete"


class Kind(StrEnum):
    """The type of a Salesforce field, by its name in Salesforce's Metadata API."""

    TEXT = "Text"
    LONG_TEXT = "LongTextArea"
    PICKLIST = "Picklist"
    EMAIL = "Email"
    PHONE = "Phone"
    URL = "Url"
    NUMBER = "Number"
    CURRENCY = "Currency"
    PERCENT = "Percent"
    DATE = "Date"
    MOMENT = "DateTime"
    FLAG = "Checkbox"


_TEXTS = frozenset({Kind.TEXT, Kind.LONG_TEXT, Kind.PICKLIST, Kind.EMAIL, Kind.PHONE, Kind.URL})
_NUMBERS = frozenset({Kind.NUMBER, Kind.CURRENCY, Kind.PERCENT})


_ROOM = {Kind.EMAIL: 80, Kind.PHONE: 40, Kind.URL: 255}
"""Characters that Salesforce's own kinds of text take, however they are declared."""

DIGITS = 18
"""Digits of a number in Salesforce, before and after the point."""


class BadValue(ValueError):
    """A value does not have the type its field declares."""


@dataclass(frozen=True, slots=True, kw_only=True)
class Field:
    """One value kept in step.

    `here` is the key in the app's values, `there` the field's API name in Salesforce; a name that
    ends in `__c` is created by `salesforce_setup`. `length` is in characters; with `cut`, text
    that does not fit is shortened, and both sides are compared in the shortened form, so that what is
    longer here stays whole here. Without it such a value stays here and is named as a problem of its
    field. `scale` is the number of decimals. `aliases` are (theirs, ours) pairs of values that mean the same here, such as finer
    stages: a change between them is no change. `fixed`: Salesforce takes the value when the record is made, and never
    after. `closed` is said by no declaration: an organisation lets us
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
    closed: bool = False

    @property
    def words(self) -> str:
        """What people call the field, never its name in Salesforce's API."""
        return self.label or self.here.replace("_", " ").capitalize()

    @property
    def room(self) -> int:
        """How many characters fit there."""
        return min(self.length, _ROOM.get(self.kind, self.length))

    def unfit(self, normal: Normal) -> str:
        """Return why Salesforce would refuse a value of ours, in one sentence; "" when it fits."""
        if not isinstance(normal, str):
            return ""
        if self.kind in _TEXTS and len(normal) > self.room:
            return f"{self.words}: at most {self.room} characters fit in Salesforce; here are {len(normal)}."
        if self.kind in _NUMBERS and len(normal.strip("-").partition(".")[0]) > DIGITS - self.scale:
            return f"{self.words}: at most {DIGITS - self.scale} digits before the point fit in Salesforce."
        return ""

    @property
    def custom(self) -> bool:
        """Whether the field exists only because we create it."""
        return self.there.endswith("__c")

    @property
    def pushes(self) -> bool:
        """Whether changes made here go to Salesforce."""
        return self.direction is not Direction.PULL

    @property
    def pulls(self) -> bool:
        """Whether changes made in Salesforce come here."""
        return self.direction is not Direction.PUSH

    def normal(self, value: object) -> Normal:
        """Return the comparable form of a value from either side; `BadValue` when it has none."""
        if value is None:
            return None
        if self.kind in _TEXTS:
            return self._text(value)
        if self.kind in _NUMBERS:
            return self._number(value)
        if self.kind is Kind.FLAG:
            return bool(value)
        if self.kind is Kind.DATE:
            return self._date(value)
        return self._moment(value)

    def wire(self, normal: Normal) -> Wire:
        """Return what is sent for a normal value.

        Numbers go as JSON numbers: Salesforce keeps them as doubles, so `float` loses nothing
        that it would have kept.
        """
        if isinstance(normal, str) and self.kind in _NUMBERS:
            return int(normal) if self.scale == 0 else float(normal)
        return normal

    def local(self, normal: Normal) -> Here:
        """Return the value the app's `apply` takes for a normal value."""
        if not isinstance(normal, str):
            return normal
        if self.kind in _NUMBERS:
            return Decimal(normal)
        if self.kind is Kind.DATE:
            return dt.date.fromisoformat(normal)
        if self.kind is Kind.MOMENT:
            return dt.datetime.fromisoformat(normal)
        return normal

    def _text(self, value: object) -> str | None:
        text = str(value).replace("\r\n", "\n").replace("\r", "\n").replace("\x00", "").strip()
        if self.cut and len(text) > self.length:
            text = text[: self.length - 1].rstrip() + "…"
        return dict(self.aliases).get(text, text) or None

    def _number(self, value: object) -> str | None:
        if isinstance(value, str) and not value.strip():
            return None
        try:
            number = Decimal(str(value))
            rounded = number.quantize(Decimal(1).scaleb(-self.scale), ROUND_HALF_UP)
        except InvalidOperation as error:
            raise BadValue(f"{self.there}: {value!r} is not a number.") from error
        if not rounded.is_finite():
            raise BadValue(f"{self.there}: {value!r} is not a number.")
        # Minus zero equals zero on both sides, so it must also read the same.
        return format(rounded + 0 if rounded else abs(rounded), "f")

    def _date(self, value: object) -> str | None:
        if isinstance(value, dt.datetime):
            raise BadValue(f"{self.there}: a moment has no date without a time zone.")
        if isinstance(value, dt.date):
            return value.isoformat()
        if value == "":
            return None
        try:
            return dt.date.fromisoformat(str(value)).isoformat()
        except ValueError as error:
            raise BadValue(f"{self.there}: {value!r} is not a date.") from error

    def _moment(self, value: object) -> str | None:
        if value == "":
            return None
        try:
            moment = value if isinstance(value, dt.datetime) else parse_moment(str(value))
        except ValueError as error:
            raise BadValue(f"{self.there}: {value!r} is not a date and time.") from error
        if moment.tzinfo is None:
            raise BadValue(f"{self.there}: {value!r} has no time zone.")
        return moment.astimezone(dt.UTC).strftime("%Y-%m-%dT%H:%M:%SZ")


def parse_moment(text: str) -> dt.datetime:
    """Read Salesforce's `2026-11-23T09:12:33.000+0000` (or any ISO form); without zone it is UTC."""
    moment = dt.datetime.fromisoformat(text)
    return moment if moment.tzinfo else moment.replace(tzinfo=dt.UTC)


@dataclass(frozen=True, slots=True, kw_only=True)
class Parent:
    """A reference to a record of another mapping (or of the same one).

    `here` is the key under which `read` gives the parent's id here; `there` is the lookup field.
    A child without its required parent waits; an optional parent is added when it is there.
    `direction`, `winner` and `fixed` are those of a field: a child that is moved to another parent there moves here.
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
class Adopt:
    """How records that are there before we come are found to be ours.

    `clues` are fields there by the clue that they hold; those that an organisation lacks are left out. `keys` are
    clues that a company keeps in a field of its own: a regular expression finds it by its name or label. `recognise`
    answers for many records with a number of queries that does not grow with them.
    """

    clues: Record[str, str]
    keys: Record[str, str]
    recognise: Callable[[Sequence[Found]], list[Recognised]]


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
    that were there before us are found to be ours. `optional`: an organisation may lack the object, and a tenant such
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
                value = field.normal(values.get(field.here))
            except BadValue as error:
                unfit[field.there] = str(error)
                continue
            if words := field.pushes and field.unfit(value):
                unfit[field.there] = words
            else:
                normal[field.there] = value
        return normal, unfit
