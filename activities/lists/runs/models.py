"""Runs of lists, and their rows."""

from typing import ClassVar, Self

from django.contrib.postgres.fields import ArrayField
from django.db import models
from django.db.models import Count, Q

from activities.lists.states import ACTIVE, UNDECIDED, Outcome, RunState
from prm.core.clock import now
from prm.core.urls import tenant_url
from prm.tenancy.base import TenantForeignKey, TenantModel
from prm.tenancy.context import current_tenant
from prm.tenancy.managers import TenantManager, TenantQuerySet


class BringRunQuerySet(TenantQuerySet["BringRun"]):
    """Reads of runs."""

    def begun(self) -> Self:
        """Return those that somebody has started, latest first."""
        return self.exclude(state__in=UNDECIDED).order_by("-id")

    def undecided(self) -> Self:
        """Return files that are looked at before they are written, latest first."""
        return self.filter(state__in=UNDECIDED).order_by("-id")


class BringRun(TenantModel):
    """One file of a list.

    `kind` is the key of a `prm.bringing.Kind`. `header`: the headings of the file; `columns`: the place of each column by its
    key. `readings`: of columns with dates or numbers, by place, the readings found and the one `chosen`, as
    `activities.lists.reading.readings` writes them. `defaults`: values, by key, of what is new where its row has none. `counts`: rows by outcome. `problem`: why its columns are not enough.
    """

    kind = models.CharField(max_length=32)
    name = models.CharField(max_length=200)
    stored_as = models.CharField(max_length=300, blank=True)
    bytes = models.BigIntegerField(default=0)
    door = models.CharField(max_length=16)
    by = models.CharField(max_length=160, blank=True)
    state = models.CharField(max_length=12, choices=RunState, default=RunState.READING)
    header = models.JSONField(default=list)
    columns = models.JSONField(default=dict)
    readings = models.JSONField(default=dict)
    written_as = models.JSONField(default=dict)
    defaults = models.JSONField(default=dict)
    blank_empties = models.BooleanField(default=False)
    are_columns_chosen = models.BooleanField(default=False)
    starts_by_itself = models.BooleanField(default=False)
    counts = models.JSONField(default=dict)
    problem = models.TextField(blank=True)
    message = models.TextField(blank=True)
    rows_total = models.IntegerField(default=0)
    rows_done = models.IntegerField(default=0)
    created_at = models.DateTimeField(default=now, editable=False)
    started_at = models.DateTimeField(null=True)
    heartbeat_at = models.DateTimeField(null=True)
    finished_at = models.DateTimeField(null=True)

    objects = TenantManager.from_queryset(BringRunQuerySet)()

    class Meta:
        ordering = ("-id",)

    def __str__(self) -> str:
        return self.name

    def get_absolute_url(self) -> str:
        """Return the page of this run, in the tenant in scope."""
        return tenant_url(current_tenant(), "bringing:run", pk=self.pk)

    @property
    def is_active(self) -> bool:
        """Whether it waits, is written or taken back."""
        return self.state in ACTIVE

    @property
    def is_reading(self) -> bool:
        """Whether its file is being read, or waits for it."""
        return self.state == RunState.READING


class BringRowQuerySet(TenantQuerySet["BringRow"]):
    """Reads of rows."""

    def undecided(self) -> Self:
        """Return rows that wait for a decision."""
        return self.filter(outcome=Outcome.DECIDE, decision="")

    def counted(self) -> dict[str, int]:
        """Return how many rows there are by outcome."""
        rows = self.order_by().values_list("outcome").annotate(count=Count("pk"))
        return {str(outcome): count for outcome, count in rows}


class BringRow(TenantModel):
    """One row of a list, and what it does.

    `cells`: the cells of its mapped columns as written, in the order of their places. `values`: by key of column.
    `changes`: (before, after) by key; of what was made, what it says. `target` is the row here, `about` what it belongs
    to, `twin_line` the line of the same file that means the same. `is_done`: its turn has come; `is_written`: it wrote
    something; `kept` says why it could not be taken back.
    """

    run = TenantForeignKey(BringRun, models.CASCADE, related_name="rows", index=False)
    line = models.IntegerField()
    cells = models.JSONField(default=list)
    values = models.JSONField(default=dict)
    outcome = models.CharField(max_length=12, choices=Outcome)
    reason = models.TextField(blank=True)
    by = models.CharField(max_length=20, blank=True)
    name = models.CharField(max_length=200, blank=True)
    target = models.UUIDField(null=True)
    about = models.CharField(max_length=40, blank=True)
    changes = models.JSONField(default=dict)
    names = models.JSONField(default=dict)
    candidates = models.JSONField(default=list)
    keys = ArrayField(models.CharField(max_length=400), default=list)
    twin_line = models.IntegerField(null=True)
    decision = models.CharField(max_length=40, blank=True)
    is_done = models.BooleanField(default=False)
    is_written = models.BooleanField(default=False)
    was_made = models.BooleanField(default=False)
    kept = models.TextField(blank=True)

    objects = TenantManager.from_queryset(BringRowQuerySet)()

    class Meta:
        ordering = ("line",)
        constraints = (models.UniqueConstraint(fields=["tenant", "run", "line"], name="bringing_row_line"),)
        indexes: ClassVar = [
            models.Index(fields=["tenant", "run", "outcome", "line"], name="bringing_row_outcome"),
            models.Index(
                fields=["tenant", "run", "target"],
                name="bringing_row_target",
                condition=Q(target__isnull=False),
            ),
        ]

    def __str__(self) -> str:
        return f"{self.run_id} {self.line}"
