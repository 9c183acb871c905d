"""Whose credit an order is, in parts: shared by hand, by rule, and not shared any more.

What a person shared stays, whatever later versions of the order or rules say. All writes take the tenant's order
lock, and make the months of everybody concerned true.
"""

from collections.abc import Sequence
from datetime import date
from decimal import Decimal
from typing import Final, NamedTuple
from uuid import UUID

from django.db import transaction

from orders.book.models import Order, OrderShare, ShareRule
from orders.book.shares import WHOLE
from orders.ingest.merging.merge import lock_orders
from orders.ingest.merging.months import recompute_months
from orders.ingest.merging.sharing import share_given
from orders.ingest.statement import create
from orders.ingest.temporary import GIVEN, TOUCHED
from orders.shares import sql
from orders.states import ShareCase, ShareOrigin
from partners.directory.models import Partner
from prm.accounts.rights import Right
from prm.core.errors import Refused
from prm.tenancy.context import current_actor, current_tenant, orders_heading, say_of_orders
from prm.tenancy.tasks import send_task
from prm.tenancy.use_cases import requires

#: So many partners share one order at most.
MOST_PARTS: Final = 10
_CENT: Final = Decimal("0.01")


class Part(NamedTuple):
    """Who gets how much of an order, in per cent with at most two decimals."""

    partner_id: UUID
    percent: Decimal


@requires(Right.ORDER_TIE)
@transaction.atomic
def share_order(order_id: UUID, parts: Sequence[Part]) -> Order:
    """Share the credit of an order by hand; whatever was said of it before no longer counts.

    Raises `Refused` for an order without a partner, and for parts that are not of different partners or do not make 100.
    """
    lock_orders()
    order = _order(order_id)
    if order.partner_id is None:
        raise Refused(
            say_of_orders("Nobody is known to have sent this {order}. Tie it first."), code="unattributed"
        )
    _check(parts)
    _touch(order)
    OrderShare.objects.filter(order=order).delete()
    by = current_actor().label
    OrderShare.objects.bulk_create(
        OrderShare(
            order=order,
            partner_id=part.partner_id,
            percent=part.percent,
            origin=ShareOrigin.HAND,
            by=by,
            month=order.month,
        )
        for part in sorted(parts, key=lambda part: -part.percent)
    )
    recompute_months()
    return _order(order_id)


@requires(Right.ORDER_TIE)
@transaction.atomic
def unshare_order(order_id: UUID) -> Order:
    """Take back how an order was shared: it counts by the rules again, or else for its partner alone."""
    lock_orders()
    order = _order(order_id)
    _touch(order)
    OrderShare.objects.filter(order=order).delete()
    create(GIVEN)
    sql.GIVE_ONE.run({"order": order.pk})
    share_given()
    recompute_months()
    return _order(order_id)


def _order(order_id: UUID) -> Order:
    order = Order.objects.with_names().filter(pk=order_id).first()
    if order is None:
        raise Refused(say_of_orders("There is no such {order}."), code="not_found")
    return order


def _touch(order: Order) -> None:
    create(TOUCHED)
    sql.TOUCH_ONE.run({"tenant": current_tenant().pk, "order": order.pk})


def _check(parts: Sequence[Part]) -> None:
    if not 2 <= len(parts) <= MOST_PARTS:
        raise Refused(
            f"{orders_heading()} are shared between 2 to {MOST_PARTS} partners.", field="parts", code="parts"
        )
    partners = {part.partner_id for part in parts}
    if len(partners) < len(parts):
        raise Refused("Each partner has one part.", field="parts", code="twice")
    if Partner.objects.filter(pk__in=partners).count() < len(partners):
        raise Refused("Choose a partner for each part.", field="parts", code="required")
    _check_percents([part.percent for part in parts])
    total = sum((part.percent for part in parts), Decimal(0))
    if total != WHOLE:
        raise Refused(
            f"The parts make {total.normalize():f} per cent, not 100.", field="parts", code="not_whole"
        )


def _check_percents(percents: Sequence[Decimal]) -> None:
    for percent in percents:
        if not (percent.is_finite() and 0 < percent < WHOLE and percent == percent.quantize(_CENT)):
            raise Refused(
                "A part is above 0 and below 100 per cent, with at most two decimals.",
                field="percent",
                code="percent",
            )


# --- rules ----------------------------------------------------------------------------------------


@requires(Right.ORDER_TIE)
@transaction.atomic
def save_rule(
    *,
    case: ShareCase,
    percent: Decimal,
    subject: Partner | None = None,
    region: str = "",
    to: Partner | None = None,
    since: date | None = None,
) -> ShareRule:
    """Make a rule, or change the one there is for these orders; past orders follow, from `since` on.

    Raises `Refused` for a rule that says too little, or that gives a partner a part of its own orders.
    """
    lock_orders()
    region = region.strip() if case == ShareCase.REGION else ""
    subject = None if case == ShareCase.REGION else subject
    _check_percents([percent])
    if case == ShareCase.PARTNER and subject is None:
        raise Refused(say_of_orders("Say whose {orders} are shared."), field="subject", code="required")
    if case == ShareCase.REGION and not region:
        raise Refused("Say which region.", field="region", code="required")
    if case != ShareCase.ORGANISATION and to is None:
        raise Refused("Say who gets the part.", field="to", code="required")
    if case == ShareCase.PARTNER and subject == to:
        raise Refused("These are the partner’s own orders.", field="to", code="own")
    rule: ShareRule
    rule, _ = ShareRule.objects.update_or_create(
        case=case, subject=subject, region=region, defaults={"percent": percent, "to": to, "since": since}
    )
    send_task("orders.share_by_rules")
    return rule


@requires(Right.ORDER_TIE)
@transaction.atomic
def remove_rule(rule_id: UUID) -> None:
    """Remove a rule; orders that it shared are shared by the next that fits, or count for their partner alone."""
    lock_orders()
    ShareRule.objects.filter(pk=rule_id).delete()
    send_task("orders.share_by_rules")


@requires(Right.ORDER_TIE)
@transaction.atomic
def share_by_rules() -> None:
    """Share all orders by the rules as they are now; what was shared by hand stays."""
    lock_orders()
    values = {"tenant": current_tenant().pk}
    create(TOUCHED)
    create(GIVEN)
    sql.GIVE_ALL.run(values)
    share_given()
    sql.TOUCH_GIVEN.run(values)
    recompute_months()


@requires(Right.ORDER_TIE)
def rules() -> list[ShareRule]:
    """Return the rules, the narrowest first, with the names they speak of."""
    order = list(ShareCase)
    found = list(ShareRule.objects.select_related("subject", "to"))
    return sorted(found, key=lambda rule: (order.index(ShareCase(rule.case)), rule.subject is None))
