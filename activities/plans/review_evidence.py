"""What this app puts beside a proposal of a tier: the visits of the period, against the plan."""

from collections.abc import Sequence
from datetime import date

from activities.plans.queries import end_of, plans_in_force, start_of
from activities.visits.models import Visit
from partners.directory.models import Partner
from partners.reviews.registry import EvidenceSource
from prm.core.calendar import months_between
from prm.ui.formatting import day, plural


def _facts(partner: Partner, first: date, last: date) -> Sequence[tuple[str, str]]:
    """Return visits done of planned, and the last one (3 queries)."""
    plan = plans_in_force({partner.pk: partner.tier}, last)[partner.pk]
    met = Visit.objects.filter(
        partner=partner, happened_at__gte=start_of(first), happened_at__lt=end_of(last)
    )
    moments = list(met.order_by("-happened_at").values_list("happened_at", flat=True))
    planned = round(plan.visits * (months_between(first, last) + 1) / plan.months)
    words = f"{len(moments)} of {planned} planned" if planned else plural(len(moments), "visit")
    return [("Visits", f"{words}, last {day(moments[0])}" if moments else words)]


EVIDENCE = [EvidenceSource(key="visits", facts=_facts, order=20)]
