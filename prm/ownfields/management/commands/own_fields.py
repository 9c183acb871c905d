"""`own_fields --tenant SLUG`: the fields that a tenant has added to its records, listed, added, changed."""

from django.core.management.base import CommandError, CommandParser
from django.db import transaction

from prm.ownfields import service
from prm.ownfields.models import OwnField
from prm.ownfields.states import FieldType
from prm.tenancy.commands import Options, TenantCommand


class Command(TenantCommand):
    """Lists the fields, or adds one (`--of partner --add NAME --type text`), changes, archives, orders or removes one."""

    help = "List, add, change, order, archive or remove the tenant's own fields."

    def add_options(self, parser: CommandParser) -> None:
        parser.add_argument("--of", default="partner", help="partner (default), visit or order")
        what = parser.add_mutually_exclusive_group()
        what.add_argument("--add", metavar="NAME", help="a new field, with --type")
        what.add_argument("--change", metavar="KEY", help="the field to change")
        what.add_argument("--remove", metavar="KEY", help="remove a field of which nothing has a value")
        what.add_argument("--order", nargs="+", metavar="KEY", help="these first, the others after them")
        parser.add_argument("--type", choices=FieldType.values, default=FieldType.TEXT.value)
        parser.add_argument("--key", default="", help="with --add: its key, else made of the name")
        parser.add_argument("--name", help="with --change: another name")
        parser.add_argument(
            "--choices", nargs="+", metavar="WORD", help="the words of a choice, in their order"
        )
        archive = parser.add_mutually_exclusive_group()
        archive.add_argument("--archive", action="store_true", help="with --change: off forms and lists")
        archive.add_argument(
            "--bring-back", action="store_true", help="with --change: with the values it had"
        )

    def work(self, options: Options) -> None:
        of = str(options["of"])
        if options["add"]:
            service.add_field(
                of=of,
                name=options["add"],
                type=options["type"],
                choices=options["choices"] or (),
                key=options["key"],
            )
        elif options["change"]:
            self._change(self._field(of, options["change"]), options)
        elif options["remove"]:
            service.remove_field(self._field(of, options["remove"]).pk)
        elif options["order"]:
            service.order_fields(of, options["order"])
        self._say()

    def _field(self, of: str, key: str) -> OwnField:
        with transaction.atomic():
            field = OwnField.objects.of_record(of).filter(key=key).first()
        if field is None:
            raise CommandError(f"{key!r} is no field of {of}.")
        return field

    def _change(self, field: OwnField, options: Options) -> None:
        archived = True if options["archive"] else False if options["bring_back"] else None
        words = None
        if options["choices"]:
            known = {choice.word.casefold(): choice.key for choice in field.options}
            words = [(known.get(word.casefold(), ""), word) for word in options["choices"]]
        service.change_field(field.pk, name=options["name"], is_archived=archived, words=words)

    def _say(self) -> None:
        with transaction.atomic():
            fields = list(OwnField.objects.all())
        if self.as_json:
            names = ("of", "key", "name", "type", "choices", "is_archived")
            rows = [{name: getattr(field, name) for name in names} for field in fields]
            self.emit({"tenant": self.tenant.slug, "fields": rows})
            return
        for field in fields:
            words = ", ".join(choice.word for choice in field.options if choice.offered)
            notes = [field.get_type_display().lower(), *([words] if words else [])]
            notes += ["archived"] if field.is_archived else []
            self.say(f"{field.of} {field.key}: {field.name} ({'; '.join(notes)})")
        if not fields:
            self.say("No own fields yet.")
