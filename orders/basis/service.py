"""What another time zone, or another currency, does to orders; done in the transaction of the change."""

from datetime import date, time
from decimal import Decimal
from zoneinfo import ZoneInfo

from django.db.models import Count, Min
from django.db.models.functions import TruncTime

from orders.basis import sql
from orders.book.models import Order, OrderLine
from orders.ingest.merging.merge import lock_orders
from orders.ingest.merging.months import recompute_months
from orders.ingest.merging.sharing import share_given
from orders.ingest.statement import Values, create
from orders.ingest.temporary import GIVEN, TOUCHED
from orders.rates.models import ExchangeRate
from orders.rates.service import convert_all
from orders.shares.sql import GIVE_ALL
from prm.company.settings.moves import Effect, Move, place_of
from prm.core.calendar import local_date, today
from prm.tenancy.context import current_tenant, say_of_orders
from prm.tenancy.use_cases import needs_no_right
from prm.ui.formatting import day, plural


@needs_no_right("reads, for who is about to change the company's settings")
def effects(move: Move) -> list[Effect]:
    """Say what a change would do to orders; [] where there are none, or it does nothing."""
    if move.field == "timezone":
        return _zone_effects(move)
    return _money_effects(move) if move.field == "currency" else []


@needs_no_right("follows from a change of the company's settings, whose right was asked there")
def follow(move: Move) -> None:
    """Do it: the tenant's row has its new values already."""
    if not Order.objects.exists():
        return
    if move.field == "timezone":
        _move_days(move)
    elif move.field == "currency":
        _count_anew(move)


# --- another calendar -----------------------------------------------------------------------------


def _zone_effects(move: Move) -> list[Effect]:
    orders = Order.objects.count()
    if not orders:
        return []
    noun, nouns = _nouns()
    local = TruncTime("placed_at", tzinfo=ZoneInfo(move.before))
    days = Order.objects.annotate(at=local).filter(at=time()).count()
    words = (
        f"{plural(days, f'{noun} that came with a day keeps it', f'{nouns} that came with a day keep it')}. "
    )
    if orders > days:
        timed = plural(
            orders - days, f"{noun} with a time keeps its moment", f"{nouns} with a time keep their moment"
        )
        words += (
            f"{timed} and may count in another day or month; times that were sent without a zone were read in "
            f"{place_of(move.before)} time, and a file that is imported again is read in that of {place_of(move.after)}. "
        )
    return [Effect(f"{words}Months and standings are worked out anew.", orders + OrderLine.objects.count())]


def _move_days(move: Move) -> None:
    lock_orders()
    values: Values = {"tenant": current_tenant().pk, "zone": move.after, "before": move.before}
    create(TOUCHED)
    sql.TOUCH_EVERYTHING.run(values)
    sql.MOVE_LINES.run(values)
    sql.MOVE_ORDERS.run(values)
    sql.TOUCH_EVERYTHING.run(values)
    # A rule of shared credit holds from a day on, and days have moved.
    create(GIVEN)
    GIVE_ALL.run({"tenant": current_tenant().pk})
    share_given()
    recompute_months()


# --- another money --------------------------------------------------------------------------------


def _money_effects(move: Move) -> list[Effect]:
    found = Order.objects.order_by().values_list("currency").annotate(orders=Count("pk"))
    counts: dict[str, int] = dict(found)
    total = sum(counts.values())
    if not total:
        return []
    noun, nouns = _nouns()
    parts = []
    if kept := counts.pop(move.after, 0):
        parts.append(f"{plural(kept, noun, nouns)} in {move.after} count as sent.")
    if old := counts.pop(move.before, 0):
        since = _rate_since(move)
        parts.append(
            f"{plural(old, noun, nouns)} in {move.before} count at your rate"
            + (
                f", which holds from {day(since)} on until you set others under Exchange rates."
                if since
                else "."
            )
        )
    known = set(ExchangeRate.objects.filter(into=move.after).values_list("currency", flat=True))
    for code, orders in sorted(counts.items()):
        if code not in known:
            waits = plural(orders, f"{noun} in {code} waits", f"{nouns} in {code} wait")
            parts.append(f"{waits} for a rate into {move.after}, and count nowhere until then.")
    return [Effect(" ".join(parts) or say_of_orders("{Orders} count in it."), total, needs_rate=bool(old))]


def _rate_since(move: Move) -> date | None:
    """Return from when on the rate holds that is given with the change; None where one is known for all orders."""
    first = Order.objects.filter(currency=move.before).aggregate(first=Min("placed_at"))["first"]
    since = local_date(current_tenant(), first) if first else today(current_tenant())
    held = ExchangeRate.objects.filter(currency=move.before, into=move.after)
    return None if held.filter(since__lte=since).exists() else since


def _count_anew(move: Move) -> None:
    lock_orders()
    since = _rate_since(move)
    if move.rate is not None and since is not None:
        ExchangeRate.objects.create(
            currency=move.before,
            into=move.after,
            since=since,
            rate=move.rate.quantize(Decimal(1).scaleb(-12)),
            source="Change of currency",
        )
    tenant = current_tenant().pk
    create(TOUCHED)
    if sql.COUNT_OWN_MONEY.run({"tenant": tenant, "into": move.after}):
        sql.TOUCH_EVERYTHING.run({"tenant": tenant})
        recompute_months()
    convert_all()


def _nouns() -> tuple[str, str]:
    tenant = current_tenant()
    return tenant.order_noun, tenant.order_noun_plural
