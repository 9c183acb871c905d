"""Writes of battle cards."""

from django.db import transaction

from activities.checks import text
from activities.market.cards.models import LONGEST_LINE, BattleLine
from activities.market.names.models import Competitor
from activities.market.names.queries import root_of
from prm.accounts.models import Membership
from prm.accounts.rights import Right
from prm.core.errors import Refused
from prm.tenancy.use_cases import requires


@requires(Right.ACTIVITY_MANAGE)
@transaction.atomic
def write_line(
    *, competitor: Competitor, line: str, by: Membership | None, seen: int | None = None
) -> BattleLine:
    """Write a new version of the advice against a competitor; the same words again give the version that is there.

    `seen` is the version the writer had before them, 0 for none: when another was written since, it is refused, so
    that nobody overwrites what they have not read. Raises Refused.
    """
    main = root_of(Competitor.objects.select_for_update().get(pk=competitor.pk))
    last = BattleLine.objects.filter(competitor=main).first()
    version = last.version if last else 0
    words = " ".join(text(line, "line", LONGEST_LINE).split())
    if last is not None and last.text == words:
        return last
    if seen is not None and seen != version:
        raise Refused(
            "Somebody has written another line since. Read it, then write yours.",
            field="line",
            code="changed_since",
        )
    return BattleLine.objects.create(competitor=main, version=version + 1, text=words, by=by)
