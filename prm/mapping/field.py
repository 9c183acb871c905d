"""One value kept in step, and a reference to another record."""

from __future__ import annotations

import datetime as dt
from collections.abc import Callable, Iterable
from collections.abc import Mapping as Record
from dataclasses import dataclass
from decimal import Decimal
from enum import StrEnum
from uuid import UUID

from prm.mapping.places import Form
from prm.mapping.values import (
    DIGITS,
    NUMBERS,
    ROOM,
    TEXTS,
    BadValue,
    Here,
    Kind,
    Normal,
    Stays,
    ValueTable,
    Way,
    Wire,
    comparable,
    is_record_type,
    stored_text,
)


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
        if isinstance(value, Stays):
            raise BadValue(f"{self.words}: {value.reason}")
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
    not kept in step. `persons` false: Salesforce lets nothing of this kind belong to a person account.
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
    persons: bool = True

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


def names_read(columns: Iterable[Field]) -> list[str]:
    """Return what is asked for to read these fields: each, and what its value means nothing without."""
    return list(dict.fromkeys(name for one in columns for name in (one.there, one.within) if name))


def value_there(one: Field, row: Record[str, object]) -> Normal:
    """Return the comparable form of a field of a record as Salesforce shows it; `BadValue` when it has none."""
    normal = one.normal(row.get(one.there))
    if not one.within or not isinstance(normal, str):
        return normal
    country = row.get(one.within)
    if not isinstance(country, str) or not country:
        raise BadValue(f"{one.words}: {normal} stands there without its country.")
    return f"{country}-{normal}"
