"""`salesforce_status`: whether Salesforce keeps up, and what holds it up."""

from __future__ import annotations

from django.db import transaction

from prm.salesforce.pages import queries
from prm.salesforce.pages.api import RestingSerializer, status_now
from prm.salesforce.shapes.queries import rests
from prm.tenancy.commands import Options, TenantCommand


class Command(TenantCommand):
    help = "Say how the sync stands: lags, what waits and why, what rests, API calls."

    @transaction.atomic
    def work(self, options: Options) -> None:
        found = status_now()
        resting = rests()
        self.say(f"{found['state']}. {found['message']}".strip())
        for name, words in (("lag", "here to Salesforce"), ("lag_back", "Salesforce to here")):
            lag = found[name]
            if isinstance(lag, dict) and lag["median"] is not None:
                self.say(f"{words}: median {lag['median']} s, 95 of 100 within {lag['p95']} s")
        self.say(f"{found['waiting']} wait to be sent, {found['held']} are held.")
        self.say(f"{found['calls']} API calls in 24 hours of our {found['budget'] or 'unlimited share'}.")
        for group in queries.problem_groups():
            self.say(f"{group.title}: {group.quote or group.advice}")
        for one in resting:
            self.say(f"{one.name} rests: {one.words} {one.advice}")
        if self.as_json:
            self.emit({**found, "resting": [RestingSerializer(one).data for one in resting]})
