"""`set_up --tenant SLUG`: how far a company has come; sample data filled and removed."""

from django.core.management.base import CommandError, CommandParser
from django.db import transaction

from prm.company.sample import service as sample
from prm.company.sample.queries import sample_data
from prm.company.setup import service
from prm.company.setup.queries import is_shown, progress
from prm.tenancy.commands import Options, TenantCommand


class Command(TenantCommand):
    """Lists the steps with their states. Sample data is filled or removed before the command ends."""

    help = "Show the steps of the set-up; fill an empty company with sample data, or remove it."

    def add_options(self, parser: CommandParser) -> None:
        what = parser.add_mutually_exclusive_group()
        what.add_argument("--aside", action="store_true", help="take the set-up out of the menu")
        what.add_argument("--back", action="store_true", help="put it back into the menu")
        what.add_argument("--fill-sample", action="store_true", help="fill with sample data")
        what.add_argument("--remove-sample", action="store_true", help="remove it, and nothing else")

    def work(self, options: Options) -> None:
        if options["aside"]:
            service.put_aside()
        if options["back"]:
            service.take_up()
        if options["fill_sample"]:
            sample.ask_to_fill()
            while sample.fill_step():
                pass
        if options["remove_sample"]:
            sample.ask_to_remove()
            sample.remove_all()
        self._say()

    @transaction.atomic
    def _say(self) -> None:
        steps, found = progress(), sample_data()
        if self.as_json:
            rows = [
                {
                    "key": row.step.key,
                    "title": row.step.heading,
                    "is_done": row.state.is_done,
                    "words": row.state.words,
                    "waits_for": row.waits_for,
                }
                for row in steps
            ]
            state = found.state if found else ""
            self.emit({"tenant": self.tenant.slug, "is_shown": is_shown(), "sample": state, "steps": rows})
        else:
            for row in steps:
                mark = "done" if row.state.is_done else row.waits_for or "open"
                self.say(f"{row.number}. {row.step.heading} ({mark}). {row.state.words}")
            if found:
                self.say(f"{found}. {found.message}".strip())
        if found and found.message:
            raise CommandError(found.message)
