"""Demo orders: 24 months that come in as files, through the import like everybody's.

What a day holds depends on the tenant and on how long ago it is, so that the demo looks alive on any
day it is made. A second run finds the source and leaves everything as it is.
"""

import csv
import random
from collections.abc import Iterator, Sequence
from dataclasses import dataclass
from datetime import date, timedelta
from decimal import Decimal
from pathlib import Path
from tempfile import TemporaryDirectory

from django.db import transaction

from orders.doors.files.inputs import FileInput
from orders.reconciliation import service as reconciliation
from orders.reconciliation.models import ReconciledDay
from orders.reconciliation.reading import TotalRow
from orders.reconciliation.states import Origin
from orders.runs.execution import execute
from orders.runs.models import ImportRun
from orders.runs.service import open_run
from orders.runs.states import RunState
from orders.sources.models import OrderSource
from orders.sources.service import load_source
from partners.directory.codes import npi_with_check_digit
from partners.directory.models import Partner
from partners.portal.models import PartnerAccess
from prm.core.calendar import add_months, month_start, today
from prm.tenancy.models import Tenant
from prm.tenancy.tasks import send_task

MONTHS = 24
DECLARED = timedelta(days=60)
# Models of what is filled here that the audit trail does not tell of.
UNTOLD = ("orders.Product",)
# Orders compared with an average month, January to December: quiet summers and Decembers.
_SEASON = (1.06, 1.0, 1.08, 1.02, 1.0, 0.96, 0.88, 0.9, 1.04, 1.1, 1.02, 0.88)
_HEADER = ["ORD_NO", "ORD_DT", "REF_CODE", "REF_NAME", "SVC_CD", "SVC_NAME", "QTY", "NET_AMT", "STAT"]

_MERCY = (
    ("ECHO-2D", "Echocardiogram", 1240), ("STRESS", "Stress test", 980), ("MRI-BR", "MRI brain", 2180),
    ("COLO", "Colonoscopy", 3410), ("INFUS", "Infusion therapy", 2960), ("PT-EVAL", "Physical therapy", 310),
    ("BIOPSY", "Biopsy", 880), ("XR-KNEE", "X-ray knee", 210), ("CARD-CON", "Cardiology consult", 420),
    ("ORTH-TKR", "Knee replacement", 18900),
)  # fmt: skip
_ANCHOR = (
    ("AUTO", "Personal auto", 1340), ("HOME", "Homeowners", 1820), ("UMB", "Umbrella", 480),
    ("BOP", "Business owners", 3900), ("WC", "Workers’ compensation", 7200), ("LIFE", "Term life", 960),
    ("DENTAL", "Group dental", 2650),
)  # fmt: skip

_SOURCE = """
name = "{name}"
date_formats = ["%m/%d/%Y"]
code_scheme = "{scheme}"
partner_kind = "{kind}"

[columns]
number = "ORD_NO"
date = "ORD_DT"
code = "REF_CODE"
partner_name = "REF_NAME"
product_code = "SVC_CD"
product_name = "SVC_NAME"
quantity = "QTY"
amount = "NET_AMT"
state = "STAT"

[states]
C = "completed"
S = "scheduled"
R = "received"
X = "cancelled"
"""


@dataclass(frozen=True)
class Sender:
    """Who sends: codes and name as the order system writes them, orders a month at first and at last."""

    codes: tuple[str, ...]
    name: str
    then: float
    now: float
    since: int = 0
    until: int = MONTHS

    def rate(self, month: int) -> float:
        """Return orders a month in the given month of the story, 0 before the first and after the last."""
        if not self.since <= month < self.until:
            return 0.0
        return self.then + (self.now - self.then) * month / (MONTHS - 1)


Row = list[str]


def fill(tenant: Tenant, size: int = 60) -> None:
    """Import 24 months of orders of the tenant's partners, a correcting file, and some riddles.

    `size` has no say here: the partners that are there send.
    """
    del size
    agents = tenant.slug == "anchor"
    name = "Policy system" if agents else "Meditech orders"
    with transaction.atomic():
        if ImportRun.objects.filter(source__name=name, state=RunState.DONE).exists():
            return
        scheme, kind = ("agent number", "agent") if agents else ("NPI", "physician")
        source, _ = load_source(_SOURCE.format(name=name, scheme=scheme, kind=kind))
        senders = [*_senders(tenant), *_strangers(tenant)]
    story = _Story(tenant, senders, _ANCHOR if agents else _MERCY)
    with TemporaryDirectory(prefix="prm-demo-") as folder:
        months = [_write(Path(folder), f"orders_{start:%Y_%m}.csv", rows) for start, rows in story.months()]
        _import(source, months)
        _declare(tenant, source)
        _import(source, [_write(Path(folder), "orders_corrected.csv", story.corrections())])


def _write(folder: Path, name: str, rows: Sequence[Row]) -> FileInput:
    path = folder / name
    with path.open("w", newline="", encoding="utf-8") as file:
        csv.writer(file).writerows([_HEADER, *rows])
    return FileInput(path, name)


def _import(source: OrderSource, files: Sequence[FileInput]) -> None:
    run = execute(open_run(source, [(f.name, f.size) for f in files]).pk, files)
    if run.state != RunState.DONE:
        raise RuntimeError(f"The demo's orders could not be imported: {run.message}")


def _declare(tenant: Tenant, source: OrderSource) -> None:
    """Take control totals of the last two months as the source counted them, before it corrected some of its orders."""
    with transaction.atomic():
        reconciliation.refresh()
        days = ReconciledDay.objects.filter(
            source=source, day__gte=today(tenant) - DECLARED, day__lt=today(tenant)
        )
        totals = [TotalRow(row.day, row.source_orders, row.source_amount) for row in days.order_by("day")]
        reconciliation.declare(source, totals, origin=Origin.FILE)


def settle(tenant: Tenant) -> None:
    """Have the days reconciled once everything is in Salesforce."""
    del tenant
    send_task("orders.reconcile")


def _senders(tenant: Tenant) -> Iterator[Sender]:
    """Every partner, each with a fate of its own; those who show the portal are busy ones."""
    chance = random.Random(f"orders of {tenant.slug}")  # nosec B311 # demo data, no secret
    shown = set(PartnerAccess.objects.values_list("partner_id", flat=True))
    partners = (
        Partner.objects.active().exclude(codes=None).prefetch_related("codes").order_by("created_at", "id")
    )
    for place, partner in enumerate(partners):
        codes = tuple(code.code for code in partner.codes.all())
        base = min(14.0, max(0.4, chance.lognormvariate(0.7, 0.8)))
        fate = chance.random()
        if partner.pk in shown:
            yield Sender(codes, partner.name, 6.5, 9.5)
        elif fate < 0.05:
            continue  # has never ordered: a prospect
        elif fate < 0.15:
            yield Sender(codes, partner.name, base, base, since=MONTHS - 1 - place % 3)
        elif fate < 0.25:
            yield Sender(codes, partner.name, base, base * 0.8, until=MONTHS - 7 - place % 5)
        elif fate < 0.45:
            yield Sender(codes, partner.name, base * 0.6, base * 1.5)
        elif fate < 0.62:
            yield Sender(codes, partner.name, base * 1.4, base * 0.5)
        else:
            yield Sender(codes, partner.name, base, base * chance.uniform(0.9, 1.15))


def _strangers(tenant: Tenant) -> Iterator[Sender]:
    """Codes nobody knows: new codes of known people, a satellite, and one that is no partner."""
    people = list(Partner.objects.filter(name__contains=" ").order_by("created_at", "id")[12:40:6])
    for place, partner in enumerate(people):
        words = partner.name.removeprefix("Dr. ").split()
        title = "" if tenant.slug == "anchor" else " MD"
        code = npi_with_check_digit(f"17300{place:04d}") if title else f"49-{3000 + place}"
        yield Sender(
            (code,), f"{words[-1]} {words[0][0]}{title}".upper(), 0, 4 - 0.5 * place, since=MONTHS - 6
        )
    first = (
        Partner.objects.order_by("created_at", "id").values_list("name", flat=True).first() or "Main Street"
    )
    yield Sender(("SAT-07",), f"{' '.join(first.split()[:2])} satellite", 1, 3, since=MONTHS - 9)
    yield Sender(("9999999999",), "SELF REFERRAL", 1.5, 1.5, since=MONTHS - 12)
    yield Sender(("LSC-ADM",), "", 1, 1, since=MONTHS - 5)
    yield Sender(("",), "", 0.5, 0.5)


class _Story:
    """Makes the rows. `recent` keeps what the correcting file comes back to."""

    def __init__(
        self, tenant: Tenant, senders: Sequence[Sender], services: Sequence[tuple[str, str, int]]
    ) -> None:
        self.chance = random.Random(f"order rows of {tenant.slug}")  # nosec B311 # demo data, no secret
        self.today: date = today(tenant)
        self.senders, self.services = senders, services
        self.agents = tenant.slug == "anchor"
        self.number = 880_000
        self.recent: list[list[Row]] = []

    def months(self) -> Iterator[tuple[date, list[Row]]]:
        """Yield the first day of each month with its rows, oldest first; the last month ends today."""
        this_month = month_start(self.today)
        for place in range(MONTHS):
            start = add_months(this_month, place - MONTHS + 1)
            end = min(add_months(start, 1) - timedelta(days=1), self.today)
            days = (end - start).days + 1
            whole = (add_months(start, 1) - start).days
            orders = [
                order
                for sender in self.senders
                for order in self._orders(
                    sender, sender.rate(place) * _SEASON[start.month - 1] * days / whole, start, days
                )
            ]
            orders.sort(key=lambda order: (order[0][1][6:], order[0][1]))
            rows = [row for order in orders for row in order]
            # The first days of a month have few orders: what is corrected then is partly last month's.
            self.recent = ([order for order in orders if order[0][8] == "C"] + self.recent)[:12]
            if place == MONTHS - 1:
                rows += self._broken(start)
            yield start, rows

    def corrections(self) -> list[Row]:
        """Give some recent orders again: with another amount, or cancelled."""
        rows: list[Row] = []
        for place, order in enumerate(self.recent):
            if place % 4 == 3:
                rows += [[*row[:8], "X"] for row in order]
            elif place % 4 == 1:
                rows += [[*row[:7], str(Decimal(row[7]) + 50), row[8]] for row in order]
            else:
                rows += order
        return rows

    def _orders(self, sender: Sender, expected: float, start: date, days: int) -> Iterator[list[Row]]:
        whole = int(expected)
        count = whole + (self.chance.random() < expected - whole)
        if count and expected > 2:
            count = max(1, count + self.chance.choice((-1, 0, 0, 0, 1)))
        for _ in range(count):
            yield self._order(sender, start + timedelta(days=self.chance.randrange(days)))

    def _order(self, sender: Sender, day: date) -> list[Row]:
        self.number += 1
        number = f"{'P' if self.agents else 'M'}-{self.number}"
        code = sender.codes[0] if self.chance.random() < 0.8 else self.chance.choice(sender.codes)
        state = self._state((self.today - day).days)
        weights = [1 / (1 + price / 900) for _, _, price in self.services]
        chosen = self.chance.choices(self.services, weights, k=1 + (self.chance.random() < 0.25))
        rows = []
        for service, name, price in dict.fromkeys(chosen):
            amount = Decimal(price) * Decimal(self.chance.randrange(85, 116)) / 100
            rows.append(
                [number, f"{day:%m/%d/%Y}", code, sender.name, service, name, "1", f"{amount:.2f}", state]
            )
        return rows

    def _state(self, age: int) -> str:
        if age < 3:
            return self.chance.choices("RSC", (6, 3, 1))[0]
        if age < 18:
            return self.chance.choices("RSCX", (1, 5, 5, 0.5))[0]
        return self.chance.choices("CX", (14, 1))[0]

    def _broken(self, start: date) -> list[Row]:
        """Lines as real systems send them: a day that does not exist, an amount left out."""
        service, name, _ = self.services[0]
        known = self.senders[0].codes[0]
        return [
            ["X-900001", f"{start:%m}/32/{start:%Y}", known, "", service, name, "1", "640.00", "C"],
            ["X-900002", f"{start:%m/%d/%Y}", known, "", service, name, "1", "", "C"],
            ["X-900003", f"{start:%m/%d/%Y}", known, "", service, name, "one", "310.00", "C"],
        ]
