"""The order book: orders and their lines."""

from decimal import Decimal
from typing import Self

from django.db import models
from django.db.models import Exists, OuterRef, Q
from django.db.models.functions import Now

from orders.catalogue.models import Product
from orders.sources.models import OrderSource
from orders.states import OPEN_STATES, OrderState
from partners.directory import schemes
from prm.core.clock import now
from prm.core.fields import MoneyField
from prm.core.urls import tenant_url
from prm.tenancy.audit import audited
from prm.tenancy.base import TenantForeignKey, TenantModel
from prm.tenancy.context import current_tenant, current_tenant_id
from prm.tenancy.managers import TenantManager, TenantQuerySet


def quantity_field() -> "models.DecimalField[Decimal, Decimal]":
    """Return a field for a number of units, four decimals."""
    return models.DecimalField(max_digits=18, decimal_places=4)


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

    def open(self) -> Self:
        """Keep orders whose outcome is still awaited."""
        return self.filter(state__in=OPEN_STATES)

    def unattributed(self) -> Self:
        """Keep orders that wait for somebody to say whose they are."""
        ignored = IgnoredCode.objects.filter(
            normal=OuterRef("code"), scheme_key=OuterRef("source__scheme_key")
        )
        return self.filter(~Exists(ignored), partner=None, is_ignored=False)

    def with_names(self) -> Self:
        """Read partner and source in the same query."""
        return self.select_related("partner", "source")


@audited(exclude=["content_hash", "run", "partner_name"])
class Order(TenantModel):
    """One order, named by `(tenant, source, number)`.

    `partner` is whose order it is, empty while unattributed. `code` is the normal form of the
    referral code that was sent ("" when none was), `partner_name` the name that came with it.
    `placed_at` is the earliest moment among the lines and decides `month` in the tenant's calendar.
    `amount` (in `currency`) and `units` are sums over the lines. `is_reversal`: a cancellation
    document or a negative total; it counts in money, not as an order. `content_hash` is that of the
    last version sent; corrections made by hand to rejected lines are not part of it.
    `is_ignored` takes a single order out of the queue.
    """

    source = TenantForeignKey(OrderSource, models.CASCADE, related_name="orders", index=False)
    # Byte order, whatever the database's language: so an index finds what begins with a text.
    number = models.CharField(max_length=64, db_collation="C")
    partner = TenantForeignKey(
        "partners.Partner", models.SET_NULL, null=True, related_name="orders_sent", index=False
    )
    code = models.CharField(max_length=120, blank=True, db_default="", db_collation="C")
    partner_name = models.CharField(max_length=200, blank=True, db_default="")
    placed_at = models.DateTimeField()
    month = models.DateField()
    currency = models.CharField(max_length=3)
    amount = MoneyField()
    units = quantity_field()
    state = models.CharField(max_length=12, choices=OrderState)
    is_reversal = models.BooleanField(default=False)
    is_ignored = models.BooleanField(default=False, db_default=False)
    content_hash = models.CharField(max_length=32)
    revision = models.IntegerField(default=1, db_default=1)
    run = TenantForeignKey("orders.ImportRun", models.SET_NULL, null=True, related_name="orders", index=False)
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
                include=["amount", "placed_at", "source", "partner_name", "is_ignored"],
                condition=Q(partner=None),
                name="orders_order_unattributed",
            ),
            models.Index(
                fields=["tenant", "state", "placed_at"],
                condition=~Q(state=OrderState.COMPLETED),
                name="orders_order_state",
            ),
        )

    def __str__(self) -> str:
        return self.number

    def get_absolute_url(self) -> str:
        """Return the page of this order, in the tenant in scope."""
        return tenant_url(current_tenant(), "orders:detail", pk=self.pk)


class OrderLine(TenantModel):
    """One line of an order. The table of volume: references are checked set-wise by a trigger.

    `unit_price` is empty when only an amount was sent. `ordinal` counts from 1 within the order.
    """

    # No id: the one index that every line is entered in is the one that finds it.
    id = None  # type: ignore[assignment]  # removes the inherited field
    pk = models.CompositePrimaryKey("tenant", "order", "ordinal")
    # No key of its own: the policy pins the tenant, and the trigger finds it in the order.
    tenant = models.ForeignKey(
        "tenancy.Tenant",
        on_delete=models.CASCADE,
        default=current_tenant_id,
        editable=False,
        related_name="+",
        db_index=False,
        db_constraint=False,
    )
    order = TenantForeignKey(Order, models.CASCADE, related_name="lines", enforce="trigger", index=False)
    ordinal = models.IntegerField()
    product = TenantForeignKey(
        Product, models.PROTECT, null=True, related_name="+", enforce="trigger", index=False
    )
    quantity = quantity_field()
    unit_price = models.DecimalField(max_digits=20, decimal_places=6, null=True)
    amount = MoneyField()
    placed_at = models.DateTimeField()

    class Meta:
        ordering = ("order", "ordinal")

    def __str__(self) -> str:
        return f"{self.order_id} {self.ordinal}"
