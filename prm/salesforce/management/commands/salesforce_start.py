"""`salesforce_start`: begin to exchange changes with the connected organisation; dry, say what would happen."""

from __future__ import annotations

from argparse import ArgumentParser

from prm.salesforce.adoption.outcome import Outcome
from prm.salesforce.setup import service as setup_service
from prm.tenancy.commands import Options, TenantCommand


class Command(TenantCommand):
    help = "Start exchanging changes with Salesforce; until then nothing is written there."

    def add_options(self, parser: ArgumentParser) -> None:
        parser.add_argument("--dry-run", action="store_true", help="only say what starting would do")

    def work(self, options: Options) -> None:
        if options["dry_run"]:
            outcome = setup_service.try_start()
            self._tell(outcome)
            if self.as_json:
                self.emit(outcome.as_json())
            return
        bound = setup_service.start()
        self.say(f"Started with {bound}. Next: salesforce_sync --tenant {self.tenant.slug}")
        if self.as_json:
            self.emit({"tenant": self.tenant.slug, "state": bound.state})

    def _tell(self, outcome: Outcome) -> None:
        self.say(f"Starting would {outcome.sentence} Nothing was written.")
        for one in outcome.objects:
            counts = ", ".join(f"{count:,} {words}" for count, words in one.counted if count)
            self.say(f"{one.here} ({one.there}): {counts or 'nothing to do'}")
        for words in outcome.winners:
            self.say(words)
        for refusal in outcome.refusals:
            self.say(f"{refusal.count:,} {refusal.here}: {refusal.quote} {refusal.cure}".rstrip())
        for example in outcome.examples:
            self.say(
                f"  {example.title}, {example.field}: {example.before or '–'} → {example.after or '–'} ({example.why})"
            )
