"""`company --tenant SLUG`: a company's settings, shown and changed."""

from decimal import Decimal, InvalidOperation
from pathlib import Path

from django.core.management.base import CommandError, CommandParser
from django.db import transaction

from prm.company.settings import service
from prm.company.settings.logo import LARGEST_FILE
from prm.company.settings.models import CompanyChange
from prm.company.settings.queries import present_values, waiting_change
from prm.company.settings.rules import FIELDS, LABELS, words_of
from prm.core.errors import Refused
from prm.tenancy.commands import Options, TenantCommand


class Command(TenantCommand):
    """Shows the settings, or changes those named; what moves figures is said first, and done with --agree."""

    help = "Show or change what a company says of itself: name, words, currency, time zone, year, logo."

    def add_options(self, parser: CommandParser) -> None:
        for field in FIELDS:
            parser.add_argument(
                f"--{field.replace('_', '-')}", dest=field, metavar="VALUE", help=LABELS[field]
            )
        parser.add_argument("--rate", help="what one unit of the currency before is worth in the new one")
        parser.add_argument("--agree", action="store_true", help="do what moves figures")
        logo = parser.add_mutually_exclusive_group()
        logo.add_argument("--logo", metavar="FILE", type=Path, help="a PNG file")
        logo.add_argument("--remove-logo", action="store_true", help="the coloured letter stands again")

    def work(self, options: Options) -> None:
        values = {field: options[field] for field in FIELDS if options[field] is not None}
        change = self._change(values, options) if values else None
        if options["logo"]:
            service.set_logo(_content(options["logo"]))
        if options["remove_logo"]:
            service.remove_logo()
        self._say(change)

    def _change(self, values: Options, options: Options) -> CompanyChange | None:
        rate = _rate(options["rate"])
        try:
            return service.change_company(rate=rate, agreed=options["agree"], **values)
        except Refused as refused:
            if refused.code != "not_agreed":
                raise
            raise CommandError(f"{refused.message} Say --agree to do it.") from refused

    @transaction.atomic
    def _say(self, change: CompanyChange | None) -> None:
        values = {**present_values(), "logo": self.tenant.logo}
        waits = waiting_change() is not None
        if self.as_json:
            self.emit({"tenant": self.tenant.slug, **values, "changed": bool(change), "is_waiting": waits})
            return
        for field, value in values.items():
            self.say(f"{LABELS[field]}: {words_of(field, value)}")
        if waits:
            self.say("A change is being worked out; until then all is as before.")


def _rate(typed: str | None) -> Decimal | None:
    try:
        return None if typed is None else Decimal(typed)
    except InvalidOperation as error:
        raise CommandError(f"{typed!r} is no number: write a rate as 0.92.") from error


def _content(path: Path) -> bytes:
    try:
        with path.open("rb") as file:
            return file.read(LARGEST_FILE + 1)
    except OSError as error:
        raise CommandError(f"{path} cannot be read: {error.strerror}.") from error
