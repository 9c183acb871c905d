"""Which lines of the trail can be taken back, as the rooms offer it, and why the others cannot.

A module `audit_undos.py` of an app exposes `UNDOS`: for each kind of row either an `Undo`, which names the room's own
address for it, or `Stays` with the reason. What is done there, and who may, is the room's business.
"""

from collections import defaultdict
from collections.abc import Callable, Collection, Iterable, Mapping, Sequence
from dataclasses import dataclass, field

from prm.accounts.rights import Right
from prm.audit.trail.queries import Line
from prm.audit.trail.states import Act
from prm.core import registry
from prm.tenancy.context import current_actor


@dataclass(frozen=True, slots=True)
class Offer:
    """What may be done with one line: `url` takes a POST with `fields`. Without an address, `why` not."""

    url: str = ""
    fields: Mapping[str, str] = field(default_factory=dict)
    why: str = ""


class Taken:
    """What is registered of a kind: an `Undo`, or `Stays`."""

    __slots__ = ()
    key: str


@dataclass(frozen=True, slots=True, kw_only=True)
class Undo(Taken):
    """The undo of one kind of row: `key` is `app.model` in small letters, `offers` answers for many lines at once.

    `offers` gets lines whose act is one of `acts`, takes a fixed number of queries, and may leave lines out: those,
    and lines with other acts, say `otherwise`. Who has none of `rights` is told that they may not.
    """

    key: str
    acts: frozenset[Act]
    rights: tuple[Right, ...]
    offers: Callable[[Sequence[Line]], Mapping[str, Offer]]
    otherwise: str


@dataclass(frozen=True, slots=True)
class Stays(Taken):
    """A kind of row of which no line is taken back here, and why: where one goes instead."""

    key: str
    why: str


_registered: dict[str, Taken] = {}
MAY_NOT = "Taking this back is for others: your role does not include it."


def register(undos: Iterable[Taken]) -> None:
    """Add an app's; the same kind twice is a mistake in the code and raises ValueError."""
    registry.add(_registered, undos, "undos of the audit trail")


def known() -> Collection[str]:
    """Return the kinds that are registered."""
    return _registered.keys()


def offers_for(lines: Sequence[Line]) -> dict[str, Offer]:
    """Return for each line, by its key, how it is taken back or why not (a fixed number of queries per kind)."""
    found: dict[str, Offer] = {}
    wanted: dict[str, list[Line]] = defaultdict(list)
    for line in lines:
        undo = _registered.get(line.kind.key)
        if isinstance(undo, Undo) and line.act in undo.acts:
            wanted[line.kind.key].append(line)
        else:
            found[line.key] = Offer(why=_why(undo))
    for key, some in wanted.items():
        undo = _registered[key]
        assert isinstance(undo, Undo)
        if not any(current_actor().may(right) for right in undo.rights):
            found |= {line.key: Offer(why=MAY_NOT) for line in some}
            continue
        offers = undo.offers(some)
        found |= {line.key: offers.get(line.key, Offer(why=undo.otherwise)) for line in some}
    return found


def _why(undo: Taken | None) -> str:
    match undo:
        case Undo():
            return undo.otherwise
        case Stays():
            return undo.why
    return "Change it back where it stands."
