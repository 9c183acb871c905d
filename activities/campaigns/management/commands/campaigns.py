"""`manage.py campaigns`: what campaigns brought."""

from argparse import ArgumentParser

from django.db import transaction

from activities.campaigns.pages.presentation import one_line, reasons, who_line
from activities.campaigns.pages.serializers import CampaignSerializer
from activities.campaigns.planning.models import Campaign
from activities.campaigns.results.service import count_figures
from prm.core import calendar
from prm.tenancy.commands import Options, TenantCommand

MOST = 200


class Command(TenantCommand):
    """`campaigns --tenant SLUG [--count] [--json]`."""

    help = "Print what a tenant's campaigns brought; with --count, count them anew first."

    def add_options(self, parser: ArgumentParser) -> None:
        """Take whether to count."""
        parser.add_argument("--count", action="store_true")

    def work(self, options: Options) -> None:
        """Count if asked to, and print."""
        with transaction.atomic():
            if options["count"]:
                for pk in list(Campaign.objects.values_list("pk", flat=True)[:MOST]):
                    count_figures(pk)
            rows = list(
                Campaign.objects.select_related("figures", "product").prefetch_related("waves")[:MOST]
            )
            if self.as_json:
                found = [
                    {**CampaignSerializer(one).data, "filtered": {r.label: r.requests for r in reasons(one)}}
                    for one in rows
                ]
                self.emit({"tenant": self.tenant.slug, "campaigns": found})
                return
            today = calendar.today(self.tenant)
            for one in rows:
                self.say(f"{one.name}: {who_line(one)}. {one_line(one, today)[0]}.")
