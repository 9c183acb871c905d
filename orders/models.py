"""Order sources, import runs, orders with their lines, and what waits for an answer."""

from typing import Any, ClassVar, Self

from django.db import models
from django.db.models import Q
from django.db.models.functions import Now
from django.urls import reverse

from orders.spec import Spec, parse_spec
from orders.states import ACTIVE_RUNS, OPEN_STATES, OrderState, RejectState, RunState, SourceKind
from prm.tenancy.audit import audited
from prm.tenancy.base import TenantForeignKey, TenantModel
from prm.tenancy.clock import now
from prm.tenancy.context import current_tenant, current_tenant_id
from prm.tenancy.fields import MoneyField
from prm.tenancy.managers import TenantManager, TenantQuerySet


def quantity_field(**options: Any) -> "models.DecimalField[Any, Any]":
    """A number of units, four decimals."""
    return models.DecimalField(max_digits=18, decimal_places=4, **options)


@audited()
class OrderSource(TenantModel):
    """One system that sends orders, and how its columns and codes are to be read.

    `spec` is the JSON form of :class:`orders.spec.Spec`; services validate it before saving.
    """

    name = models.CharField(max_length=80)
    kind = models.CharField(max_length=8, choices=SourceKind, default=SourceKind.FILE)
    spec = models.JSONField(default=dict)
    is_active = models.BooleanField("active", default=True)
    created_at = models.DateTimeField(default=now, editable=False)

    class Meta:
        ordering = ("name",)
        constraints = (models.UniqueConstraint(fields=["tenant", "name"], name="orders_source_name"),)

    def __str__(self) -> str:
        return self.name

    @property
    def rules(self) -> Spec:
        """The specification, parsed."""
        return parse_spec(self.spec)


class ImportRunQuerySet(TenantQuerySet["ImportRun"]):
    """Reads of import runs."""

    def active(self) -> Self:
        """Waiting or running."""
        return self.filter(state__in=ACTIVE_RUNS)

    def recent(self) -> Self:
        """Started imports, latest first, with their source."""
        return self.exclude(state=RunState.PREVIEW).select_related("source").order_by("-id")


class ImportRun(TenantModel):
    """One import of one or more files of a source.

    `files`: list of {name, bytes, lines, stored_as}; `stored_as` is the name under which an upload
    waits in the storage, "" once it is gone. `counts`: the accounting, see `orders.ingest.result`.
    `step`: one of `orders.ingest.progress.STEPS`. `lines_total` is an estimate while files are read.
    `heartbeat_at` tells a running process from one that was killed.
    """

    source = TenantForeignKey(OrderSource, models.CASCADE, related_name="runs")
    door = models.CharField(max_length=16)
    by = models.CharField(max_length=160, blank=True)
    state = models.CharField(max_length=12, choices=RunState, default=RunState.QUEUED)
    step = models.CharField(max_length=12, blank=True)
    files = models.JSONField(default=list)
    counts = models.JSONField(default=dict)
    lines_total = models.BigIntegerField(default=0)
    lines_done = models.BigIntegerField(default=0)
    rejected = models.BigIntegerField(default=0)
    message = models.TextField(blank=True)
    stop_asked = models.BooleanField(default=False)
    created_at = models.DateTimeField(default=now, editable=False)
    started_at = models.DateTimeField(null=True)
    heartbeat_at = models.DateTimeField(null=True)
    finished_at = models.DateTimeField(null=True)

    objects = TenantManager.from_queryset(ImportRunQuerySet)()

    class Meta:
        ordering = ("-id",)

    def __str__(self) -> str:
        return self.title

    def get_absolute_url(self) -> str:
        """The page of this run, in the tenant in scope."""
        return reverse("orders:run", kwargs={"tenant": current_tenant().slug, "pk": self.pk})

    @property
    def title(self) -> str:
        """The file's name, or how many files."""
        if len(self.files) == 1:
            return str(self.files[0]["name"])
        return f"{len(self.files)} files"

    @property
    def is_active(self) -> bool:
        """Whether it waits or runs."""
        return self.state in ACTIVE_RUNS


class RejectedLine(TenantModel):
    """A line that could not be stored, kept until somebody corrects or dismisses it.

    `raw` holds the cells of the mapped columns as they were written, by field; columns without a
    field (patients' names, say) are never kept. `fingerprint` identifies the content within the
    source, so that importing the file again adds nothing. `corrected` holds the cells as a person
    corrected them; they are applied again whenever the same content is sent again.
    """

    source = TenantForeignKey(OrderSource, models.CASCADE, related_name="rejected_lines", index=False)
    run = TenantForeignKey(ImportRun, models.CASCADE, related_name="rejected_lines")
    file_no = models.IntegerField()
    line_no = models.IntegerField()
    reason = models.CharField(max_length=32)
    field = models.CharField(max_length=24, blank=True)
    column = models.CharField(max_length=200, blank=True)
    message = models.TextField()
    raw = models.JSONField(default=dict)
    corrected = models.JSONField(null=True)
    fingerprint = models.CharField(max_length=32)
    state = models.CharField(
        max_length=12, choices=RejectState, default=RejectState.OPEN, db_default=RejectState.OPEN
    )
    settled_by = models.CharField(max_length=160, blank=True, db_default="")
    settled_at = models.DateTimeField(null=True)

    class Meta:
        ordering = ("file_no", "line_no")
        constraints = (
            models.UniqueConstraint(
                fields=["tenant", "source", "fingerprint"], name="orders_rejected_content"
            ),
        )
        indexes = (
            models.Index(fields=["tenant", "reason"], condition=Q(state="open"), name="orders_rejected_open"),
        )

    def __str__(self) -> str:
        return f"{self.line_no}: {self.message}"


class Product(TenantModel):
    """What orders are for, by the code the order systems write. The latest name sent counts."""

    code = models.CharField(max_length=80)
    name = models.CharField(max_length=200, blank=True)

    class Meta:
        ordering = ("code",)
        constraints = (models.UniqueConstraint(fields=["tenant", "code"], name="orders_product_code"),)

    def __str__(self) -> str:
        return self.name or self.code


class OrderQuerySet(TenantQuerySet["Order"]):
    """Reads of orders; all stay chainable."""

    def counted(self) -> Self:
        """Orders that count in partner-months: all but cancelled ones, reversals included."""
        return self.exclude(state=OrderState.CANCELLED)

    def open(self) -> Self:
        """Orders whose outcome is still awaited."""
        return self.filter(state__in=OPEN_STATES)

    def unattributed(self) -> Self:
        """Orders that wait for somebody to say whose they are."""
        ignored = IgnoredCode.objects.values("normal")
        return self.filter(partner=None, is_ignored=False).exclude(code__in=ignored)

    def with_names(self) -> Self:
        """With partner and source in the same query."""
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
    run = TenantForeignKey(ImportRun, models.SET_NULL, null=True, related_name="orders", index=False)
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
        """The page of this order, in the tenant in scope."""
        return reverse("orders:detail", kwargs={"tenant": current_tenant().slug, "pk": self.pk})


class OrderLine(TenantModel):
    """One line of an order. The table of volume: references are checked set-wise by a trigger.

    `unit_price` is empty when only an amount was sent. `ordinal` counts from 1 within the order.
    """

    wall_is_target: ClassVar[bool] = False

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


@audited()
class IgnoredCode(TenantModel):
    """A referral code that is nobody's: its orders stay without a partner and out of the queue."""

    normal = models.CharField(max_length=120, db_collation="C")
    note = models.CharField(max_length=200, blank=True)
    created_at = models.DateTimeField(default=now, editable=False)

    class Meta:
        ordering = ("normal",)
        constraints = (models.UniqueConstraint(fields=["tenant", "normal"], name="orders_ignored_code"),)

    def __str__(self) -> str:
        return self.normal
