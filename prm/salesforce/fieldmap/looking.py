"""A mapping as people look at it: an object after the other, row by row, with what stands against each."""

from __future__ import annotations

from collections import Counter
from collections.abc import Iterator, Sequence
from dataclasses import dataclass, replace
from datetime import datetime
from typing import Final

from django.db import connection as database

from prm.core.notation.reader import figure
from prm.mapping import Direction, Field, Kind, Mapping
from prm.mapping.persons import RECORD_TYPE
from prm.salesforce.engine import resting
from prm.salesforce.linesets import models as linesets
from prm.salesforce.mapping import capture, describing, registry
from prm.salesforce.mapping.choices import (
    Choices,
    Constant,
    FieldChoice,
    KindChoice,
    ObjectChoice,
    chosen_columns,
    tailored,
    with_kinds,
)
from prm.salesforce.mapping.facts import Facts, FieldFacts, kind_of, words_of
from prm.salesforce.mapping.judging import Seen, fits, troubles
from prm.salesforce.mapping.models import MappingVersion, ObjectDescription
from prm.salesforce.mapping.trouble import Trouble
from prm.salesforce.mapping.words import (
    DIRECTIONS,
    WINNERS,
    direction_of,
    kind_words,
    lines_words,
    on_the_way,
    scope_words,
)
from prm.salesforce.products.pricebook import KEY
from prm.salesforce.products.wanted import ITEM

COUNTED: Final = 10_000
"""Records at most whose values are counted to say how many would be held."""
_CHUNK: Final = 1000
ICONS: Final = {"push": "arrow-right", "pull": "arrow-left", "both": "arrows-exchange", "off": "minus"}


@dataclass(frozen=True, slots=True)
class Row:
    """One line: what it is here, where it goes, and how. `kind`: field, constant or required (that nothing fills).

    `key` is the name here, of a constant or a required field the one there. `facts` says what the field there is.
    """

    kind: str
    key: str
    here: str
    direction: str
    there: str
    there_label: str
    facts: str
    winner: str
    way: str
    troubles: tuple[Trouble, ...]
    is_changed: bool

    @property
    def problems(self) -> list[Trouble]:
        """What must be put right before the mapping can be put in force."""
        return [one for one in self.troubles if one.blocks]

    @property
    def notes(self) -> list[Trouble]:
        """What is only said."""
        return [one for one in self.troubles if not one.blocks]

    @property
    def blocks(self) -> bool:
        """Whether something must be put right."""
        return bool(self.problems)

    @property
    def icon(self) -> str:
        """The arrow of its direction."""
        return ICONS[self.direction]

    @property
    def direction_words(self) -> str:
        """Which way it goes, in words."""
        return DIRECTIONS[self.direction]


@dataclass(frozen=True, slots=True)
class ObjectLook:
    """One mapping: rows, what stands against the object as a whole, how many fields there are not used.

    `scope` says in words which records are kept in step; `outside` of `total` are not (0 of 0 where nobody counted).
    `kinds` are pairs of a kind and as what it is kept, `lines` whether lines go as products ("" for what has none), in words.
    """

    mapping: Mapping
    choice: ObjectChoice
    label: str
    rows: tuple[Row, ...]
    troubles: tuple[Trouble, ...]
    unused: int
    needed: int
    described_at: datetime | None
    scope: str = ""
    outside: int = 0
    total: int = 0
    kinds: tuple[tuple[str, str], ...] = ()
    lines: str = ""

    @property
    def problems(self) -> int:
        """How many things must be put right before it can be put in force."""
        every = [*self.troubles, *(trouble for row in self.rows for trouble in row.troubles)]
        return sum(one.blocks for one in every)

    @property
    def filled(self) -> int:
        """How many rows are kept in step."""
        return sum(row.direction != "off" and row.kind != "required" for row in self.rows)


def version_in_force() -> MappingVersion | None:
    """Return the version in force; `None`: as declared."""
    found: MappingVersion | None = MappingVersion.objects.filter(state=MappingVersion.State.IN_FORCE).first()
    return found


def draft() -> MappingVersion | None:
    """Return the draft, `None` when there is none."""
    found: MappingVersion | None = MappingVersion.objects.filter(state=MappingVersion.State.DRAFT).first()
    return found


def look(choices: Choices, keys: Sequence[str] | None = None, *, counts: bool = True) -> list[ObjectLook]:
    """Return mappings as they would be by these choices, in the order of the declaration.

    `keys` are those of which also values here are counted (all by default): that reads up to 10,000 records of each.
    """
    every = registry.declared()
    described = describing.known()
    found = []
    for key, one in every.items():
        counted = counts and (keys is None or key in keys)
        look_at = _look(one, choices, described, counted=counted)
        if counted and keys is not None:
            look_at = _counted(look_at, choices)
        found.append(look_at)
    return found


def _counted(one: ObjectLook, choices: Choices) -> ObjectLook:
    """Return it with how many records the choices would leave out."""
    known = registry.mappings_of(choices)
    mapping = known[one.mapping.key]
    total = len(capture.all_ids(database, mapping))
    return replace(one, outside=resting.count_outside(mapping, known), total=total)


def problems(choices: Choices) -> list[str]:
    """Return what must be put right before choices can be put in force, a sentence each."""
    found = []
    for each in look(choices):
        noun = each.mapping.plural.capitalize()
        found += [f"{noun}: {one.words} {one.cure}".rstrip() for one in each.troubles if one.blocks]
        for row in each.rows:
            name = row.here or row.there_label
            found += [
                f"{noun}, {name}: {one.words} {one.cure}".rstrip() for one in row.troubles if one.blocks
            ]
    return found


def facts_for(choices: Choices, key: str) -> Facts:
    """Return the fields there of a mapping's object, as they were described; {} when they were not."""
    one = registry.declared()[key]
    sobject = choices.of(key).sobject or one.sobject
    found: ObjectDescription | None = ObjectDescription.objects.filter(sobject=sobject).first()
    return found.fields if found is not None else {}


def fitting(one: Field, facts: Facts, *, is_parent: bool) -> list[tuple[str, FieldFacts]]:
    """Return the fields there that a field of ours fits in, by their labels."""
    found = []
    for name, each in facts.items():
        kind = kind_of(name, each)
        is_reference = each["type"] == "reference" and name != RECORD_TYPE
        comes_back = one.direction is Direction.BOTH
        if is_reference if is_parent else kind is not None and fits(one.kind, kind, comes_back=comes_back):
            found.append((name, each))
    return sorted(found, key=lambda pair: pair[1]["label"].lower())


def _look(
    one: Mapping, choices: Choices, described: dict[str, ObjectDescription], *, counted: bool
) -> ObjectLook:
    choice = choices.of(one.key)
    one = with_kinds(one, choice)
    about = described.get(choice.sobject or one.sobject)
    mapped = tailored(one, choice, about.record_types if about else {})
    facts: Facts = about.fields if about else {}
    seen = Seen(
        label=about.label if about else "",
        fields=facts,
        record_types=about.record_types if about else {},
        objects={key: choices.of(key).sobject or each.sobject for key, each in registry.declared().items()},
        values=_values_here(mapped, facts) if counted else {},
    )
    found = troubles(one, choice, mapped, seen) if about is not None else []
    rows = tuple(_rows(one, choice, mapped, facts, found))
    used = {row.there for row in rows if row.direction != "off"}
    left = {name: each for name, each in facts.items() if name not in used and each["makes"]}
    return ObjectLook(
        mapping=mapped,
        choice=choice,
        label=(about.label if about else "") or mapped.there_words.split(",")[0] or mapped.sobject,
        rows=rows,
        troubles=(
            *(trouble for trouble in found if not trouble.place),
            *_gone_here(one, choice),
            *_of_lines(one, choice, described),
        ),
        unused=len(left),
        needed=sum(each["needed"] for each in left.values()),
        described_at=about.described_at if about else None,
        scope=scope_words(one, choice.scope),
        kinds=_kinds(one, choice),
        lines=lines_words(choice.lines) if one.lines is not None else "",
    )


def _kinds(one: Mapping, choice: ObjectChoice) -> tuple[tuple[str, str], ...]:
    """Return as what each kind is kept, in words; none where that is no choice."""
    sorts = one.persons.sorts() if one.persons is not None else ()
    return tuple((words, kind_words(choice.kinds.get(sort, KindChoice()))) for sort, words in sorts)


def _of_lines(
    one: Mapping, choice: ObjectChoice, described: dict[str, ObjectDescription]
) -> Iterator[Trouble]:
    """Yield what is to be known of products: what is missing there, or what stays there though they do not go any more."""
    if one.lines is None:
        return
    if not choice.lines.on:
        if left := linesets.count_with_items(one.key):
            noun = one.singular if left == 1 else one.plural
            yield Trouble(
                "",
                f"{figure(left)} {noun} {'has' if left == 1 else 'have'} products in Salesforce. They stay, and an amount there stays "
                "their sum.",
                "Delete the products there where the amount is to follow again.",
                blocks=False,
            )
        return
    about = described.get(ITEM)
    if about is None:
        yield Trouble(
            "", f"Nobody has read yet whether we see {ITEM}.", "Read the organisation.", blocks=False
        )
    elif not about.fields:
        yield Trouble(
            "", f"Salesforce does not show us the object {ITEM}.", "Give access to products.", blocks=False
        )
    elif KEY not in about.fields:
        yield Trouble(
            "",
            "Products need a key field there.",
            "The set-up makes it: run it after this is in force.",
            blocks=False,
        )


def _gone_here(one: Mapping, choice: ObjectChoice) -> Iterator[Trouble]:
    """Yield fields that are mapped and that are here no more: archived, or removed."""
    mine = {each.here for each in chosen_columns(one)}
    for here, each in choice.fields.items():
        if here not in mine:
            yield Trouble(
                "",
                f"“{here}” was mapped to {each.there or 'Salesforce'} and is no field here any more.",
                "Nothing of it is exchanged, and what is there stays. The next version leaves it out; bring the field "
                "back under Own fields to go on.",
                blocks=False,
            )


def _rows(
    one: Mapping, choice: ObjectChoice, mapped: Mapping, facts: Facts, found: list[Trouble]
) -> Iterator[Row]:
    against: dict[str, list[Trouble]] = {}
    for trouble in found:
        against.setdefault(trouble.place, []).append(trouble)
    mine = {each.here: each for each in mapped.columns if each.here}
    for each in chosen_columns(one):
        chosen = choice.fields.get(each.here, FieldChoice())
        if not each.there and not chosen.there:
            continue  # offered, and not chosen
        yield _field_row(each, chosen, mine.get(each.here), facts, tuple(against.pop(each.here, ())))
    for there, constant in choice.constants.items():
        yield _constant_row(there, constant, facts.get(there), tuple(against.pop(there, ())))
    for place, some in against.items():
        if place in facts:
            words = words_of(place, facts[place])
            label = facts[place]["label"]
            yield Row(
                "required", place, "", "push", place, label, words, "", "not filled", tuple(some), False
            )


def _field_row(
    one: Field, chosen: FieldChoice, mapped: Field | None, facts: Facts, against: tuple[Trouble, ...]
) -> Row:
    there = mapped.there if mapped is not None else chosen.there or one.there
    about = facts.get(there)
    direction = direction_of(one, chosen)
    winner = WINNERS[chosen.winner or one.winner] if direction == "both" else ""
    return Row(
        kind="field",
        key=one.here,
        here=one.words,
        direction=direction,
        there=there,
        there_label=about["label"] if about else one.words,
        facts=words_of(there, about) if about else "",
        winner=winner,
        way=on_the_way(chosen) if direction != "off" else "",
        troubles=against,
        is_changed=chosen != FieldChoice(),
    )


def _constant_row(
    there: str, constant: Constant, about: FieldFacts | None, against: tuple[Trouble, ...]
) -> Row:
    return Row(
        kind="constant",
        key=there,
        here="",
        direction="push",
        there=there,
        there_label=about["label"] if about else constant.shape.label or there,
        facts=words_of(there, about) if about else "",
        winner="",
        way=f"always “{constant.value}”",
        troubles=against,
        is_changed=True,
    )


def _values_here(mapped: Mapping, facts: Facts) -> dict[str, Counter[str]]:
    """Return how many records have each value, of the fields that go to a list which takes only its own."""
    wanted = [
        one
        for one in mapped.fields
        if one.here and one.pushes and one.there in facts
        and (one.kind is Kind.RECORD_TYPE or facts[one.there]["restricted"])
    ]  # fmt: skip
    if not wanted:
        return {}
    found: dict[str, Counter[str]] = {one.here: Counter() for one in wanted}
    ids = capture.all_ids(database, mapped)[:COUNTED]
    for first in range(0, len(ids), _CHUNK):
        for values in mapped.read(ids[first : first + _CHUNK]).values():
            for one in wanted:
                value = values.get(one.here)
                if value is not None and str(value).strip():
                    found[one.here][str(value).strip()] += 1
    return found


def values_here(key: str, here: str) -> Counter[str]:
    """Return the values that a field has here, with how many records of the first 10,000 have each."""
    one = registry.mapping(key)
    found: Counter[str] = Counter()
    ids = capture.all_ids(database, one)[:COUNTED]
    for first in range(0, len(ids), _CHUNK):
        for values in one.read(ids[first : first + _CHUNK]).values():
            value = values.get(here)
            if value is not None and str(value).strip():
                found[str(value).strip()] += 1
    return found
