"""`partner_kinds --tenant SLUG`: the tenant's own kinds of partner, listed, added, changed."""

from django.core.management.base import CommandError, CommandParser

from partners.kinds import service
from partners.kinds.queries import forget, kinds
from prm.tenancy.commands import Options, TenantCommand

# By the field of a kind: the switch that sets it, and the one that takes it away.
_SWITCHES = {
    "is_regulated": ("regulated", "not_regulated"),
    "is_organisation": ("organisation", "no_organisation"),
    "is_offered": ("offer", "put_away"),
}


class Command(TenantCommand):
    """Lists the kinds, or adds one (`--add WORD`), changes one (`--change KEY`), puts them in order (`--order KEY …`)."""

    help = "List, add, change or order the kinds of partner."

    def add_options(self, parser: CommandParser) -> None:
        what = parser.add_mutually_exclusive_group()
        what.add_argument("--add", metavar="WORD", help="a new kind, by the word for one")
        what.add_argument("--change", metavar="KEY", help="the kind to change")
        what.add_argument("--order", nargs="+", metavar="KEY", help="these first, the others after them")
        parser.add_argument("--key", default="", help="with --add: its key, else made of the word")
        parser.add_argument("--singular", help="with --change: the word for one")
        parser.add_argument("--plural", help="the word for several")
        for switches in _SWITCHES.values():
            both = parser.add_mutually_exclusive_group()
            for switch in switches:
                both.add_argument(f"--{switch.replace('_', '-')}", action="store_true")

    def work(self, options: Options) -> None:
        regulated, organisation, offered = (_said(options, *switches) for switches in _SWITCHES.values())
        if options["add"]:
            if offered is not None:
                raise CommandError("A new kind is offered: put it away afterwards, with --change.")
            service.add_kind(
                singular=options["add"],
                plural=options["plural"] or "",
                key=options["key"],
                is_regulated=bool(regulated),
                is_organisation=bool(organisation),
            )
        elif options["change"]:
            service.change_kind(
                options["change"],
                singular=options["singular"],
                plural=options["plural"],
                is_regulated=regulated,
                is_organisation=organisation,
                is_offered=offered,
            )
        elif options["order"]:
            service.order_kinds(options["order"])
        elif any(said is not None for said in (regulated, organisation, offered, options["plural"])):
            raise CommandError("Say which kind: --add WORD or --change KEY.")
        forget()
        self._say()

    def _say(self) -> None:
        if self.as_json:
            fields = ("key", "singular", "plural", "is_regulated", "is_organisation", "is_offered")
            rows = [{field: getattr(kind, field) for field in fields} for kind in kinds()]
            self.emit({"tenant": self.tenant.slug, "kinds": rows})
            return
        for kind in kinds():
            notes = [
                "regulated" if kind.is_regulated else "not regulated",
                *(["organisation"] if kind.is_organisation else []),
                *([] if kind.is_offered else ["put away"]),
            ]
            self.say(f"{kind.key}: {kind.singular}, {kind.plural} ({', '.join(notes)})")


def _said(options: Options, yes: str, no: str) -> bool | None:
    """Return what two switches say, None for nothing."""
    return True if options[yes] else False if options[no] else None
