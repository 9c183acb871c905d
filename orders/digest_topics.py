"""What this app tells in the digest: imports that stopped, and orders, rates and days that wait for a person."""

from collections.abc import Sequence

from orders.attribution.service import waiting_codes
from orders.rates.queries import waiting_count
from orders.reconciliation.queries import open_count
from orders.runs.models import ImportRun
from orders.runs.states import RunState
from prm.accounts.rights import Right
from prm.digest.lines.registry import Act, Asking, Line, Topic
from prm.tenancy.context import order_nouns
from prm.ui.formatting import plural


def _imports(asking: Asking) -> Sequence[Line]:
    """Return imports of the time asked for that failed, wait for a look, or left rows out."""
    runs = ImportRun.objects.filter(created_at__gte=asking.since, created_at__lt=asking.until)
    asked = runs.filter(state__in=(RunState.FAILED, RunState.PREVIEW)) | runs.filter(
        state=RunState.DONE, rejected__gt=0
    )
    return [_run(run) for run in asked.select_related("source").order_by("-id")[:50]]


def _run(run: ImportRun) -> Line:
    if run.state == RunState.FAILED:
        words = f"Failed: {run.message}" if run.message else "Failed."
    elif run.state == RunState.PREVIEW:
        words = "Waits for your look before it is imported."
    else:
        words = f"{plural(run.rejected, 'row')} rejected."
    return Line(f"{run.source.name}: {run.title}", words, run.get_absolute_url(), mark=str(run.pk))


def _codes(asking: Asking) -> Sequence[Line]:
    """Return how many codes wait for their partner, as one line."""
    del asking  # everybody who ties orders answers all
    count = waiting_codes()
    many = order_nouns()[1]
    return [Line(f"{plural(count, 'code')} of unattributed {many}", count=count)] if count else []


def _rates(asking: Asking) -> Sequence[Line]:
    """Return how many orders wait for an exchange rate, as one line."""
    del asking  # everybody who keeps rates keeps all
    count = waiting_count()
    if not count:
        return []
    return [
        Line(
            f"{plural(count, *order_nouns())} without an exchange rate", "They count in no sum.", count=count
        )
    ]


def _days(asking: Asking) -> Sequence[Line]:
    """Return how many days differ and are not explained, as one line."""
    del asking  # everybody who reconciles explains all
    count = open_count()
    return (
        [Line(f"{plural(count, 'day')} to explain", "Source, portal and Salesforce differ.", count=count)]
        if count
        else []
    )


def _wait_for(words: str) -> tuple[str, str]:
    one, many = order_nouns()
    return f"{one} {words}", f"{many} {words}"


TOPICS = [
    Topic(
        key="imports",
        label="Imports that stopped or rejected rows",
        nouns=lambda: ("import to look at", "imports to look at"),
        right=Right.IMPORT_RUN,
        url_name="orders:imports",
        find=_imports,
        order=30,
    ),
    Topic(
        key="unattributed",
        label=lambda: f"Unattributed {order_nouns()[1]}",
        nouns=lambda: ("code without its partner", "codes without their partner"),
        right=Right.ORDER_TIE,
        url_name="orders:unattributed",
        find=_codes,
        order=50,
    ),
    Topic(
        key="rates",
        label="Exchange rates that are missing",
        nouns=lambda: _wait_for("without a rate"),
        right=Right.RATE_EDIT,
        url_name="orders:rates",
        find=_rates,
        order=55,
    ),
    Topic(
        key="reconciliation",
        label="Days that do not reconcile",
        nouns=lambda: ("day to explain", "days to explain"),
        right=Right.RECONCILE,
        url_name="orders:reconciliation",
        find=_days,
        order=58,
    ),
]
ACTS: list[Act] = []
