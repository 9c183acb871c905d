"""What of this app a line of the audit trail offers to take back, each by its room's own address."""

from collections.abc import Callable, Mapping, Sequence

from activities.market.budgets.models import BudgetUpdate
from activities.market.competition.models import Insight
from activities.visits.models import Visit
from prm.accounts.rights import Right
from prm.audit.trail.queries import Line
from prm.audit.trail.states import Act
from prm.audit.trail.undoing import Offer, Stays, Taken, Undo
from prm.core.urls import tenant_url
from prm.tenancy.context import current_tenant


def _there_and_back(
    model: type[Visit] | type[Insight], name: str
) -> Callable[[Sequence[Line]], Mapping[str, Offer]]:
    """Return offers to take back what was added and is here, and to bring back what was taken back and is not."""

    def offers(lines: Sequence[Line]) -> Mapping[str, Offer]:
        here = set(
            model.objects.filter(pk__in={line.object_id for line in lines}).values_list("pk", flat=True)
        )
        found = {}
        for line in lines:
            if (line.object_id in here) == (line.act == Act.ADDED):
                way = "remove" if line.act == Act.ADDED else "restore"
                found[line.key] = Offer(_url(f"{name}-{way}", line))
        return found

    return offers


def _url(name: str, line: Line) -> str:
    return tenant_url(current_tenant(), f"activities:{name}", pk=line.object_id)


def _budgets(lines: Sequence[Line]) -> Mapping[str, Offer]:
    """Offer it while nothing was changed since and the opportunity is open, as its page does (2 queries)."""
    rows = BudgetUpdate.objects.filter(pk__in={line.object_id for line in lines}, old_amount__isnull=False)
    mine = {row.pk: row for row in rows.select_related("opportunity") if row.opportunity.is_open}
    of = {row.opportunity_id for row in mine.values()}
    latest = BudgetUpdate.objects.filter(opportunity__in=of).order_by("opportunity", "-at", "-id")
    last = set(latest.distinct("opportunity").values_list("pk", flat=True))
    return {
        line.key: Offer(_url("budget-reverse", line))
        for line in lines
        if line.object_id in mine and line.object_id in last
    }


_BOTH = frozenset({Act.ADDED, Act.REMOVED})
_WRITE = (Right.ACTIVITY_WRITE,)
_ON_PAGE = "Change it back on its page; what it was stands here."
_CAMPAIGN = "Change it back on the page of the campaign, as far as its wave has not begun."

UNDOS: list[Taken] = [
    Undo(
        key="activities.visit",
        acts=_BOTH,
        rights=_WRITE,
        offers=_there_and_back(Visit, "visit"),
        otherwise="Edit the visit back on its page, or it was taken back already.",
    ),
    Undo(
        key="activities.insight",
        acts=_BOTH,
        rights=_WRITE,
        offers=_there_and_back(Insight, "insight"),
        otherwise="Edit the insight back on its page, or it was taken back already.",
    ),
    Undo(
        key="activities.budgetupdate",
        acts=frozenset({Act.ADDED}),
        rights=_WRITE,
        offers=_budgets,
        otherwise="The budget has been changed since, began here or is closed: enter the right amount.",
    ),
    Stays("activities.opportunityproduct", "Change the products back on the opportunity's page."),
    Stays("activities.visitvalue", "Edit the visit back on its page."),
    Stays("activities.callplan", "Plan anew: a plan that was in force explains what was due then."),
    Stays("activities.insightdifferentiator", "Edit the insight back on its page."),
    Stays("activities.competitor", "Merged names are taken apart again on their page."),
    Stays("activities.differentiator", "Merged reasons are taken apart again on their page."),
    Stays("activities.battleline", "Write the line as it was: earlier versions stand under it."),
    Stays("activities.marketnews", "News are read or joined, and do not come back."),
    Stays("activities.opportunity", "A closed one is opened again on its page; amounts are taken back there as well."),
    Stays("activities.opportunityorder", "Tie and untie on the page of the opportunity."),
    Stays("campaigns.campaign", _CAMPAIGN),
    Stays("campaigns.wave", "A wave that was drawn stays drawn: its coins were tossed before anybody saw them."),
    Stays("campaigns.link", _CAMPAIGN),
    Stays("campaigns.countingsettings", _ON_PAGE),
]  # fmt: skip
