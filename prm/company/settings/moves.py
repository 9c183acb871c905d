"""Changes that move figures: another currency, another time zone, another first month of the year.

Apps say what such a change does to them (`company_effects`) and do it (`company_moved`), in the transaction in which
the tenant's row changes. This file knows none of them.
"""

from collections.abc import Callable, Sequence
from dataclasses import dataclass
from decimal import Decimal
from typing import Final, cast

from django.dispatch import Signal

from prm.core.calendar import MONTH_NAMES
from prm.tenancy.models import Tenant

MOVING: Final = ("currency", "timezone", "year_starts")

# Sent with `move`; each receiver returns a list of Effect, of what the change would do, and writes nothing.
company_effects = Signal()
# Sent with `move` when the tenant's row has its new values, before the transaction ends: receivers do what they said.
company_moved = Signal()


@dataclass(frozen=True, slots=True)
class Move:
    """One such change. `rate`: what one unit of the currency before is worth in the new one."""

    field: str
    before: str
    after: str
    rate: Decimal | None = None

    @property
    def button(self) -> str:
        """Return the words of the button that does it."""
        if self.field == "year_starts":
            return f"Start the year in {MONTH_NAMES[int(self.after) - 1]}"
        if self.field == "timezone":
            return f"Count days in {place_of(self.after)} time"
        return f"Count in {self.after}"

    @property
    def stay(self) -> str:
        """Return the words of the way back."""
        if self.field == "year_starts":
            return f"Keep {MONTH_NAMES[int(self.before) - 1]}"
        return f"Keep {place_of(self.before) if self.field == 'timezone' else self.before}"


@dataclass(frozen=True, slots=True)
class Effect:
    """A sentence of what a change does, and how many rows that moves. `needs_rate`: amounts have to be converted."""

    words: str
    rows: int = 0
    needs_rate: bool = False


def place_of(zone: str) -> str:
    """Return the place of a time zone in words: "New York"."""
    return zone.rpartition("/")[2].replace("_", " ")


def effects_of(moves: Sequence[Move]) -> list[Effect]:
    """Ask every app what changes would do to it."""
    found: list[Effect] = []
    for move in moves:
        for _, effects in company_effects.send(sender=Tenant, move=move):
            found += cast("list[Effect]", effects)
    return found


def follows(name: str, *, effects: Callable[[Move], list[Effect]], follow: Callable[[Move], object]) -> None:
    """Let an app say what a change does to it, and do it. `name` tells it from others; once more changes nothing."""

    def say(move: Move, **_: object) -> list[Effect]:
        return effects(move)

    def act(move: Move, **_: object) -> None:
        follow(move)

    company_effects.connect(say, weak=False, dispatch_uid=name)
    company_moved.connect(act, weak=False, dispatch_uid=name)
