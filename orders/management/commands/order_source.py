"""Creates or changes an order source from a file, or lists the sources."""

from argparse import ArgumentParser
from pathlib import Path

from django.core.management.base import CommandError
from django.db import transaction

from orders.sources.models import OrderSource
from orders.sources.service import load_source
from prm.core.schema import SchemaError
from prm.tenancy.commands import Options, TenantCommand


class Command(TenantCommand):
    """`order_source --tenant SLUG --load FILE` or `--list`."""

    help = "Creates or changes an order source from a TOML file, or lists the sources."

    def add_options(self, parser: ArgumentParser) -> None:
        """Either --load or --list."""
        what = parser.add_mutually_exclusive_group(required=True)
        what.add_argument("--load", metavar="FILE", type=Path, help="a TOML file; see docs/administrators.md")
        what.add_argument("--list", action="store_true", help="list the sources")

    def work(self, options: Options) -> None:
        """Load or list."""
        if options["list"]:
            self._list()
        else:
            self._load(options["load"])

    def _load(self, path: Path) -> None:
        try:
            text = path.read_text(encoding="utf-8")
        except (OSError, UnicodeDecodeError) as error:
            raise CommandError(f"{path} cannot be read: {error}") from error
        try:
            source, created = load_source(text)
        except SchemaError as error:
            lines = "\n".join(
                f"  {p.field}: {p.message}" if p.field else f"  {p.message}" for p in error.problems
            )
            raise CommandError(f"{path} is not a valid order source:\n{lines}") from error
        if self.as_json:
            self.emit({"tenant": self.tenant.slug, "source": source.name, "created": created})
        else:
            self.say(f"Source {source.name!r} of {self.tenant.slug} {'created' if created else 'changed'}.")

    def _list(self) -> None:
        with transaction.atomic():
            sources = list(OrderSource.objects.all())
        if self.as_json:
            rows = [{"name": s.name, "kind": s.kind, "active": s.is_active, "spec": s.spec} for s in sources]
            self.emit({"tenant": self.tenant.slug, "sources": rows})
            return
        for source in sources:
            self.say(f"{source.name}\t{source.get_kind_display()}\t{'active' if source.is_active else 'off'}")
        if not sources:
            self.say("There is no order source yet. Make one: order_source --tenant SLUG --load FILE")
