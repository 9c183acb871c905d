"""Which steps a cycle may take, as pure functions."""

from datetime import date

from partners.reviews.cycle.states import CycleState
from prm.core.calendar import add_months, quarter_start


def effective_day(day: date, year_starts: int) -> date:
    """Return the day from which decisions of a review opened on a day are in force: the next quarter's first."""
    return add_months(quarter_start(day, year_starts), 3)


def after_signing(state: CycleState, *, two_people: bool) -> CycleState:
    """Return where a cycle stands after a signature. Signing what is signed changes nothing: closed twice is closed once."""
    if state == CycleState.OPEN:
        return CycleState.SIGNED_ONCE if two_people else CycleState.SIGNED
    if state == CycleState.SIGNED_ONCE:
        return CycleState.SIGNED
    return state
