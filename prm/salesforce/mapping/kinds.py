"""As what each kind of record is kept, business or person account, and of which record type: what stands against it. Pure."""

from __future__ import annotations

from collections.abc import Iterator
from collections.abc import Mapping as Record
from typing import Final

from prm.mapping import Mapping
from prm.mapping.persons import IS_PERSON, RECORD_TYPE, TURN_ON
from prm.salesforce.mapping.choices import KindChoice, ObjectChoice
from prm.salesforce.mapping.facts import Facts
from prm.salesforce.mapping.trouble import Trouble

ACCOUNTS: Final = {"business": "business accounts", "person": "person accounts"}


def unneeded(declared: Mapping, mapped: Mapping, facts: Facts) -> frozenset[str]:
    """Return names here of fields of which nothing is said by themselves: those of persons where there are none there."""
    persons = mapped.persons
    if persons is None:
        return frozenset()
    named = frozenset({persons.type_field().here})
    return named if IS_PERSON in facts else named | {one.here for one in persons.fields}


def troubles(
    mapped: Mapping, choice: ObjectChoice, facts: Facts, record_types: Record[str, str]
) -> Iterator[Trouble]:
    """Yield what stands against the kinds as they were chosen."""
    persons = mapped.persons
    if persons is None:
        return
    words = dict(persons.sorts())
    if persons.is_chosen and IS_PERSON not in facts:
        named = ", ".join(sorted(words.get(sort, sort) for sort in persons.chosen))
        yield Trouble("", f"The organisation has no person accounts, which {named} are to be.", TURN_ON)
    if any(each.record_type for each in choice.kinds.values()) and RECORD_TYPE in _filled_otherwise(
        mapped, choice
    ):
        yield Trouble(
            "",
            "RecordTypeId is filled by another row already.",
            "Say the record type there, or kind by kind.",
        )
    for sort, each in sorted(choice.kinds.items()):
        if sort not in words:
            yield Trouble("", f"“{sort}” is no kind here any more; nothing follows from it.", blocks=False)
        elif each.record_type:
            yield from _of_type(words[sort], each, facts, record_types)


def _filled_otherwise(mapped: Mapping, choice: ObjectChoice) -> set[str]:
    mine = mapped.persons.type_field().here if mapped.persons else ""
    return {one.there for one in mapped.columns if one.here != mine} | choice.constants.keys()


def _of_type(kind: str, each: KindChoice, facts: Facts, record_types: Record[str, str]) -> Iterator[Trouble]:
    name, about = each.record_type, facts.get(RECORD_TYPE)
    away = about.get("away", {}) if about else {}
    if name in away:
        how = (
            "Activate it in Salesforce: Setup, Object Manager, Account, Record Types."
            if away[name] == "inactive"
            else "Give it to the integration user's profile or permission set in Salesforce, under Record Type Settings."
        )
        yield Trouble("", f"{kind}: the record type “{name}” is {away[name]}.", how)
    elif name not in record_types:
        known = ", ".join(sorted(record_types)[:8])
        yield Trouble(
            "",
            f"{kind}: the organisation has no record type “{name}”.",
            f"There are: {known}." if known else "It has none.",
        )
    elif about and "persons" in about and (name in about["persons"]) is not (each.account == "person"):
        yield Trouble(
            "",
            f"{kind}: “{name}” is a record type of {ACCOUNTS['business' if each.account == 'person' else 'person']}.",
            f"Choose one of {ACCOUNTS[each.account]}.",
        )
