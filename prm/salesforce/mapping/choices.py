"""What a tenant has chosen of the mapping, and the mapping that follows. Pure: no database, no clock.

Only what differs from the declaration is kept, so that what a later version of PRM declares arrives by itself. The
same document is stored, sent by the API and written to files.
"""

from __future__ import annotations

from collections.abc import Mapping as Record
from collections.abc import Sequence
from collections.abc import Set as AbstractSet
from dataclasses import replace
from typing import Annotated, Final, Literal, TypeAlias

from pydantic import BaseModel, ConfigDict, StringConstraints, ValidationError
from pydantic import Field as Bounds

from prm.core.errors import Refused
from prm.mapping import (
    Aspect,
    Direction,
    Field,
    Kind,
    Lines,
    Mapping,
    Parent,
    Persons,
    Scope,
    Sums,
    Test,
    Way,
    Winner,
)
from prm.mapping.persons import RECORD_TYPE

FORMAT: Final = 1

ApiName = Annotated[str, StringConstraints(pattern=r"^([A-Za-z]\w{0,78})?$")]
Text = Annotated[str, StringConstraints(max_length=255)]
Carried: TypeAlias = Literal["push", "pull", "both", "off"]
RecordTypes: TypeAlias = Record[str, Record[str, str]]
"""By object the ids of record types by developer name."""


class _Strict(BaseModel):
    model_config = ConfigDict(extra="forbid", frozen=True)


class Shape(_Strict):
    """What a field of the organisation's own is, as it described it when it was chosen."""

    kind: Kind = Kind.TEXT
    length: int = 255
    scale: int = 0
    label: Text = ""


class FieldChoice(_Strict):
    """What is other than declared of one field or reference; `there` without `shape` is a field as declared.

    `direction` "off": it is not kept in step. `table` holds (ours, theirs) pairs, "" for nothing; `default` goes where
    here is nothing.
    """

    there: ApiName = ""
    shape: Shape | None = None
    direction: Carried | None = None
    winner: Winner | None = None
    way: Way = Way.AS_IS
    table: tuple[tuple[Text, Text], ...] = ()
    default: Text = ""


class Constant(_Strict):
    """What a field there always gets that nothing here fills."""

    value: Text
    shape: Shape = Shape()


class ScopeChoice(_Strict):
    """Which records are kept in step: `off` none, `only` those with one of some values, by aspect, `flags` those of which something is so.

    `months`: none that is older.
    """

    off: bool = False
    only: dict[str, tuple[Text, ...]] = {}
    flags: tuple[str, ...] = ()
    months: Annotated[int, Bounds(ge=1, le=600)] | None = None


class TakesChoice(_Strict):
    """Whether records that are made there become records here (`on`), and of which sort: by record type, else `sort`.

    "" is none: such a record waits in the list of what is there.
    """

    on: bool = False
    sort: Text = ""
    by_record_type: dict[Text, Text] = {}


NO_TAKES = TakesChoice()


class KindChoice(_Strict):
    """As what records of one sort are kept: business or person accounts, and of which record type, by developer name.

    "" is the one that Salesforce gives by itself.
    """

    account: Literal["business", "person"] = "business"
    record_type: Text = ""


class LinesChoice(_Strict):
    """Whether lines go as products (`on`), of which price book ("" the standard one), and whether missing products are made."""

    on: bool = False
    book: Text = ""
    creates: bool = False


NO_LINES = LinesChoice()


class ObjectChoice(_Strict):
    """What is chosen of one mapping: `sobject` instead of the declared one, fields by their name here, constants by theirs.

    `scope` says which records are kept in step, `takes` which of those that are made there come here, `kinds` as what
    records of a sort are kept there, `lines` whether what they consist of goes with them.
    """

    sobject: ApiName = ""
    scope: ScopeChoice = ScopeChoice()
    takes: TakesChoice = TakesChoice()
    kinds: dict[Text, KindChoice] = {}
    lines: LinesChoice = LinesChoice()
    fields: dict[str, FieldChoice] = {}
    constants: dict[ApiName, Constant] = {}


class Choices(_Strict):
    """What a tenant has chosen, by the key of the mapping."""

    format: Literal[1] = FORMAT
    objects: dict[str, ObjectChoice] = {}

    def of(self, key: str) -> ObjectChoice:
        """Return what is chosen of a mapping."""
        return self.objects.get(key, ObjectChoice())

    def with_object(self, key: str, choice: ObjectChoice) -> Choices:
        """Return them with another choice of one mapping."""
        objects = {**self.objects, key: choice}
        return Choices(objects={one: each for one, each in objects.items() if each != ObjectChoice()})

    def with_field(self, key: str, here: str, choice: FieldChoice) -> Choices:
        """Return them with another choice of one field; one that chooses nothing is none."""
        old = self.of(key)
        fields = {name: one for name, one in {**old.fields, here: choice}.items() if one != FieldChoice()}
        return self.with_object(key, old.model_copy(update={"fields": fields}))

    def with_constant(self, key: str, there: str, constant: Constant | None) -> Choices:
        """Return them with another value that a field there always gets, or without one."""
        old = self.of(key)
        constants = {name: one for name, one in old.constants.items() if name != there}
        if constant is not None:
            constants[there] = constant
        return self.with_object(key, old.model_copy(update={"constants": constants}))

    def as_json(self) -> dict[str, object]:
        """Return them to be stored, sent or written."""
        chosen = {
            key: one.model_dump(mode="json", exclude_defaults=True) for key, one in self.objects.items()
        }
        return {"format": FORMAT, "objects": chosen}


def of_json(found: object) -> Choices:
    """Return choices as they were stored or sent. Raises `Refused`, which names the place that is wrong."""
    try:
        return Choices.model_validate(found)
    except ValidationError as error:
        first = error.errors(include_url=False)[0]
        place = " → ".join(str(part) for part in first["loc"]) or "The mapping"
        raise Refused(f"{place}: {first['msg']}.", field="mapping", code="invalid") from error


# --- the mapping that follows -------------------------------------------------------------------


def chosen_columns(one: Mapping) -> tuple[Field, ...]:
    """Return all that may be chosen of a mapping: its fields, what it offers, and its references as fields."""
    return (*one.fields, *one.offered, *(parent.field for parent in one.parents))


def with_kinds(one: Mapping, choice: ObjectChoice) -> Mapping:
    """Return a declared mapping with what persons have, where some sort of its records is kept as persons."""
    persons = one.persons
    if persons is None or not choice.kinds or persons.is_chosen:
        return one
    chosen = frozenset(sort for sort, each in choice.kinds.items() if each.account == "person")
    types = tuple((sort, each.record_type) for sort, each in sorted(choice.kinds.items()) if each.record_type)
    fields = (*one.fields, *persons.fields) if chosen else one.fields
    return replace(one, fields=fields, persons=replace(persons, chosen=chosen, record_types=types))


def tailored(one: Mapping, choice: ObjectChoice, record_types: Record[str, str] | None = None) -> Mapping:
    """Return a mapping as a tenant has chosen it; `record_types` are ids by developer name.

    What is chosen of a field that is declared no longer is left out; what is offered and not chosen too.
    """
    ids = record_types or {}
    one = with_kinds(one, choice)
    fields = [
        _field(each, choice.fields[each.here], ids) if each.here in choice.fields else each
        for each in one.fields
    ]
    fields += [
        _field(each, choice.fields[each.here], ids)
        for each in one.offered
        if each.here in choice.fields and choice.fields[each.here].there
    ]
    off = {here for here, each in choice.fields.items() if each.direction == "off"}
    fields = _once([each for each in fields if each.here not in off], choice)
    parents = [_parent(each, choice.fields.get(each.here)) for each in one.parents if each.here not in off]
    taken = {each.there for each in fields}
    parents = [each for each in parents if each.there not in taken]
    taken |= {each.there for each in parents}
    persons = _with_types(one.persons, fields, taken | choice.constants.keys(), ids)
    fields += [_constant(there, each, ids) for there, each in choice.constants.items() if there not in taken]
    named = next((each.here for each in one.fields if each.there == one.title), "")
    title = next((each.there for each in fields if named and each.here == named), one.title)
    return replace(
        one,
        sobject=choice.sobject or one.sobject,
        custom_object=one.custom_object if choice.sobject in ("", one.sobject) else None,
        there_words=one.there_words if choice.sobject in ("", one.sobject) else choice.sobject,
        fields=tuple(fields),
        parents=tuple(parents),
        sums=_sums(one.sums, fields),
        title=title,
        persons=persons,
        scope=scope_of(one, choice.scope),
        lines=_lines(one, choice.lines),
    )


def _sums(sums: Sums | None, fields: Sequence[Field]) -> Sums | None:
    """Return what is added up, with the state as it is called there; nothing where a field of it is not exchanged."""
    state = next((each for each in fields if sums is not None and each.here == sums.state), None)
    if sums is None or state is None or not sums.fields <= {each.here for each in fields}:
        return None
    return replace(sums, counts=str(state.ours(sums.counts) or ""))


def _with_types(
    persons: Persons | None, fields: list[Field], taken: AbstractSet[str], ids: Record[str, str]
) -> Persons | None:
    """Return the kinds with the ids of their record types, and add the field that holds them, unless another fills it."""
    if persons is None or not persons.record_types:
        return persons
    if RECORD_TYPE in taken:
        return replace(persons, record_types=())
    fields.append(persons.type_field())
    return replace(
        persons, record_types=tuple((sort, ids.get(name, name)) for sort, name in persons.record_types)
    )


def _lines(one: Mapping, choice: LinesChoice) -> Lines | None:
    """Return how lines go; where they do not, the rest of what was chosen means nothing."""
    if one.lines is None or not choice.on:
        return one.lines
    return replace(one.lines, is_on=True, book=choice.book, creates=choice.creates)


def scope_of(one: Mapping, choice: ScopeChoice) -> Scope:
    """Return the scope of a mapping as it was chosen; what is declared no longer leaves nothing out."""
    return Scope(
        is_off=choice.off,
        only=tuple(
            (aspect.key, values)
            for aspect in one.aspects
            if (values := chosen_values(aspect, choice)) is not None
        ),
    )


def chosen_values(aspect: Aspect, choice: ScopeChoice) -> tuple[str, ...] | None:
    """Return what is chosen of an aspect; `None`: it leaves nothing out."""
    if aspect.test is Test.VALUES:
        return choice.only.get(aspect.key)
    if aspect.test is Test.FLAG:
        return () if aspect.key in choice.flags else None
    return None if choice.months is None else (str(choice.months),)


def _once(fields: Sequence[Field], choice: ObjectChoice) -> list[Field]:
    """Return fields of which no two go to one place: what was chosen goes before what is declared.

    `judging` says it of a draft; a version in force meets it when PRM declares a field that a tenant has chosen.
    """
    first: dict[str, Field] = {}
    for each in sorted(fields, key=lambda one: one.here not in choice.fields):
        first.setdefault(each.there, each)
    return [each for each in fields if first[each.there] is each]


def _field(one: Field, choice: FieldChoice, record_types: Record[str, str]) -> Field:
    shape = choice.shape
    changed = replace(
        one,
        direction=_direction(one, choice),
        winner=choice.winner or one.winner,
        way=choice.way,
        table=choice.table,
        default=choice.default,
    )
    if choice.there and choice.there != one.there:
        shape = shape or Shape()
        changed = replace(
            changed, there=choice.there, kind=shape.kind, length=shape.length, scale=shape.scale, is_foreign=True,
            label=one.words,
        )  # fmt: skip
    return _with_ids(changed, record_types)


def _direction(one: Field | Parent, choice: FieldChoice) -> Direction:
    """Return which way a field goes: nothing comes back that the app does not take."""
    if choice.direction in (None, "off"):
        return one.direction
    wanted = Direction(choice.direction)
    return wanted if one.direction is Direction.BOTH or wanted is one.direction else one.direction


def _parent(one: Parent, choice: FieldChoice | None) -> Parent:
    if choice is None:
        return one
    return replace(
        one,
        there=choice.there or one.there,
        direction=_direction(one, choice),
        winner=choice.winner or one.winner,
    )


def _constant(there: str, one: Constant, record_types: Record[str, str]) -> Field:
    shape = one.shape
    made = Field(
        here="", there=there, kind=shape.kind, label=shape.label or there, length=shape.length, scale=shape.scale,
        default=one.value, is_foreign=True,
    )  # fmt: skip
    return _with_ids(made, record_types)


def _with_ids(one: Field, record_types: Record[str, str]) -> Field:
    """Return a field with the ids of this organisation instead of developer names of record types."""
    if one.kind is not Kind.RECORD_TYPE:
        return one
    table = tuple((ours, record_types.get(theirs, theirs)) for ours, theirs in one.table)
    return replace(one, table=table, default=record_types.get(one.default, one.default))


def tailored_all(declared: Sequence[Mapping], choices: Choices, record_types: RecordTypes) -> list[Mapping]:
    """Return all mappings as a tenant has chosen them."""
    found = []
    for one in declared:
        choice = choices.of(one.key)
        found.append(tailored(one, choice, record_types.get(choice.sobject or one.sobject)))
    return found


def needs_record_types(choices: Choices) -> bool:
    """Whether a record type is named anywhere."""
    return any(each.record_type for one in choices.objects.values() for each in one.kinds.values()) or any(
        shape is not None and shape.kind is Kind.RECORD_TYPE
        for one in choices.objects.values()
        for shape in (
            *(each.shape for each in one.fields.values()),
            *(each.shape for each in one.constants.values()),
        )
    )
