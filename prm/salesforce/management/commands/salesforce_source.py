"""`salesforce_source`: the set-up as a source folder, for administrators who deploy with their own tools."""

from __future__ import annotations

from argparse import ArgumentParser
from pathlib import Path

from django.core.management.base import BaseCommand, CommandError

from prm.salesforce.mapping import registry
from prm.salesforce.setup.source import source_files


class Command(BaseCommand):
    help = "Write what Salesforce needs (fields, object, permission set) as a source folder of Salesforce DX."
    requires_system_checks: tuple[str, ...] = ()

    def add_arguments(self, parser: ArgumentParser) -> None:
        parser.add_argument(
            "--to", required=True, type=Path, metavar="FOLDER", help="an empty or earlier folder"
        )

    def handle(self, *args: object, to: Path, **options: object) -> None:
        files = source_files(registry.declared().values())
        stale = [
            path
            for path in (to / "force-app").rglob("*")
            if path.is_file() and path.relative_to(to).as_posix() not in files
        ]
        try:
            for name, text in files.items():
                (to / name).parent.mkdir(parents=True, exist_ok=True)
                (to / name).write_text(text, encoding="utf-8")
        except OSError as error:
            raise CommandError(f"{to} cannot be written: {error.strerror or error}.") from error
        self.stdout.write(f"{len(files)} files written to {to}.")
        for path in sorted(stale):
            self.stdout.write(f"{path} is of no mapping of this version; nothing here reads it.")
