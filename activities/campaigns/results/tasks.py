"""Background work of results."""

from datetime import timedelta
from uuid import UUID

from celery import shared_task
from django.db.models import Q

from activities.campaigns.planning.models import Campaign
from activities.campaigns.planning.service import ask_for_figures
from activities.campaigns.results import service
from activities.campaigns.states import CampaignState
from prm.core import clock
from prm.tenancy.context import Actor, tenant_scope
from prm.tenancy.models import Tenant
from prm.tenancy.tasks import send_task, tenant_task


@tenant_task(name="campaigns.count_figures")
def count_figures(*, campaign_id: str) -> None:
    """Count a campaign anew."""
    service.count_figures(UUID(campaign_id))


@shared_task(name="campaigns.count_everybody")
def count_everybody() -> None:
    """Count campaigns that run, or ended so lately that orders still come in for them."""
    since = clock.now() - timedelta(weeks=52) - service.LATE
    for tenant in list(Tenant.objects.filter(is_active=True)):
        with tenant_scope(tenant, actor=Actor(kind="task", door="task", label="campaigns.count_everybody")):
            due = Campaign.objects.filter(Q(state=CampaignState.RUNNING) | Q(ended_at__gte=since))
            for campaign in due.select_related("figures"):
                if is_due(campaign):
                    ask_for_figures(campaign_id=campaign.pk)
                    send_task("campaigns.tell_members", campaign_id=str(campaign.pk))


def is_due(campaign: Campaign) -> bool:
    """Whether figures may still move: it runs, or its orders count until lately."""
    figures = getattr(campaign, "figures", None)
    if campaign.is_running or figures is None or figures.result_on is None:
        return True
    return bool(figures.result_on + service.LATE >= clock.now().date())
