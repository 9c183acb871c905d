"""What starting would do, as data: counts and examples by object, what would be refused and why. No database."""

from __future__ import annotations

from collections.abc import Mapping
from dataclasses import asdict, dataclass, field
from typing import Final

from prm.core.notation.reader import figure

EXAMPLES: Final = 3
"""Shown of each kind and object."""

_VERBS: Final = ("link", "create", "change", "refused", "left_out", "outside", "same")
_SINGULAR: Final = {
    "refused": "to be refused", "left_out": "left out", "outside": "outside the scope", "same": "in step already",
}  # fmt: skip


@dataclass(slots=True)
class ObjectCount:
    """One kind of record: how many would be linked, created, changed, refused or left out, and some of them by name.

    `outside` are outside the scope: they rest, whatever is there of them.

    What is linked and what is there already can be changed too, so the counts do not add up to all.
    """

    here: str
    there: str
    singular: str = ""
    link: int = 0
    create: int = 0
    change: int = 0
    refused: int = 0
    left_out: int = 0
    outside: int = 0
    same: int = 0
    names: dict[str, list[str]] = field(default_factory=dict)

    def note(self, what: str, name: str) -> None:
        """Count one record; the first of a kind are kept by name."""
        setattr(self, what, getattr(self, what) + 1)
        some = self.names.setdefault(what, [])
        if len(some) < EXAMPLES:
            some.append(name)

    @property
    def counted(self) -> list[tuple[int, str]]:
        """The counts with their words."""
        return [(getattr(self, verb), _SINGULAR.get(verb, f"to {verb}")) for verb in _VERBS]


@dataclass(slots=True)
class Refusal:
    """Records that would be refused for one reason; not `whole`: they go, without the field that it names.

    `quote` is what Salesforce would say, `cure` what to do about it.
    """

    here: str
    code: str
    quote: str
    cure: str
    count: int = 0
    whole: bool = True
    names: list[str] = field(default_factory=list)


@dataclass(frozen=True, slots=True)
class Example:
    """One value that would change; `where` is "there" or "here", `why` says by which rule."""

    here: str
    title: str
    field: str
    before: str
    after: str
    where: str
    why: str


@dataclass(slots=True)
class Outcome:
    """All of it. `missing` are objects and fields that are not there or not visible, in plain names.

    `winners` say in words, for what is linked, whose value is taken of each field in which both sides have one.
    """

    objects: list[ObjectCount] = field(default_factory=list)
    refusals: list[Refusal] = field(default_factory=list)
    examples: list[Example] = field(default_factory=list)
    winners: list[str] = field(default_factory=list)
    missing: list[str] = field(default_factory=list)
    unseen: list[str] = field(default_factory=list)
    used_elsewhere: bool = False
    calls: int = 0

    @classmethod
    def of_json(cls, found: Mapping[str, object]) -> Outcome:
        """Return it as it was kept."""
        known: dict[str, object] = {**found}
        for name, kind in (("objects", ObjectCount), ("refusals", Refusal), ("examples", Example)):
            rows = known.get(name)
            known[name] = [kind(**row) for row in rows] if isinstance(rows, list) else []
        return cls(**known)  # type: ignore[arg-type]

    def as_json(self) -> dict[str, object]:
        """Return it to be kept, or printed."""
        return asdict(self)

    def total(self, verb: str) -> int:
        """Return how many records of all kinds it is."""
        return sum(getattr(one, verb) for one in self.objects)

    @property
    def whole_refusals(self) -> list[Refusal]:
        """The reasons for which records do not go at all."""
        return [one for one in self.refusals if one.whole]

    @property
    def sentence(self) -> str:
        """What starting would do, after “Starting would”."""
        parts = [
            f"{words} {figure(count)} record{'' if count == 1 else 's'}"
            for verb, words in (("link", "link"), ("create", "create"), ("change", "change"))
            if (count := self.total(verb))
        ]
        told = _listed(parts) if parts else "change nothing"
        refused, same = self.total("refused"), self.total("same")
        further = f" {figure(refused)} would be refused; they wait and hold nobody else." if refused else ""
        if outside := self.total("outside"):
            further += (
                f" {figure(outside)} {'is' if outside == 1 else 'are'} outside the scope and would rest."
            )
        if same:
            further += f" {figure(same)} {'is' if same == 1 else 'are'} in step already."
        return f"{told}.{further}"


def _listed(words: list[str]) -> str:
    return words[0] if len(words) == 1 else f"{', '.join(words[:-1])} and {words[-1]}"


class Refusals:
    """Collects refusals by reason."""

    def __init__(self) -> None:
        self._found: dict[tuple[str, str, str], Refusal] = {}

    def note(self, here: str, why: Refusal, title: str) -> None:
        """Count one record for a reason."""
        one = self._found.setdefault((here, why.code, why.quote), why)
        one.here = here
        one.count += 1
        if len(one.names) < EXAMPLES:
            one.names.append(title)

    def all(self) -> list[Refusal]:
        """Return them, whole ones first, the largest first."""
        return sorted(self._found.values(), key=lambda one: (not one.whole, -one.count))
