"""What an app takes from files, as data: the language of every `<app>/bringing.py` (standard library only).

An app says in a list `KINDS` what lists it takes (partners, contacts, visits): their columns, how a row finds what is
there already, and the functions of its services that write. The app `bringing` reads the files, shows what they will do,
runs them and takes them back; it knows no table of another app.

Values are texts in one form each (`Type`), "" for nothing. What a file has no column for is in no row.
"""

from collections.abc import Callable, Collection, Mapping, Sequence
from dataclasses import dataclass, field
from enum import StrEnum
from uuid import UUID

Values = Mapping[str, str]
"""Values by the keys of columns."""
Change = tuple[str, str]
"""A value before and after."""

NEW = "new"
"""The decision that a row is something new."""


class Type(StrEnum):
    """What a cell holds, and the form in which its value is kept."""

    TEXT = "text"  # on one line
    LONG = "long"  # with line ends
    CODE = "code"  # an identifier: NFKC, no blanks around it
    EMAIL = "email"  # in small letters
    PHONE = "phone"  # as written
    URL = "url"  # with its scheme
    DAY = "day"  # 2026-11-23
    MOMENT = "moment"  # ISO 8601 with its offset
    WHOLE = "whole"  # 12
    NUMBER = "number"  # 12.50
    YES_NO = "yes_no"  # yes, no
    CHOICE = "choice"  # a value of `Column.choices`
    ROW = "row"  # the id of a row that `Column.rows` finds by what is written
    ID = "id"  # the id that we gave


@dataclass(frozen=True, slots=True)
class Found:
    """The row that a word means: its id and name; or why none does, as a sentence."""

    id: str = ""
    name: str = ""
    problem: str = ""


def _no_choices() -> Mapping[str, str]:
    return {}


def _no_names() -> Collection[str]:
    return ()


def _no_rows(words: Collection[str]) -> Mapping[str, Found]:
    return {}


@dataclass(frozen=True, slots=True, kw_only=True)
class Column:
    """One thing that a list may say.

    `headings` are other names of it, without blanks and marks in small letters; `called` gives those of the tenant's own, as
    written. `choices` gives values with the word shown
    for each; `rows` finds rows for many words at once. `is_clue`: it only helps to find whom a row means and is written nowhere.
    `adds`: it is put beside what is there already and replaces nothing. `needed`: nothing new is made without it. `is_frame`: it says
    where rows belong, so a value that a person chose for those that lack it holds for finding them too.
    """

    key: str
    label: str
    type: Type = Type.TEXT
    headings: tuple[str, ...] = ()
    called: Callable[[], Collection[str]] = _no_names
    longest: int = 200
    choices: Callable[[], Mapping[str, str]] = _no_choices
    rows: Callable[[Collection[str]], Mapping[str, Found]] = _no_rows
    is_clue: bool = False
    adds: bool = False
    needed: bool = False
    is_frame: bool = False

    @property
    def may_be_emptied(self) -> bool:
        """Return whether a blank cell may empty it, where the person says that blank empties."""
        return not (self.is_clue or self.adds or self.needed)


@dataclass(frozen=True, slots=True)
class Row:
    """A row of a list: its line, what it says, and what a person has decided about it (an id, `NEW` or "")."""

    line: int
    values: Values
    decided: str = ""


@dataclass(frozen=True, slots=True)
class Candidate:
    """Something that a row may mean: its id, its name, what tells it from namesakes, and why, as a sentence."""

    id: str
    name: str
    note: str = ""
    evidence: str = ""


@dataclass(frozen=True, slots=True, kw_only=True)
class Match:
    """What a row means.

    `problem` (of column `field`): it cannot be taken. `candidates` without a `target`: a person decides. `target`: the row
    here, named `name`, whose values are `current`; found `by` what, with a sentence `reason`. None of them: something
    new. `about` is what it belongs to (a contact's partner), if anything. `names` gives names of ids in `current`.
    `keys` are texts that two rows of one file share when they mean the same.
    """

    target: str = ""
    name: str = ""
    by: str = ""
    reason: str = ""
    about: str = ""
    current: Values = field(default_factory=dict)
    names: Mapping[str, str] = field(default_factory=dict)
    candidates: tuple[Candidate, ...] = ()
    problem: str = ""
    field: str = ""
    keys: tuple[str, ...] = ()


def _nothing_depends(ids: Collection[UUID]) -> Mapping[UUID, str]:
    return {}


def _no_columns() -> "tuple[Column, ...]":
    return ()


def _nothing_to_check(values: Values) -> None:
    """Refuse nothing."""


@dataclass(frozen=True, slots=True, kw_only=True)
class Kind:
    """One kind of list.

    key: a stable word for addresses and commands. nouns: one and many of what it brings, when asked. summary: a sentence for
    people. rights: who may bring it has all of them. columns: what it may say; more: what else, in this tenant. clues: a file needs one of these columns to
    tell who is meant ((): none). picker: the key of the picker by which a person says whom a row means. is_about: that
    picker answers what the row belongs to, and not what it is.

    find: what rows mean, many at once. create: make one (`about` as in `Match`), give its id. create_many: make many by the
    same rules with a fixed number of queries, or raise and make none; None where they are made one by one. update: write the changed values
    of one, given all that its row says as well. restore: set changed values back, given before and after, and the row.
    remove: take away what was made. present: values now, by id, of which `find` gives those that its row asks for.
    check: raise `Refused` where what a new row says breaks a rule, so that it is seen before anything is written.
    depends: why what was made cannot be removed, by id. gone: what became of those that `present` does not give, by id, where it is
    known (`merged into Ann Field`).
    """

    key: str
    nouns: Callable[[], tuple[str, str]]
    summary: str
    rights: tuple[str, ...]
    columns: tuple[Column, ...]
    more: "Callable[[], tuple[Column, ...]]" = _no_columns
    clues: tuple[str, ...] = ()
    picker: str = ""
    is_about: bool = False
    may_be_new: bool = True
    order: int = 100
    find: Callable[[Sequence[Row]], Sequence[Match]]
    create: Callable[[Values, str], UUID]
    create_many: Callable[[Sequence[tuple[Values, str]]], Sequence[UUID]] | None = None
    update: Callable[[UUID, Values, Values], None]
    restore: Callable[[UUID, Mapping[str, Change], Values], None]
    remove: Callable[[UUID], None]
    present: Callable[[Collection[UUID]], Mapping[UUID, Values]]
    check: Callable[[Values], None] = _nothing_to_check
    depends: Callable[[Collection[UUID]], Mapping[UUID, str]] = _nothing_depends
    gone: Callable[[Collection[UUID]], Mapping[UUID, str]] = _nothing_depends

    def all_columns(self) -> tuple[Column, ...]:
        """Return what it may say in the tenant in scope."""
        return (*self.columns, *self.more())

    def column(self, key: str) -> Column:
        """Return a column by its key. Raises `KeyError`."""
        for column in self.all_columns():
            if column.key == key:
                return column
        raise KeyError(key)
