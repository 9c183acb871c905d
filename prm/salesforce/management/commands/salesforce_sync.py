"""`salesforce_sync`: bring both sides in step now, and say what waits and why."""

from __future__ import annotations

from argparse import ArgumentParser

from django.core.management.base import CommandError

from prm.salesforce.engine.report import Report
from prm.salesforce.mapping import registry
from prm.salesforce.runs import run
from prm.tenancy.commands import Options, TenantCommand


class Command(TenantCommand):
    help = "Exchange changes with Salesforce until nothing is left to do, or say what waits and why."

    def add_options(self, parser: ArgumentParser) -> None:
        parser.add_argument("--push", action="store_true", help="only from here to Salesforce")
        parser.add_argument("--pull", action="store_true", help="only from Salesforce to here")
        parser.add_argument("--audit", action="store_true", help="compare all records on both sides")
        parser.add_argument("--repair", action="store_true", help="compare, and put right what is decided")

    def work(self, options: Options) -> None:
        push, pull, audit = options["push"], options["pull"], options["audit"] or options["repair"]
        # Without a choice: both ways. An audit alone only compares.
        both = not (push or pull or audit)
        wish = run.Wish(
            push=push or both,
            pull=pull or both,
            audit=audit,
            repair=options["repair"],
            patient=True,
            door="command",
        )
        report = run.sync(wish)
        self._tell(report)
        if self.as_json:
            self.emit(report.as_json())
        if report.failed:
            raise CommandError(report.message)

    def _tell(self, report: Report) -> None:
        for direction, counted in (("sent", report.pushed), ("received", report.pulled)):
            for key, counts in counted.items():
                words = ", ".join(f"{count} {what}" for what, count in counts.items() if count)
                self.say(f"{direction} {_plural(key)}: {words or 'nothing'}")
        for key, found in report.audit.items():
            self.say(
                f"compared {_plural(key)}: {found['here']} here, {found['same']} same, "
                f"{found['different']} different, {found['missing_there']} missing there, "
                f"{found['only_there']} only there"
                + (f", {found['at_rest']} outside the scope" if found["at_rest"] else "")
            )
            for each in found["differences"][:10]:
                self.say(f"  {each['title'] or each['id']}: {each['reason']}")
        for rest in report.rests:
            name = f"{rest['object']}.{rest['field']}" if rest["field"] else rest["object"]
            self.say(f"{name} rests since {rest['since'][:16]}: {rest['reason']} {rest['advice']}")
        for waits in report.waiting:
            self.say(f"{waits['records']} {_plural(waits['mapping'])}: {waits['reason']}")
        if report.message and not report.failed:
            self.say(report.message)
        self.say(f"{report.calls} API calls, {report.conflicts} conflicts.")


def _plural(key: str) -> str:
    one = registry.mappings().get(key)
    return one.plural if one else key
