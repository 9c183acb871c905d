"""Import runs and their accounting."""

from typing import NotRequired, Self, TypedDict

from django.db import models

from orders.doors.files.uploads import Kept
from orders.proof.check import with_reading
from orders.runs.states import ACTIVE_RUNS, UNDECIDED, RunState
from orders.sources.models import OrderSource
from orders.sources.spec import Spec
from prm.core.clock import now
from prm.core.urls import tenant_url
from prm.tenancy.base import TenantForeignKey, TenantModel
from prm.tenancy.context import current_tenant
from prm.tenancy.managers import TenantManager, TenantQuerySet


class RunFile(TypedDict):
    """One input of a run. `stored_as` names a file that waits in the storage, "" once it is gone.

    `member` names the input in that file, where it is a ZIP file of several; `left_out` what of it is not taken.
    """

    name: str
    bytes: int
    lines: int
    stored_as: str
    member: NotRequired[str]
    left_out: NotRequired[list[str]]


class ImportRunQuerySet(TenantQuerySet["ImportRun"]):
    """Reads of import runs."""

    def active(self) -> Self:
        """Return those that wait or run."""
        return self.filter(state__in=ACTIVE_RUNS)

    def recent(self) -> Self:
        """Return started imports, latest first, with their source."""
        return self.exclude(state__in=UNDECIDED).select_related("source").order_by("-id")

    def undecided(self) -> Self:
        """Return files that are looked at before their import, latest first, with their source."""
        return self.filter(state__in=UNDECIDED).select_related("source").order_by("-id")


class ImportRun(TenantModel):
    """One import of one or more files of a source.

    `files`: a list of `RunFile`. `counts`: the accounting, `orders.runs.result.Result` as JSON. `step`: one of `orders.runs.progress.STEPS`. `lines_total` is an estimate while files are read.
    `heartbeat_at` tells a running process from one that was killed. `preview`: what an import would do, an
    `orders.runs.kept.KeptPreview` as JSON, {} until the files are read or when they cannot be.
    `corrects`: which rejected rows of the source it brings, and how they are corrected, an
    `orders.runs.corrections.bring.Alike` as JSON; {} where it has files.
    `accepted`: readings that hold for its files alone, as `date=day-first` (see `orders.proof.check`).
    `starts_by_itself`: it is imported as soon as it is read, unless something is in doubt. `asked_as`: the key by which a
    program names its request, `asked_sum` the checksum of what came with it.
    """

    source = TenantForeignKey(OrderSource, models.CASCADE, related_name="runs")
    door = models.CharField(max_length=16)
    by = models.CharField(max_length=160, blank=True)
    state = models.CharField(max_length=12, choices=RunState, default=RunState.QUEUED)
    step = models.CharField(max_length=12, blank=True)
    files = models.JSONField(default=list)
    counts = models.JSONField(default=dict)
    preview = models.JSONField(default=dict)
    accepted = models.JSONField(default=list)
    reading = models.JSONField(default=dict)
    corrects = models.JSONField(default=dict)
    starts_by_itself = models.BooleanField(default=False, db_default=False)
    asked_as = models.CharField(max_length=80, blank=True, default="", db_default="")
    asked_sum = models.CharField(max_length=64, blank=True, default="", db_default="")
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
        constraints = (
            models.UniqueConstraint(
                fields=["tenant", "asked_as"], condition=~models.Q(asked_as=""), name="orders_run_asked_as"
            ),
        )

    def __str__(self) -> str:
        return self.title

    @property
    def rules(self) -> Spec:
        """The specification by which its rows are read: its source's as it is now, with what was accepted for its files alone."""
        return with_reading(self.source.rules, self.reading)

    def get_absolute_url(self) -> str:
        """Return the page of this run, in the tenant in scope."""
        return tenant_url(current_tenant(), "orders:run", pk=self.pk)

    @property
    def title(self) -> str:
        """Return the file's name, or how many files there are."""
        if len(self.files) == 1:
            return str(self.files[0]["name"])
        return f"{len(self.files)} files"

    @property
    def is_active(self) -> bool:
        """Whether it waits or runs."""
        return self.state in ACTIVE_RUNS

    @property
    def is_reading(self) -> bool:
        """Whether its files are being read for the preview, or wait for it."""
        return self.state == RunState.READING

    @property
    def bytes(self) -> int:
        """Return how large its files are together."""
        return sum(int(entry["bytes"]) for entry in self.files)

    @property
    def kept_files(self) -> list[Kept]:
        """Return its files as they lie in the storage."""
        return [Kept(entry["name"], entry["stored_as"], entry.get("member", "")) for entry in self.files]

    @property
    def left_out(self) -> list[str]:
        """Return the names of what its archives and folders hold and is not taken."""
        return [name for entry in self.files for name in entry.get("left_out", ())]


class HeldBefore(TenantModel):
    """An order as it was before a run changed it, so that the run can be taken back.

    `held_id` is the order's, `held` its row and `lines` those of its lines, as JSON of the database; `revision` is the one
    that the run left.
    """

    run = TenantForeignKey(ImportRun, models.CASCADE, related_name="held_before")
    held_id = models.UUIDField()
    revision = models.IntegerField()
    held = models.JSONField()
    lines = models.JSONField()

    class Meta:
        constraints = (
            models.UniqueConstraint(fields=["tenant", "run", "held_id"], name="orders_held_before_order"),
        )

    def __str__(self) -> str:
        return f"{self.held_id} {self.revision}"
