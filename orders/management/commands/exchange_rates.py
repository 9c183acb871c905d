"""Loads rates of exchange from a table, lists them and what waits, or converts all orders anew."""

from argparse import ArgumentParser
from pathlib import Path

from django.core.management.base import CommandError
from django.db import transaction

from orders.book.words import rate_words
from orders.rates import queries, service
from prm.tenancy.commands import Options, TenantCommand


class Command(TenantCommand):
    """`exchange_rates --tenant SLUG --load FILE`, `--list`, `--waiting` or `--again`."""

    help = "Loads rates of exchange from a CSV table, lists them and what waits for one, or converts all orders anew."

    def add_options(self, parser: ArgumentParser) -> None:
        """One of the four."""
        what = parser.add_mutually_exclusive_group(required=True)
        what.add_argument(
            "--load", metavar="FILE", type=Path, help="CSV with the headings currency, since, rate"
        )
        what.add_argument("--list", action="store_true", help="list the rates")
        what.add_argument("--waiting", action="store_true", help="list what waits for a rate")
        what.add_argument("--again", action="store_true", help="convert every order as the rates say")

    def work(self, options: Options) -> None:
        """Do one of the four."""
        if options["load"]:
            self._load(options["load"])
        elif options["list"]:
            self._list()
        elif options["waiting"]:
            self._waiting()
        else:
            converted = service.convert_all()
            if self.as_json:
                self.emit({"tenant": self.tenant.slug, "orders_converted": converted})
            else:
                self.say(f"{converted:,} orders converted.")

    def _load(self, path: Path) -> None:
        try:
            text = path.read_text(encoding="utf-8-sig")
        except (OSError, UnicodeDecodeError) as error:
            raise CommandError(f"{path} cannot be read: {error}") from error
        taken = service.import_rates(text, source=path.name)
        if self.as_json:
            self.emit(
                {
                    "tenant": self.tenant.slug,
                    "created": taken.created,
                    "corrected": taken.corrected,
                    "unchanged": taken.unchanged,
                    "orders_converted": taken.converted,
                }
            )
            return
        self.say(
            f"{taken.created:,} rates new, {taken.corrected:,} corrected, {taken.unchanged:,} known;"
            f" {taken.converted:,} orders converted."
        )

    def _list(self) -> None:
        with transaction.atomic():
            rates = list(queries.rates())
        if self.as_json:
            rows = [
                {"currency": r.currency, "into": r.into, "since": r.since, "rate": rate_words(r.rate)}
                for r in rates
            ]
            self.emit({"tenant": self.tenant.slug, "rates": rows})
            return
        for rate in rates:
            self.say(f"{rate.currency}\t{rate.into}\t{rate.since}\t{rate_words(rate.rate)}\t{rate.source}")
        if not rates:
            self.say("There is no rate yet. Load some: exchange_rates --tenant SLUG --load FILE")

    def _waiting(self) -> None:
        with transaction.atomic():
            waiting = queries.waiting_months()
        if self.as_json:
            self.emit({"tenant": self.tenant.slug, "waiting": [entry._asdict() for entry in waiting]})
            return
        for entry in waiting:
            self.say(
                f"{entry.currency}\t{entry.month:%Y-%m}\t{entry.orders:,} orders\t{entry.amount}\t{entry.words}"
            )
        if not waiting:
            self.say("Nothing waits.")
