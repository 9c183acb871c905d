"""Countries and states, which an organisation keeps as text or by lists of its own. Pure.

Where its administrator has turned on state and country/territory picklists, an address has codes from these lists, and a
state is one of its country: Salesforce refuses a state alone, and one that is not in the list. A state's normal value
is then `US-CA`, so that the same code in two countries is not the same; what is sent is `CA`.
"""

from __future__ import annotations

from collections.abc import Callable
from collections.abc import Mapping as Record
from dataclasses import dataclass
from typing import Protocol


class Form(Protocol):
    """The form in which a text is compared where neither side's own would do. Each takes and gives a text that is not empty."""

    def ours(self, text: str) -> str:
        """Return the comparable form of a value of ours."""

    def theirs(self, text: str) -> str:
        """Return the comparable form of a value as Salesforce has it."""

    def wire(self, normal: str) -> str:
        """Return what is sent."""

    def local(self, normal: str) -> str:
        """Return what the app's `apply` takes."""

    def unfit(self, normal: str, words: str) -> str:
        """Return why Salesforce would refuse it, in a sentence that begins with the field's `words`; "" when it fits."""


@dataclass(frozen=True, slots=True)
class Lists:
    """An organisation's countries by code, and states by country and code, with its own names for both."""

    countries: Record[str, str]
    states: Record[str, Record[str, str]]

    def __hash__(self) -> int:
        """Let fields that hold it stand in sets."""
        return hash(tuple(self.countries))

    def state(self, country: str, said: str) -> str:
        """Return the code of the state that a text means within a country, "" for none."""
        known = self.states.get(country, {})
        wanted = said.casefold()
        return next(
            (code for code, name in known.items() if wanted in (code.casefold(), name.casefold())), ""
        )

    def nearest(self, country: str, said: str) -> str:
        """Return the name of the one state that begins like a text, "" when it is none or more than one."""
        stem = said.rstrip(". ").casefold()
        some = [name for name in self.states.get(country, {}).values() if name.casefold().startswith(stem)]
        return some[0] if stem and len(some) == 1 else ""


@dataclass(frozen=True, slots=True, kw_only=True)
class Places:
    """Which fields here (by name) are country and region of one address.

    The country is kept here as its ISO code: `meant` reads what stands for one, "" for none, and `name` writes it.
    `lists` are those of the organisation in scope, None where it keeps text, and said by no declaration.
    """

    country: str
    region: str
    meant: Callable[[str], str]
    name: Callable[[str], str]
    lists: Lists | None = None


@dataclass(frozen=True, slots=True)
class CountryText:
    """A country as text there: compared as the code that is meant, sent as its name; what means none stays as it is."""

    places: Places

    def ours(self, text: str) -> str:
        return self.theirs(text)

    def theirs(self, text: str) -> str:
        return self.places.meant(text) or text

    def wire(self, normal: str) -> str:
        return self.places.name(normal)

    def local(self, normal: str) -> str:
        return normal

    def unfit(self, normal: str, words: str) -> str:
        del normal, words
        return ""


@dataclass(frozen=True, slots=True)
class CountryCode:
    """A country by the organisation's list."""

    places: Places
    lists: Lists

    def ours(self, text: str) -> str:
        return self.theirs(text)

    def theirs(self, text: str) -> str:
        if text in self.lists.countries:
            return text
        named = (code for code, name in self.lists.countries.items() if name.casefold() == text.casefold())
        return next(named, "") or self.places.meant(text) or text

    def wire(self, normal: str) -> str:
        return normal

    def local(self, normal: str) -> str:
        return normal

    def unfit(self, normal: str, words: str) -> str:
        if normal in self.lists.countries:
            return ""
        name = self.places.name(normal)
        return (
            f"{words}: Salesforce's list of countries has no {name}{f' ({normal})' if name != normal else ''}. It stays here; "
            "Setup → State and Country/Territory Picklists takes it into the list."
        )


@dataclass(frozen=True, slots=True)
class StateCode:
    """A state by the organisation's list; its country is put before the code by `field.value_there` and `addresses.settle`."""

    lists: Lists

    def ours(self, text: str) -> str:
        return text

    def theirs(self, text: str) -> str:
        return text

    def wire(self, normal: str) -> str:
        return normal.partition("-")[2] or normal

    def local(self, normal: str) -> str:
        country, _, code = normal.partition("-")
        return self.lists.states.get(country, {}).get(code, code or normal)

    def unfit(self, normal: str, words: str) -> str:
        del normal, words
        return ""
