"""Writes of counting that no visitor makes: settling what came, and letting go of what is over."""

from datetime import timedelta
from typing import Final
from uuid import UUID

from django.db import connection, transaction

from activities.campaigns.counting import sql
from activities.campaigns.counting.models import DaySalt, WebDay, WebEvent
from activities.campaigns.counting.rules import BURST_LINKS, BURST_SECONDS
from activities.campaigns.planning.service import ask_for_figures
from activities.campaigns.settings.queries import settings_of_tenant
from prm.core import calendar, clock
from prm.core.ids import id_stem
from prm.core.locks import lock_tenant
from prm.tenancy.context import current_tenant
from prm.tenancy.use_cases import requires

#: So long a request waits before it is judged: a scanner's burst, and a person's first look at a page, are over by then.
WAIT: Final = timedelta(seconds=20)
SLICE: Final = 20_000


@requires()
def settle(*, wait: timedelta = WAIT) -> bool:
    """Judge a slice of what came, and add it up by day; returns whether there is more. For a worker."""
    with transaction.atomic():
        tenant = current_tenant()
        lock_tenant("campaigns-settle", tenant.pk)
        until = clock.now() - wait
        with connection.cursor() as cursor:
            cursor.execute(
                sql.SCANNERS,
                {"until": until, "burst": BURST_SECONDS, "links": BURST_LINKS, "stem": id_stem()},
            )
            cursor.execute(sql.SETTLE, {"until": until, "most": SLICE, "stem": id_stem()})
            settled, campaigns = cursor.fetchone()
        DaySalt.objects.filter(day__lt=calendar.today(tenant)).delete()
        for campaign_id in campaigns or ():
            ask_for_figures(campaign_id=UUID(str(campaign_id)))
        return bool(settled == SLICE)


@requires()
def forget_old() -> bool:
    """Let go of days that are over: events, reasons (their sums stay), and days beyond what the tenant keeps. For a worker."""
    with transaction.atomic():
        today = calendar.today(current_tenant())
        kept_from = calendar.add_months(today, -settings_of_tenant().keep_months)
        DaySalt.objects.filter(day__lt=today).delete()
        with connection.cursor() as cursor:
            cursor.execute(sql.FOLD, {"today": today, "most": SLICE, "stem": id_stem()})
            folded = cursor.fetchone()[0]
        events = (
            WebEvent.objects.filter(day__lt=today).exclude(verdict="").order_by("pk").values("pk")[:SLICE]
        )
        gone, _ = WebEvent.objects.filter(pk__in=events).delete()
        days = WebDay.objects.filter(day__lt=kept_from).order_by("day", "pk").values("pk")[:SLICE]
        old, _ = WebDay.objects.filter(pk__in=days).delete()
        return SLICE in (folded, gone, old)
