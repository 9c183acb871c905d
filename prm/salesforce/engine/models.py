"""What the engine remembers. Values of records are never here except as last agreed values."""

from __future__ import annotations

from typing import ClassVar

from django.db import models
from django.db.models.functions import Now

from prm.core.clock import now
from prm.core.fields import EncryptedTextField
from prm.tenancy.audit import audited
from prm.tenancy.base import TenantModel
from prm.tenancy.managers import TenantManager, TenantQuerySet


class ThisTransaction(models.Func):
    """The id of the present transaction, which is the cause of all that it makes dirty."""

    template = "(pg_current_xact_id()::text::bigint)"
    output_field = models.BigIntegerField()


class SyncState(TenantModel):
    """What changes with every run: the session, the lane, limits seen. One row per tenant.

    The lane lets one worker at a time sync a tenant. It is a lease and not a lock, because it must
    hold across transactions and poolers; a killed worker loses it at `lane_until`.
    """

    access_token = EncryptedTextField(blank=True)
    instance_url = models.CharField(max_length=255, blank=True)
    lane = models.UUIDField(null=True)
    lane_until = models.DateTimeField(null=True)
    not_before = models.DateTimeField(null=True)
    failures = models.PositiveIntegerField(default=0)
    message = models.TextField(blank=True)
    org_used = models.PositiveIntegerField(null=True)
    org_limit = models.PositiveIntegerField(null=True)
    our_calls = models.PositiveIntegerField(default=0)
    our_calls_since = models.DateTimeField(null=True)
    pushed_at = models.DateTimeField(null=True)
    pulled_at = models.DateTimeField(null=True)

    class Meta:
        constraints: ClassVar = [
            models.UniqueConstraint(fields=["tenant"], name="salesforce_syncstate_one"),
        ]


class Outbox(TenantModel):
    """One row per dirty record: it changed here and Salesforce may not know yet.

    Written by database triggers, set-wise, in the transaction of the change. A change of a record
    that is dirty already raises `version`; whoever sent version n deletes the row only if it still
    says n. `sent` holds the values of a call whose answer has not been stored: after a crash they
    tell an own write from somebody's edit. `since` is the moment of the oldest unsent change. `cause` is the transaction
    of the last change, by which a mass change is told from single edits; 0 stands for the engine itself, -1 for what a
    person has approved. `made_by` is who made it (the label of the actor), "" when that is not known.
    """

    mapping = models.CharField(max_length=64)
    record_id = models.UUIDField()
    version = models.PositiveIntegerField(default=1)
    since = models.DateTimeField(db_default=Now())
    claim = models.UUIDField(null=True)
    claimed_until = models.DateTimeField(null=True)
    sent = models.JSONField(null=True)
    attempts = models.PositiveIntegerField(db_default=0)
    not_before = models.DateTimeField(null=True)
    waits_mapping = models.CharField(max_length=64, db_default="")
    waits_id = models.UUIDField(null=True)
    cause = models.BigIntegerField(db_default=ThisTransaction())
    made_by = models.CharField(max_length=120, db_default="")

    class Meta:
        constraints: ClassVar = [
            models.UniqueConstraint(
                fields=["tenant", "mapping", "record_id"], name="salesforce_outbox_record"
            ),
        ]
        indexes: ClassVar = [
            models.Index(fields=["tenant", "mapping", "-since"], name="salesforce_outbox_since"),
            models.Index(
                fields=["tenant", "waits_id"],
                condition=models.Q(waits_id__isnull=False),
                name="salesforce_outbox_waits",
            ),
        ]


class RecordLink(TenantModel):
    """A record here and its twin in Salesforce, with the values both sides last agreed on.

    `agreed` maps field names in Salesforce to normal values (see `prm.mapping`): what Salesforce held when
    both sides were compared last. `apart` holds our value of that moment for the fields in which we held
    another, for a reason: a spelling of ours, a value that one side refuses or rewrites. So each side is
    compared with its own last value, and what is apart for a reason is neither sent nor taken again and again.

    `merged_into` is the Salesforce id of the record that another one was merged into there; what belongs to
    this record belongs to that one there. `turns` says by field who rewrote it lately (`guards.rules`).
    """

    class State(models.TextChoices):
        LINKED = "linked", "Linked"
        DELETED_THERE = "deleted_there", "Deleted in Salesforce"
        MERGED_THERE = "merged_there", "Merged in Salesforce"
        AGAIN = "again", "To be created again"
        GONE_HERE = "gone_here", "No longer here"
        UNDOING = "undoing", "Being taken back"

    mapping = models.CharField(max_length=64)
    record_id = models.UUIDField()
    sf_id = models.CharField(max_length=18)
    agreed = models.JSONField(default=dict)
    apart = models.JSONField(default=dict, db_default=models.Value({}, models.JSONField()))
    merged_into = models.CharField(max_length=18, blank=True, db_default="")
    turns = models.JSONField(default=dict, db_default=models.Value({}, models.JSONField()))
    modstamp = models.DateTimeField(null=True)
    state = models.CharField(max_length=16, choices=State, default=State.LINKED)
    updated_at = models.DateTimeField(default=now)

    class Meta:
        constraints: ClassVar = [
            models.UniqueConstraint(
                fields=["tenant", "mapping", "record_id"], name="salesforce_recordlink_record"
            ),
            models.UniqueConstraint(fields=["tenant", "sf_id", "mapping"], name="salesforce_recordlink_sf"),
        ]


class AtRest(TenantModel):
    """A record that is outside the scope: it is neither sent nor taken, and what of it is there stays as it is.

    `why` is what leaves it out (`scoping.words`), `since` when that was first seen.
    """

    mapping = models.CharField(max_length=64)
    record_id = models.UUIDField()
    why = models.CharField(max_length=40)
    since = models.DateTimeField(default=now)

    class Meta:
        constraints: ClassVar = [
            models.UniqueConstraint(
                fields=["tenant", "mapping", "record_id"], name="salesforce_atrest_record"
            ),
        ]


class PullCursor(TenantModel):
    """How far one Salesforce object has been read, in Salesforce's own time.

    Everything up to (`stamp`, `last_id`) is stored. An empty `last_id` means the last reading
    reached the end. `swept_at` is when the wide overlap was last read again. `newcomers_to` is how far records
    without our key have been looked through.
    """

    sobject = models.CharField(max_length=80)
    stamp = models.DateTimeField(null=True)
    last_id = models.CharField(max_length=18, blank=True)
    swept_at = models.DateTimeField(null=True)
    deletions_to = models.DateTimeField(null=True)
    newcomers_to = models.DateTimeField(null=True)

    class Meta:
        constraints: ClassVar = [
            models.UniqueConstraint(fields=["tenant", "sobject"], name="salesforce_pullcursor_sobject"),
        ]


class SyncRun(TenantModel):
    """What one run did; runs that found nothing to do leave no row.

    `counts` is the report of `run.py`; the lags are seconds from a change here to its answer.
    """

    class State(models.TextChoices):
        RUNNING = "running", "Running"
        DONE = "done", "Done"
        WAITS = "waits", "Done, something waits"
        FAILED = "failed", "Failed"

    door = models.CharField(max_length=16)
    state = models.CharField(max_length=16, choices=State, default=State.RUNNING)
    started_at = models.DateTimeField(default=now)
    finished_at = models.DateTimeField(null=True)
    calls = models.PositiveIntegerField(default=0)
    counts = models.JSONField(default=dict)
    lag_median = models.FloatField(null=True)
    lag_p95 = models.FloatField(null=True)
    message = models.TextField(blank=True)

    class Meta:
        ordering = ("-started_at",)
        indexes: ClassVar = [
            models.Index(fields=["tenant", "-started_at"], name="salesforce_run_started"),
        ]


class SyncHour(TenantModel):
    """What the runs of one hour did, for the charts of the sync page; a row per hour, kept for a week.

    Lags are counts by class of seconds (`runs.hours` says which), so that hours can be put together. `waiting` and
    `held` are the most that were seen of the hour, `org_used` the organisation's calls in the 24 hours before.
    """

    hour = models.DateTimeField()
    runs = models.PositiveIntegerField(default=0)
    failed = models.PositiveIntegerField(default=0)
    calls = models.PositiveIntegerField(default=0)
    sent = models.PositiveIntegerField(default=0)
    received = models.PositiveIntegerField(default=0)
    lags_out = models.JSONField(default=dict)
    lags_back = models.JSONField(default=dict)
    waiting = models.PositiveIntegerField(default=0)
    held = models.PositiveIntegerField(default=0)
    org_used = models.PositiveIntegerField(null=True)
    org_limit = models.PositiveIntegerField(null=True)

    class Meta:
        constraints: ClassVar = [
            models.UniqueConstraint(fields=["tenant", "hour"], name="salesforce_synchour_one"),
        ]


class SyncSchedule(TenantModel):
    """When to look at this tenant. Read across tenants by the sweep, which sees all in one query.

    `organization_id` is the organisation it is connected to, so that two tenants of one are found; "" without.
    Until `saving_until` only single edits go: the ordinary part of the API calls is used.
    """

    wall_is_swept = True

    is_active = models.BooleanField(default=True)
    poll_seconds = models.PositiveIntegerField(default=60)
    pull_at = models.DateTimeField(default=now)
    not_before = models.DateTimeField(null=True)
    saving_until = models.DateTimeField(null=True)
    queued_until = models.DateTimeField(null=True)
    organization_id = models.CharField(max_length=18, blank=True, db_default="")

    class Meta:
        constraints: ClassVar = [
            models.UniqueConstraint(fields=["tenant"], name="salesforce_syncschedule_one"),
        ]

    def __str__(self) -> str:
        return f"{self.tenant_id} every {self.poll_seconds} s"


class SyncProblem(TenantModel):
    """Why a record is held, or one field of it, in Salesforce's own words. Deleted when it goes through.

    `field` names the field in Salesforce that alone is held; without one it is the record.
    """

    class Kind(models.TextChoices):
        REFUSED_THERE = "refused_there", "Refused by Salesforce"
        REFUSED_HERE = "refused_here", "Refused here"
        KEPT_THERE = "kept_there", "Kept differently in Salesforce"
        LOOP = "loop", "Rewritten again and again"
        DELETED_THERE = "deleted_there", "Deleted in Salesforce"
        MERGED_THERE = "merged_there", "Merged in Salesforce"
        LATER = "later", "Tried again by itself"

    mapping = models.CharField(max_length=64)
    record_id = models.UUIDField()
    field = models.CharField(max_length=80, blank=True, db_default="")
    title = models.CharField(max_length=255, blank=True)
    kind = models.CharField(max_length=16, choices=Kind)
    code = models.CharField(max_length=80, blank=True)
    message = models.TextField()
    fields = models.JSONField(default=list)
    tries = models.PositiveIntegerField(default=1)
    since = models.DateTimeField(default=now)
    last_at = models.DateTimeField(default=now)

    class Meta:
        constraints: ClassVar = [
            models.UniqueConstraint(
                fields=["tenant", "mapping", "record_id", "field"], name="salesforce_syncproblem_field"
            ),
        ]


class ConflictQuerySet(TenantQuerySet["Conflict"]):
    """Reads of conflicts."""

    def waiting(self) -> ConflictQuerySet:
        """Conflicts in which neither value may win without a person."""
        return self.filter(state=Conflict.State.OPEN)

    def waiting_first(self) -> ConflictQuerySet:
        """Order them: those that wait for a person, then the latest."""
        settled = models.Case(models.When(state=Conflict.State.OPEN, then=0), default=1)
        return self.annotate(settled=settled).order_by("settled", "-at", "pk")


class Conflict(TenantModel):
    """One field that both sides changed to different values; the losing value is kept here.

    `agreed_at` is when both sides were last known to be equal; `ours_by` and `theirs_by` are who changed it on either
    side, `theirs_id` the Salesforce user's id. `value` is what a person chose, `before` what *undo* puts back (state,
    winner, our value); an open conflict with `undone_at` was decided once, so that Salesforce may hold that value.
    """

    class State(models.TextChoices):
        OPEN = "open", "Waits for a person"
        SETTLED = "settled", "Settled by the field's rule"
        CHOSEN = "chosen", "Chosen by a person"
        EQUAL = "equal", "Both became equal"

    mapping = models.CharField(max_length=64)
    record_id = models.UUIDField()
    title = models.CharField(max_length=255, blank=True)
    there = models.CharField(max_length=80)
    agreed = models.JSONField(null=True)
    ours = models.JSONField(null=True)
    theirs = models.JSONField(null=True)
    winner = models.CharField(max_length=16)
    state = models.CharField(max_length=16, choices=State)
    at = models.DateTimeField(default=now)
    chosen_by = models.CharField(max_length=120, blank=True)
    chosen_at = models.DateTimeField(null=True)
    agreed_at = models.DateTimeField(null=True)
    ours_by = models.CharField(max_length=120, blank=True, db_default="")
    ours_at = models.DateTimeField(null=True)
    theirs_by = models.CharField(max_length=120, blank=True, db_default="")
    theirs_id = models.CharField(max_length=18, blank=True, db_default="")
    theirs_at = models.DateTimeField(null=True)
    value = models.JSONField(null=True)
    before = models.JSONField(null=True)
    undone_at = models.DateTimeField(null=True)

    objects = TenantManager.from_queryset(ConflictQuerySet)()

    class Meta:
        ordering = ("-at",)
        constraints: ClassVar = [
            models.UniqueConstraint(
                fields=["tenant", "mapping", "record_id", "there"],
                condition=models.Q(state="open"),
                name="salesforce_conflict_open",
            ),
        ]
        indexes: ClassVar = [
            models.Index(fields=["tenant", "state", "-at"], name="salesforce_conflict_at"),
        ]


@audited(exclude=["client_secret", "objects_read"])
class Connection(TenantModel):
    """The Salesforce organisation a tenant is connected to; at most one per tenant.

    It rests after the sign-in: nothing is captured, read or written until somebody starts it. `daily_calls` is our share of the organisation's API calls in 24 hours; without one we use at
    most 80 % of all. `read_at` is when
    what is there was last compared with what is here, as a whole; `objects_read` names the mappings of which that was. `organization_id` binds the tenant: another organisation is refused.
    """

    class State(models.TextChoices):
        RESTING = "resting", "Not started"
        CONNECTED = "connected", "Started"
        PAUSED = "paused", "Paused"
        SIGNED_OUT = "signed_out", "Signed out"
        DISCONNECTED = "disconnected", "Disconnected"

    login_url = models.URLField(max_length=255)
    client_id = models.CharField(max_length=255)
    client_secret = EncryptedTextField()
    organization_id = models.CharField(max_length=18)
    organization_name = models.CharField(max_length=120, blank=True)
    is_sandbox = models.BooleanField(default=False)
    edition = models.CharField(max_length=40, blank=True, db_default="")
    currency = models.CharField(max_length=3, blank=True, db_default="")
    many_currencies = models.BooleanField(db_default=False)
    user_id = models.CharField(max_length=18, blank=True)
    state = models.CharField(max_length=16, choices=State, default=State.RESTING)
    state_note = models.TextField(blank=True)
    poll_seconds = models.PositiveIntegerField(default=60)
    daily_calls = models.PositiveIntegerField(null=True, blank=True)
    set_up_at = models.DateTimeField(null=True, blank=True)
    connected_at = models.DateTimeField(default=now)
    started_at = models.DateTimeField(null=True, blank=True)
    read_at = models.DateTimeField(null=True, blank=True)
    objects_read = models.JSONField(default=list, blank=True)

    class Meta:
        constraints: ClassVar = [
            models.UniqueConstraint(fields=["tenant"], name="salesforce_connection_one"),
        ]

    def __str__(self) -> str:
        return self.organization_name or self.login_url

    @property
    def is_running(self) -> bool:
        """Whether changes are exchanged at present."""
        return self.state == self.State.CONNECTED

    @property
    def is_resting(self) -> bool:
        """Whether nobody has started it yet."""
        return self.state == self.State.RESTING
