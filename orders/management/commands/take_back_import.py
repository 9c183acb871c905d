"""Takes an import back, or says what later depends on it."""

from argparse import ArgumentParser
from uuid import UUID

from django.core.management.base import CommandError
from django.db import transaction

from orders.runs.models import ImportRun
from orders.runs.service import take_back
from prm.core.errors import Refused
from prm.tenancy.commands import Options, TenantCommand


class Command(TenantCommand):
    """`take_back_import --tenant SLUG RUN`; RUN is what `import_orders --json` calls `run`."""

    help = "Takes an import back: removes the orders that it brought and sets back those that it changed."

    def add_options(self, parser: ArgumentParser) -> None:
        """Take the run."""
        parser.add_argument(
            "run", type=UUID, metavar="RUN", help="the import, as import_orders --json names it"
        )

    def work(self, options: Options) -> None:
        """Take it back. Exit status 1 where something later depends on it."""
        try:
            with transaction.atomic():
                run = take_back(options["run"])
        except ImportRun.DoesNotExist as error:
            raise CommandError("There is no such import.") from error
        except Refused as refused:
            raise CommandError(refused.message) from refused
        if self.as_json:
            self.emit(
                {"run": str(run.pk), "tenant": self.tenant.slug, "state": run.state, "message": run.message}
            )
        else:
            self.say(run.message)
