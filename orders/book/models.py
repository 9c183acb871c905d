"""The order book: orders and their lines."""

from decimal import Decimal
from typing import Any, Self
from uuid import UUID

from django.db import models
from django.db.models import Case, Exists, F, OuterRef, Q, Subquery, Sum, When
from django.db.models.functions import Now, Round

from orders.catalogue.models import Product
from orders.sources.models import OrderSource
from orders.states import OPEN_STATES, OrderState, ShareCase, ShareOrigin, Wait
from partners.directory import schemes
from prm.core.clock import now
from prm.core.fields import MoneyField
from prm.core.urls import tenant_url
from prm.ownfields.models import OwnValue, constraints_for, indexes_for
from prm.tenancy.audit import audited
from prm.tenancy.base import TenantForeignKey, TenantModel, unkeyed_tenant
from prm.tenancy.context import current_tenant
from prm.tenancy.managers import TenantManager, TenantQuerySet


def quantity_field(**options: Any) -> "models.DecimalField[Decimal, Decimal]":
    """Return a field for a number of units, four decimals."""
    return models.DecimalField(max_digits=18, decimal_places=4, **options)


def rate_field(**options: Any) -> "models.DecimalField[Decimal, Decimal]":
    """Return a field for a rate between two currencies: twelve decimals, so that the smallest money has eight."""
    return models.DecimalField(max_digits=24, decimal_places=12, **options)


@audited(exclude=["scheme_key"])
class IgnoredCode(TenantModel):
    """A referral code that is nobody's: its orders stay without a partner and out of the queue.

    It holds for the systems of one scheme (see `partners.directory.schemes`).
    """

    scheme = models.CharField(max_length=schemes.LONGEST, blank=True, default="")
    scheme_key = models.GeneratedField(
        expression=schemes.scheme_key("scheme"),
        output_field=models.CharField(max_length=schemes.LONGEST, db_collation="C"),
        db_persist=True,
    )
    normal = models.CharField(max_length=120, db_collation="C")
    note = models.CharField(max_length=200, blank=True)
    created_at = models.DateTimeField(default=now, editable=False)

    class Meta:
        ordering = ("normal",)
        constraints = (
            models.UniqueConstraint(fields=["tenant", "normal", "scheme_key"], name="orders_ignored_code"),
        )

    def __str__(self) -> str:
        return self.normal


class OrderQuerySet(TenantQuerySet["Order"]):
    """Reads of orders; all stay chainable."""

    def counted(self) -> Self:
        """Keep orders that count in partner-months: all but cancelled ones, reversals included."""
        return self.exclude(state=OrderState.CANCELLED)

    def waiting(self) -> Self:
        """Keep orders whose amount counts nowhere yet, since a rate is missing or no sum can hold it."""
        return self.exclude(waits="")

    def open(self) -> Self:
        """Keep orders whose outcome is still awaited."""
        return self.filter(state__in=OPEN_STATES)

    def unattributed(self) -> Self:
        """Keep orders that wait for somebody to say whose they are."""
        ignored = IgnoredCode.objects.filter(
            normal=OuterRef("code"), scheme_key=OuterRef("source__scheme_key")
        )
        return self.filter(~Exists(ignored), partner=None, is_ignored=False)

    def credited_to(self, partner_id: UUID) -> Self:
        """Keep orders of which a partner has any credit: all of those that are not shared, or `part_percent`.

        Where nothing is shared with the partner the query is that of an index, as ever.
        """
        mine = OrderShare.objects.filter(partner=partner_id)
        own = self.filter(partner=partner_id, is_shared=False)
        if not mine.exists():
            return own
        whole = Order.objects.filter(partner=partner_id, is_shared=False).order_by().values("pk")
        parts = mine.filter(order__partner__isnull=False).order_by().values("order")
        part = mine.filter(order=OuterRef("pk")).order_by().values("order").annotate(total=Sum("percent"))
        found = self.filter(pk__in=whole.union(parts, all=True))
        return found.annotate(part_percent=Subquery(part.values("total")))

    def with_names(self) -> Self:
        """Read partner and source in the same query."""
        return self.select_related("partner", "source")


# What follows from amounts, rates and lines is not told again: they have histories of their own.
_DERIVED = (
    "counted",
    "credits",
    "is_shared",
    "rate",
    "rate_on",
    "places",
    "waits",
    "refunded",
    "refunded_units",
    "sent_state",
)


@audited(exclude=["content_hash", "run", "partner_name", *_DERIVED])
class Order(TenantModel):
    """One order, named by `(tenant, source, number)`.

    `partner` is whose order it is, empty while unattributed. `code` is the normal form of the
    referral code that was sent ("" when none was), `partner_name` the name that came with it.
    `placed_at` is the earliest moment among the lines and decides `month` in the tenant's calendar.
    `amount` (in `currency`, the order's own) and `units` are sums over the lines. `counted` is the amount
    in the tenant's currency, by which alone orders are added up: the amount itself, or converted at
    `rate`, the one in force since `rate_on`, and rounded to `places` decimals; empty while it `waits`.
    `refunded` and `refunded_units` are the part of both that refunds make (0 or below); `sent_state` is
    the state as sent of an order that refunds cancelled. `is_reversal`: a cancellation document or a
    negative total; it counts in money, not as an order. `content_hash` is that of the last version sent,
    "" when only refunds came yet; corrections made by hand to rejected lines are not part of it.
    `is_ignored` takes a single order out of the queue. `is_shared`: its credit is that of its `shares`, and not all of
    its partner's; kept by the database. `credits`: how its file says that the credit is shared (`orders.sources.credits`), "" where it says
    nothing; an order of which a code is nobody's waits under that `code`.
    """

    tenant = unkeyed_tenant()
    source = TenantForeignKey(
        OrderSource, models.CASCADE, related_name="orders", enforce="trigger", index=False
    )
    # Byte order, whatever the database's language: so an index finds what begins with a text.
    number = models.CharField(max_length=64, db_collation="C")
    partner = TenantForeignKey(
        "partners.Partner",
        models.SET_NULL,
        null=True,
        related_name="orders_sent",
        enforce="trigger",
        index=False,
    )
    code = models.CharField(max_length=120, blank=True, db_default="", db_collation="C")
    partner_name = models.CharField(max_length=200, blank=True, db_default="")
    placed_at = models.DateTimeField()
    month = models.DateField()
    currency = models.CharField(max_length=3)
    amount = MoneyField()
    rate = rate_field(null=True)
    rate_on = models.DateField(null=True)
    places = models.SmallIntegerField(null=True)
    waits = models.CharField(max_length=12, choices=Wait, blank=True, default="", db_default="")
    counted = models.GeneratedField(
        expression=Case(
            When(~Q(waits=""), then=None),
            When(rate=None, then=F("amount")),
            default=Round(F("amount") * F("rate"), precision=F("places")),  # type: ignore[arg-type]  # the stubs want a number
        ),
        output_field=MoneyField(null=True),
        db_persist=True,
    )
    units = quantity_field()
    refunded = MoneyField(default=0, db_default=0)
    refunded_units = quantity_field(default=0, db_default=0)
    state = models.CharField(max_length=12, choices=OrderState)
    sent_state = models.CharField(max_length=12, choices=OrderState, blank=True, default="", db_default="")
    is_reversal = models.BooleanField(default=False)
    is_ignored = models.BooleanField(default=False, db_default=False)
    is_shared = models.BooleanField(default=False, db_default=False, editable=False)
    credits = models.TextField(blank=True, default="", db_default="", editable=False)
    content_hash = models.CharField(max_length=32)
    revision = models.IntegerField(default=1, db_default=1)
    run = TenantForeignKey(
        "orders.ImportRun", models.SET_NULL, null=True, related_name="orders", enforce="trigger", index=False
    )
    created_at = models.DateTimeField(default=now, editable=False, db_default=Now())
    updated_at = models.DateTimeField(default=now, editable=False, db_default=Now())

    objects = TenantManager.from_queryset(OrderQuerySet)()

    class Meta:
        ordering = ("-placed_at", "-id")
        constraints = (
            models.UniqueConstraint(fields=["tenant", "source", "number"], name="orders_order_number"),
            models.CheckConstraint(condition=Q(month__day=1), name="orders_order_month"),
        )
        indexes = (
            models.Index(fields=["tenant", "partner", "month", "placed_at"], name="orders_order_partner"),
            models.Index(fields=["tenant", "placed_at"], name="orders_order_placed"),
            models.Index(fields=["tenant", "updated_at"], name="orders_order_changed"),
            # Holds all that the queue shows, so that its page and its counter read no order.
            models.Index(
                fields=["tenant", "code"],
                include=["counted", "placed_at", "source", "partner_name", "is_ignored", "state"],
                condition=Q(partner=None),
                name="orders_order_unattributed",
            ),
            models.Index(
                fields=["tenant", "state", "placed_at"],
                condition=~Q(state=OrderState.COMPLETED),
                name="orders_order_state",
            ),
            models.Index(
                fields=["tenant", "currency", "placed_at"],
                condition=Q(rate__isnull=False) | ~Q(waits=""),
                name="orders_order_foreign",
            ),
            models.Index(fields=["tenant", "id"], condition=~Q(credits=""), name="orders_order_credits"),
        )

    def __str__(self) -> str:
        return self.number

    def get_absolute_url(self) -> str:
        """Return the page of this order, in the tenant in scope."""
        return tenant_url(current_tenant(), "orders:detail", pk=self.pk)


@audited(exclude=["month"], gone_by="order")
class OrderShare(TenantModel):
    """A part of the credit of an order, in per cent; those of one order make 100, which the database sees to.

    `origin` says who shared it, `by` the person's name; `rule` which rule. What was shared by hand stays, whatever
    later versions of the order and the rules say. `month` is that in which the part counts now.
    """

    order = TenantForeignKey(Order, models.CASCADE, related_name="shares", index=False)
    partner = TenantForeignKey("partners.Partner", models.PROTECT, related_name="order_shares", index=False)
    percent = models.DecimalField(max_digits=5, decimal_places=2)
    origin = models.CharField(max_length=8, choices=ShareOrigin)
    rule = TenantForeignKey("orders.ShareRule", models.SET_NULL, null=True, related_name="shares")
    by = models.CharField(max_length=160, blank=True, default="", db_default="")
    month = models.DateField()
    created_at = models.DateTimeField(default=now, editable=False, db_default=Now())

    class Meta:
        ordering = ("-percent", "partner")
        constraints = (
            models.CheckConstraint(condition=Q(percent__gt=0, percent__lte=100), name="orders_share_percent"),
        )
        indexes = (
            models.Index(fields=["tenant", "order"], name="orders_share_order"),
            models.Index(fields=["tenant", "partner", "month"], name="orders_share_partner"),
        )

    def __str__(self) -> str:
        return f"{self.percent} %"


@audited(exclude=["text_key"], about=["order"])
class OrderValue(OwnValue):
    """What one order has in one of the tenant's own fields (`prm.ownfields`); later versions of the order leave it."""

    order = TenantForeignKey(Order, models.CASCADE, related_name="own_values", index=False)
    field = TenantForeignKey("ownfields.OwnField", models.PROTECT, related_name="+", index=False)

    class Meta:
        verbose_name = "own field of an order"
        constraints = constraints_for("orders_own", "order")
        indexes = indexes_for("orders_own", "order")

    def __str__(self) -> str:
        return str(self.field.words(self.stored))


@audited()
class ShareRule(TenantModel):
    """Of which orders a part is another partner's, by rule, from the day `since` on (always without one).

    `case` partner: orders of `subject`; organisation: orders of the members of `subject`, or of any organisation;
    region: orders of partners in `region`. `to` gets `percent` of them; of an organisation's members the organisation
    does where it is empty. The narrowest rule that fits an order is the one that counts.
    """

    case = models.CharField(max_length=12, choices=ShareCase)
    subject = TenantForeignKey("partners.Partner", models.PROTECT, null=True, related_name="share_rules")
    region = models.CharField(max_length=120, blank=True, default="", db_default="")
    to = TenantForeignKey("partners.Partner", models.PROTECT, null=True, related_name="shares_by_rule")
    percent = models.DecimalField(max_digits=5, decimal_places=2)
    since = models.DateField(null=True)
    created_at = models.DateTimeField(default=now, editable=False, db_default=Now())

    class Meta:
        ordering = ("case", "created_at", "id")
        constraints = (
            models.CheckConstraint(
                condition=Q(percent__gt=0, percent__lt=100), name="orders_share_rule_percent"
            ),
            models.UniqueConstraint(
                fields=["tenant", "case", "subject", "region"],
                nulls_distinct=False,
                name="orders_share_rule_one",
            ),
        )

    def __str__(self) -> str:
        return f"{self.get_case_display()}: {self.percent} %"


class OrderLine(TenantModel):
    """One line of an order. The table of volume: references are checked set-wise by a trigger.

    `unit_price` is empty when only an amount was sent. `ordinal` counts from 1 within the order, from
    1,000,001 for lines of refunds. `state` is the line's own where it is not the order's; a cancelled
    line of an order that stands does not count. `refund`: checksum of the content of a refund's line, by
    which it is known when it comes again; "" for the order's own lines. Of a line that a file has added to those of
    others the checksum begins with `ADDED`.
    """

    #: How the checksum of a line begins that belongs to the order, but came in one of several files.
    ADDED = "+"

    # No id: the one index that every line is entered in is the one that finds it.
    id = None  # type: ignore[assignment]  # removes the inherited field
    pk = models.CompositePrimaryKey("tenant", "order", "ordinal")
    tenant = unkeyed_tenant()
    order = TenantForeignKey(Order, models.CASCADE, related_name="lines", enforce="trigger", index=False)
    ordinal = models.IntegerField()
    product = TenantForeignKey(
        Product, models.PROTECT, null=True, related_name="+", enforce="trigger", index=False
    )
    quantity = quantity_field()
    unit_price = models.DecimalField(max_digits=20, decimal_places=6, null=True)
    amount = MoneyField()
    placed_at = models.DateTimeField()
    state = models.CharField(max_length=12, choices=OrderState, blank=True, default="", db_default="")
    refund = models.CharField(max_length=32, blank=True, default="", db_default="")

    class Meta:
        ordering = ("order", "ordinal")

    def __str__(self) -> str:
        return f"{self.order_id} {self.ordinal}"

    @property
    def is_refund(self) -> bool:
        """Whether it takes something off the order."""
        return bool(self.refund) and not self.refund.startswith(self.ADDED)
