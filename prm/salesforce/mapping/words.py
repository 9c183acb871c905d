"""What is chosen of a mapping, in words: what differs between two versions. Pure."""

from __future__ import annotations

from collections.abc import Iterator, Sequence
from typing import Final

from prm.mapping import Direction, Field, Mapping, Test, Way, Winner
from prm.salesforce.mapping.choices import (
    Choices,
    FieldChoice,
    KindChoice,
    LinesChoice,
    ObjectChoice,
    ScopeChoice,
    TakesChoice,
    chosen_columns,
    chosen_values,
    with_kinds,
)
from prm.salesforce.mapping.kinds import ACCOUNTS

DIRECTIONS: Final = {
    "push": "to Salesforce",
    "pull": "from Salesforce",
    "both": "both ways",
    "off": "not kept in step",
}
WINNERS: Final = {
    Winner.SALESFORCE: "Salesforce", Winner.HERE: "here", Winner.NEWEST: "newest", Winner.ASK: "ask",
}  # fmt: skip
WAYS: Final = {
    Way.AS_IS: "as it is", Way.DIGITS: "digits only", Way.UPPER: "capital letters", Way.LOWER: "small letters",
}  # fmt: skip


def direction_of(one: Field, choice: FieldChoice) -> str:
    """Return which way a field goes: push, pull, both or off."""
    return choice.direction or one.direction.value


def directions_for(mapping: Mapping, one: Field) -> list[str]:
    """Return which ways may be chosen: nothing comes back that the app does not take, and what is needed stays."""
    found = ["both", "push", "pull"] if one.direction is Direction.BOTH else [one.direction.value]
    return found if is_needed(mapping, one) else [*found, "off"]


def is_needed(mapping: Mapping, one: Field) -> bool:
    """Whether a record cannot go without it: its name, what it belongs to, or what it is counted by."""
    counted = mapping.sums is not None and one.here in mapping.sums.fields
    belongs = any(parent.here == one.here and parent.required for parent in mapping.parents)
    return counted or belongs or one.there == mapping.title


def on_the_way(choice: FieldChoice) -> str:
    """Return in a few words what is done to a value."""
    parts = [] if choice.way is Way.AS_IS else [WAYS[choice.way]]
    if len(choice.table) == 1:
        ours, theirs = choice.table[0]
        parts.append(f"{ours} → {theirs or 'empty'}")
    elif choice.table:
        parts.append(
            f"{len({ours for ours, _ in choice.table})} values → {len({theirs for _, theirs in choice.table})}"
        )
    if choice.default:
        parts.append(f"“{choice.default}” for nothing")
    return ", ".join(parts) or WAYS[Way.AS_IS]


def differences(declared: Sequence[Mapping], old: Choices, new: Choices) -> list[str]:
    """Return what another version changes, a sentence each."""
    return [
        f"{_noun(one, declared)}{words}."
        for one in declared
        for words in _of_object(one, old.of(one.key), new.of(one.key))
    ]


def _noun(one: Mapping, declared: Sequence[Mapping]) -> str:
    return "" if one is declared[0] else f"{one.plural.capitalize()}: "


def takes_words(one: Mapping, takes: TakesChoice) -> str:
    """Return in a few words what becomes of records that are made there."""
    making = one.adopt.making if one.adopt is not None else None
    if not takes.on or making is None:
        return "they wait in the list"
    known = dict(making.sorts())
    parts = [
        f"{name} {known.get(sort, sort) or 'waits'}" for name, sort in sorted(takes.by_record_type.items())
    ]
    return "; ".join([*parts, f"else {known.get(takes.sort, takes.sort) or 'they wait'}"])


def lines_words(lines: LinesChoice) -> str:
    """Return in a few words whether and how lines go as products."""
    if not lines.on:
        return "no"
    book = f"price book “{lines.book}”" if lines.book else "the standard price book"
    return f"in {book}; products that are missing {'are made' if lines.creates else 'are not made'}"


def scope_words(one: Mapping, scope: ScopeChoice) -> str:
    """Return in a few words which records are kept in step."""
    if scope.off:
        return "none"
    parts = []
    for aspect in one.aspects:
        chosen = chosen_values(aspect, scope)
        if chosen is None:
            continue
        name = aspect.label[0].lower() + aspect.label[1:]
        if aspect.test is Test.FLAG:
            parts.append(name)
        elif aspect.is_aged:
            parts.append(f"{name} {chosen[0]} month{'' if chosen[0] == '1' else 's'}")
        else:
            known = dict(aspect.options()) if aspect.options is not None else {}
            parts.append(f"{name} {' or '.join(known.get(value, value) for value in chosen) or 'none'}")
    return "; ".join(parts) or "all"


def kind_words(each: KindChoice) -> str:
    """Return in a few words as what records of a kind are kept."""
    return ACCOUNTS[each.account] + (f", {each.record_type}" if each.record_type else "")


def _of_kinds(one: Mapping, old: ObjectChoice, new: ObjectChoice) -> Iterator[str]:
    known = dict(one.persons.sorts()) if one.persons is not None else {}
    for sort in sorted(old.kinds.keys() | new.kinds.keys()):
        was, now = old.kinds.get(sort, KindChoice()), new.kinds.get(sort, KindChoice())
        if was != now:
            yield f"{known.get(sort, sort)} as {kind_words(now)} instead of {kind_words(was)}"


def _of_object(one: Mapping, old: ObjectChoice, new: ObjectChoice) -> Iterator[str]:
    yield from _of_kinds(one, old, new)
    one = with_kinds(one, new if new.kinds else old)
    if old.sobject != new.sobject:
        yield f"kept as {new.sobject or one.sobject} instead of {old.sobject or one.sobject}"
    if old.scope != new.scope:
        yield f"in step {scope_words(one, new.scope)} instead of {scope_words(one, old.scope)}"
    if old.takes != new.takes:
        yield f"made there: {takes_words(one, new.takes)} instead of {takes_words(one, old.takes)}"
    yield from _of_lines(old.lines, new.lines)
    for each in chosen_columns(one):
        before, after = (choice.fields.get(each.here, FieldChoice()) for choice in (old, new))
        if before != after:
            yield from _of_field(each, before, after)
    mine = {each.here for each in chosen_columns(one)}
    for name in sorted(old.fields.keys() - new.fields.keys() - mine):
        yield f"{name}, which is no field here any more, is left out"
    for name in sorted(old.constants.keys() | new.constants.keys()):
        was, now = old.constants.get(name), new.constants.get(name)
        if now is None:
            yield f"{name} not filled any more"
        elif was is None or was.value != now.value:
            yield f"{now.shape.label or name} always “{now.value}”"


def _of_lines(old: LinesChoice, new: LinesChoice) -> Iterator[str]:
    if old != new:
        yield f"lines as products: {lines_words(new)} instead of {lines_words(old)}"
    if old.on and not new.on:
        yield "products that are there stay, and an amount there stays their sum until somebody deletes them there"


def _of_field(one: Field, old: FieldChoice, new: FieldChoice) -> Iterator[str]:
    name = one.words
    if (old.there or one.there) != (new.there or one.there):
        yield f"{name} in {new.there or one.there} instead of {old.there or one.there}"
    if direction_of(one, old) != direction_of(one, new):
        yield f"{name} {DIRECTIONS[direction_of(one, new)]} instead of {DIRECTIONS[direction_of(one, old)]}"
    if (old.winner or one.winner) is not (new.winner or one.winner):
        yield f"{name}: winner {WINNERS[new.winner or one.winner]} instead of {WINNERS[old.winner or one.winner]}"
    if on_the_way(old) != on_the_way(new) or old.table != new.table:
        yield f"{name}: {on_the_way(new)} instead of {on_the_way(old)}"
