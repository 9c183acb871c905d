"""When reviews take place."""

from datetime import date

from partners.standing.rules import shift_months
from prm.core.calendar import add_months, quarter_start


def next_review_on(day: date, year_starts: int = 1) -> date:
    """Return the first day of the first quarter that begins at least three months after `day`.

    Quarters are those of a year that begins with the month `year_starts`.
    """
    earliest = shift_months(day, 3)
    begun = quarter_start(earliest, year_starts)
    return begun if begun >= earliest else add_months(begun, 3)
