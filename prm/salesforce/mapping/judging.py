"""What stands against a mapping, given how the organisation describes its object. Pure: no database, no call.

Validation rules, flows and lookup filters are in no description: only a record that is really written meets them.
"""

from __future__ import annotations

from collections import Counter
from collections.abc import Iterator
from collections.abc import Mapping as Record
from dataclasses import dataclass
from typing import Final

from prm.core.notation.reader import figure
from prm.mapping import BadValue, Field, Kind, Mapping
from prm.mapping.persons import RECORD_TYPE
from prm.salesforce.mapping import kinds
from prm.salesforce.mapping.choices import FieldChoice, ObjectChoice, chosen_columns
from prm.salesforce.mapping.facts import FieldFacts, kind_of, words_of
from prm.salesforce.mapping.trouble import Trouble

_TEXT: Final = frozenset({Kind.TEXT, Kind.LONG_TEXT, Kind.PICKLIST, Kind.EMAIL, Kind.PHONE, Kind.URL})
_NUMBER: Final = frozenset({Kind.NUMBER, Kind.CURRENCY, Kind.PERCENT})
_FAMILY: Final[Record[Kind, frozenset[Kind]]] = dict.fromkeys(_TEXT, _TEXT) | dict.fromkeys(_NUMBER, _NUMBER)
SHOWN: Final = 50


@dataclass(frozen=True, slots=True)
class Seen:
    """What is known of the object there, and of values here by field (raw text, with how many records have it).

    `fields` empty: nobody has read the description yet. `objects` are the objects of all mappings by key.
    """

    label: str
    fields: Record[str, FieldFacts]
    record_types: Record[str, str]
    objects: Record[str, str]
    values: Record[str, Counter[str]]


def fits(ours: Kind, theirs: Kind, *, comes_back: bool) -> bool:
    """Whether values of one kind can be kept in a field of another; any value can be text where none comes back."""
    same = theirs is ours or theirs in _FAMILY.get(ours, frozenset())
    if Kind.OWNER in (ours, theirs):
        return same
    if theirs is Kind.RECORD_TYPE:
        return ours in _TEXT and not comes_back
    return same or (theirs in _TEXT and not comes_back)


def troubles(declared: Mapping, choice: ObjectChoice, mapped: Mapping, seen: Seen) -> list[Trouble]:
    """Return what stands against a mapping as a tenant has chosen it, in the order of its rows."""
    if not seen.fields:
        # What nobody has chosen holds up no other choice, nor does what the set-up makes.
        blocks = choice != ObjectChoice() and mapped.custom_object is None
        words = f"Salesforce does not show us the object {mapped.sobject}."
        return [Trouble("", words, "Choose another, or give access.", blocks=blocks)]
    skipped = kinds.unneeded(declared, mapped, seen.fields)
    fields = [one for one in mapped.fields if one.here not in skipped]
    found = [trouble for one in fields for trouble in _of_field(declared, one, seen)]
    found += kinds.troubles(mapped, choice, seen.fields, seen.record_types)
    found += [trouble for one in mapped.parents for trouble in _of_parent(one.here, one.there, mapped, seen)]
    found += _twice(declared, choice, mapped)
    found += _needed(mapped, seen)
    return found


def _of_field(declared: Mapping, one: Field, seen: Seen) -> Iterator[Trouble]:
    place, facts = one.here or one.there, seen.fields.get(one.there)
    if facts is None:
        yield _missing(place, one)
        return
    theirs = kind_of(one.there, facts)
    every = (*declared.fields, *declared.offered)
    origin = next((each for each in every if one.here and each.here == one.here), one)
    if theirs is None or not fits(origin.kind, theirs, comes_back=one.pulls):
        words = words_of(one.there, facts)
        yield Trouble(
            place, f"“{facts['label']}” is {words}: {one.words} does not fit in it.", "Choose another field."
        )
        return
    if one.pushes and not (facts["writes"] or (facts["makes"] and not one.here)):
        why = "It is a formula." if facts["calculated"] else "We may read it and not change it."
        yield Trouble(
            place, why, "Give the integration user Edit Access, or let it only come from Salesforce."
        )
    if one.pushes:
        yield from _values(place, one, facts, seen)
    if (
        one.pushes
        and origin.kind in _TEXT
        and not facts["restricted"]
        and 0 < facts["length"] < origin.length
    ):
        words = f"{facts['length']} characters fit there. What is longer stays here and is named as a problem of its record."
        yield Trouble(place, words, blocks=False)


def _missing(place: str, one: Field) -> Trouble:
    if one.custom:
        return Trouble(place, "Not there yet, or not visible to us: the set-up makes it.", blocks=False)
    return Trouble(
        place,
        f"The organisation has no field {one.there} that we may see: deleted, renamed or hidden.",
        "Choose another field, or give the integration user Read and Edit Access to it.",
    )


def _values(place: str, one: Field, facts: FieldFacts, seen: Seen) -> Iterator[Trouble]:
    """Yield values that the organisation would refuse: of a restricted list, of record types, of a default."""
    allowed = set(seen.record_types.values()) if one.there == RECORD_TYPE else set(facts["values"])
    names = tuple(sorted(seen.record_types) if one.there == RECORD_TYPE else facts["values"])
    limited = one.there == RECORD_TYPE or facts["restricted"]
    if one.default:
        yield from _default(place, one, allowed if limited else None, names)
    if not limited:
        return
    lost: Counter[str] = Counter()
    for raw, count in seen.values.get(one.here, Counter()).items():
        try:
            normal = one.ours(raw)
        except BadValue:
            continue
        if normal is not None and normal not in allowed:
            lost[raw] += count
    if lost:
        (first, _count), held = lost.most_common(1)[0], sum(lost.values())
        what = "record types" if one.there == RECORD_TYPE else "values"
        more = f" and {len(lost) - 1} more" if len(lost) > 1 else ""
        yield Trouble(
            place,
            f"“{first}”{more} {'are' if more else 'is'} not among the {len(names)} {what}. "
            f"{figure(held)} record{'' if held == 1 else 's'} would be held.",
            "Choose one of its own values, send it empty, or ask there for a new one.",
            values=tuple(lost.most_common(SHOWN)),
            choices=names,
        )


def _default(place: str, one: Field, allowed: set[str] | None, names: tuple[str, ...]) -> Iterator[Trouble]:
    try:
        normal = one.ours(None)
    except BadValue as error:
        yield Trouble(place, f"“{one.default}” cannot stand for nothing: {error}")
        return
    if allowed is not None and normal not in allowed:
        yield Trouble(
            place, f"“{one.default}” is not in the list there.", f"There are: {', '.join(names[:8])}."
        )
    elif words := one.unfit(normal):
        yield Trouble(place, words)


def _of_parent(here: str, there: str, mapped: Mapping, seen: Seen) -> Iterator[Trouble]:
    facts = seen.fields.get(there)
    parent = next(each for each in mapped.parents if each.here == here)
    if facts is None:
        made = there.endswith("__c") and mapped.custom_object is not None
        yield (
            _missing(here, parent.field) if not made else Trouble(here, "The set-up makes it.", blocks=False)
        )
        return
    wanted = seen.objects[parent.mapping]
    if facts["type"] != "reference" or (facts["refers_to"] and wanted not in facts["refers_to"]):
        yield Trouble(here, f"“{facts['label']}” does not refer to {wanted}.", "Choose another field.")
    elif not facts["writes"] and not facts["makes"]:
        yield Trouble(here, "We may read it and not change it.", "Give the integration user Edit Access.")


def _twice(declared: Mapping, choice: ObjectChoice, mapped: Mapping) -> Iterator[Trouble]:
    """Yield what goes where another row goes already, and so goes nowhere."""
    mine = {one.here for one in mapped.columns}
    filled = {one.there: one.words for one in mapped.columns}
    rows = [
        (each.here, choice.fields.get(each.here, FieldChoice()), each.there)
        for each in chosen_columns(declared)
    ]
    lost = [
        (here, one.there or there) for here, one, there in rows if here not in mine and one.direction != "off"
    ]
    constants = {one.there for one in mapped.fields if not one.here}
    lost += [(there, there) for there in choice.constants if there not in constants]
    for place, there in lost:
        if there:
            words = f"{there} is filled by {filled.get(there, 'another row')} already."
            yield Trouble(place, words, "Choose another field, or let one of the two rest.")


def _needed(mapped: Mapping, seen: Seen) -> Iterator[Trouble]:
    """Yield fields without which no record can be made there, and that nothing fills."""
    filled = {one.there for one in mapped.columns if one.pushes} | {mapped.external_id}
    for name, facts in seen.fields.items():
        if facts["needed"] and name not in filled:
            yield Trouble(
                name,
                f"“{facts['label']}” is required there, and nothing here fills it.",
                "Say what it always gets, map a field to it, or give it a default there.",
                choices=tuple(facts["values"]),
            )
