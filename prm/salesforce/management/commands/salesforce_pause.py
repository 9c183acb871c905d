"""`salesforce_pause`: stop exchanging changes for a while, or go on."""

from __future__ import annotations

from argparse import ArgumentParser

from prm.salesforce.setup import service as setup_service
from prm.tenancy.commands import Options, TenantCommand


class Command(TenantCommand):
    help = "Pause the exchange with Salesforce (changes are kept), or resume it."

    def add_options(self, parser: ArgumentParser) -> None:
        parser.add_argument("--resume", action="store_true", help="go on")

    def work(self, options: Options) -> None:
        bound = setup_service.resume() if options["resume"] else setup_service.pause()
        words = (
            "Resumed." if options["resume"] else "Paused. Changes here are kept and go when it is resumed."
        )
        self.say(words)
        if self.as_json:
            self.emit({"tenant": self.tenant.slug, "state": bound.state})
