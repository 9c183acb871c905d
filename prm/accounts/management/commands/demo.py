"""`demo`: two tenants to look at, filled through the services. Repeatable."""

import importlib
import importlib.util
from collections.abc import Callable, Iterator
from dataclasses import dataclass
from functools import partial

from django.apps import apps
from django.conf import settings
from django.core.management.base import CommandError, CommandParser

from prm.accounts.models import Membership
from prm.accounts.service import add_member
from prm.tenancy.commands import DatabaseCommand
from prm.tenancy.context import Actor, bound_tenant, tenant_scope
from prm.tenancy.models import Tenant
from prm.tenancy.service import create_tenant

PASSWORD = "demo"  # noqa: S105 # nosec B105 # known on purpose; the command refuses to run in production
SIGN_INS = ("admin", "manager", "rep", "partner")


@dataclass(frozen=True)
class Scene:
    """A demo tenant and the people in it: sign-in name, role, full name."""

    slug: str
    name: str
    timezone: str
    currency: str
    noun: str
    nouns: str
    people: tuple[tuple[str, str, str], ...]


SCENES = (
    Scene(
        "mercy",
        "Mercy Hospital",
        "America/New_York",
        "USD",
        "provider",
        "providers",
        (
            ("admin", "administrator", "Priya Nair"),
            ("manager", "manager", "Ruth Alvarez"),
            ("rep", "rep", "Dana Whitaker"),
            ("rep2", "rep", "Jonas Berg"),
            ("rep3", "rep", "Sofia Marino"),
            ("partner", "partner", "Elena Marchetti"),
        ),
    ),
    Scene(
        "anchor",
        "Anchor Mutual",
        "America/Chicago",
        "USD",
        "agent",
        "agents",
        (
            ("admin", "administrator", "Walter Osei"),
            ("manager", "manager", "Grace Holm"),
            ("rep", "rep", "Marcus Lind"),
            ("rep2", "rep", "Aiko Tanaka"),
            ("partner", "partner", "Rosa Delgado"),
        ),
    ),
)


class Command(DatabaseCommand):
    """Makes what is missing and leaves alone what is there."""

    help = "Create the demo tenants mercy and anchor (embedded database or PRM_DEMO=True only)."

    def add_arguments(self, parser: CommandParser) -> None:
        parser.add_argument(
            "--size", type=int, default=60, metavar="N", help="partners per tenant (default 60)"
        )

    def handle(self, *args: object, size: int, **options: object) -> None:
        if not settings.DEMO_ALLOWED:
            raise CommandError(
                "Demo sign-ins have a known password. Use the embedded database, or set PRM_DEMO=True."
            )
        for scene in SCENES:
            tenant = self._tenant(scene)
            actor = Actor(kind="command", door="demo", label="demo")
            steps = list(_steps(size))
            for number, (label, step) in enumerate(steps, 1):
                self.stdout.write(f"Filling {scene.slug}, {number} of {len(steps)}: {label}")
                self.stdout.flush()
                with bound_tenant(tenant, actor=actor):
                    step(tenant)
        self._print_sign_ins()

    def _tenant(self, scene: Scene) -> Tenant:
        tenant = Tenant.objects.filter(slug=scene.slug).first() or create_tenant(
            slug=scene.slug,
            name=scene.name,
            timezone=scene.timezone,
            currency=scene.currency,
            partner_noun=scene.noun,
            partner_noun_plural=scene.nouns,
        )
        with tenant_scope(tenant):
            known = set(Membership.objects.values_list("user__email", flat=True))
            for sign_in, role, name in scene.people:
                email = f"{sign_in}@{scene.slug}.example"
                if email not in known:
                    add_member(email=email, role=role, name=name, password=PASSWORD)
        return tenant

    def _print_sign_ins(self) -> None:
        self.stdout.write("")
        self.stdout.write(f"Sign in with the password {PASSWORD!r} as")
        for scene in SCENES:
            addresses = "  ".join(f"{sign_in}@{scene.slug}.example" for sign_in in SIGN_INS)
            self.stdout.write(f"  {scene.name:<15} {addresses}")


def _steps(size: int) -> Iterator[tuple[str, Callable[[Tenant], None]]]:
    """Yield each app's `demo.fill(tenant, size)` in the order of `INSTALLED_APPS`, then each `settle(tenant)`.

    `settle` is for what needs the other apps' data: standings, the first sync.
    """
    modules = [
        importlib.import_module(f"{config.name}.demo")
        for config in apps.get_app_configs()
        if config.name.startswith(("partners", "orders", "activities", "prm."))
        and importlib.util.find_spec(f"{config.name}.demo")
    ]
    for module in modules:
        if hasattr(module, "fill"):
            yield module.__name__.removesuffix(".demo"), partial(module.fill, size=size)
    for module in modules:
        if hasattr(module, "settle"):
            yield _first_line(module.settle), module.settle


def _first_line(function: Callable[..., None]) -> str:
    return (function.__doc__ or "").strip().partition("\n")[0].rstrip(".").lower()
