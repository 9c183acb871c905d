"""Looking for news of the competition, every hour."""

from celery import shared_task

from activities.market.news import service
from prm.tenancy.context import Actor, tenant_scope
from prm.tenancy.models import Tenant
from prm.tenancy.tasks import send_task, tenant_task
from prm.tenancy.work.states import Queue


@tenant_task(name="activities.look_for_news", queue=Queue.NIGHTLY)
def look() -> None:
    """Look in one tenant."""
    service.look()


@shared_task(name="activities.news_everywhere")
def look_everywhere() -> None:
    """Ask for it in each tenant, so that one does not wait for another."""
    for tenant in list(Tenant.objects.filter(is_active=True)):
        actor = Actor(kind="task", door="task", label="activities.news_everywhere")
        with tenant_scope(tenant, actor=actor):
            send_task("activities.look_for_news")
