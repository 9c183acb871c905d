"""Which tenant is in scope, and who acts. See README.md for the contract.

The scope is a context variable (wall 1 reads it) and a setting of the open transaction, made with
`SET LOCAL` (wall 2 reads that). `tenant_scope` keeps both in step around one transaction;
`bound_tenant` sets the variable only and leaves transactions to the caller, for jobs that talk to
other systems between them. Our database backend announces the bound tenant at the start of every
outermost transaction and refuses statements outside one.
"""

import json
from collections.abc import Callable, Iterator
from contextlib import AbstractContextManager, contextmanager, nullcontext
from contextvars import ContextVar
from dataclasses import dataclass, replace
from typing import TYPE_CHECKING, TypeVar
from uuid import UUID

from django.db import connection, transaction
from django.utils.functional import lazy
from psycopg.pq import TransactionStatus

from prm.core.ids import uuid7
from prm.tenancy.errors import NoTenant

if TYPE_CHECKING:
    from prm.tenancy.tenant import Tenant


@dataclass(frozen=True, slots=True)
class Actor:
    """Who does something, and through which door.

    `kind` is user, key, task, salesforce, import or command; `door` is page, api, task,
    command and the like; `label` is readable to a person; `user_id` and `member_id` are set for
    people only. `rights` are those of a person or a key; PRM's own work (`PROGRAMS`) is bound by none.
    """

    kind: str
    door: str
    label: str = ""
    user_id: int | None = None
    member_id: UUID | None = None
    rights: frozenset[str] = frozenset()

    @property
    def is_program(self) -> bool:
        """Whether this is PRM's own work, which somebody with the right has asked for or scheduled."""
        return self.kind in PROGRAMS

    def may(self, right: str) -> bool:
        """Return whether this right is held. See `prm.tenancy.use_cases`."""
        return self.is_program or right in self.rights


# All other kinds (user, key, a caller not yet known, whatever comes) have the rights they are given.
K = TypeVar("K")

PROGRAMS = frozenset({"system", "task", "command", "import", "salesforce"})


SYSTEM = Actor(kind="system", door="none", label="PRM")


@dataclass(frozen=True, slots=True)
class _Scope:
    tenant: "Tenant"
    actor: Actor
    id: UUID
    # How many transactions were open around work that opens its own: those are not its.
    around: int = 0


_scope: ContextVar[_Scope | None] = ContextVar("prm_tenant_scope", default=None)


def has_tenant() -> bool:
    """Return whether a tenant is in scope."""
    return _scope.get() is not None


def transactions_around() -> int:
    """Return how many blocks of transactions were open when the work at hand began that opens its own."""
    scope = _scope.get()
    return 0 if scope is None else scope.around


def current_tenant() -> "Tenant":
    """Return the tenant in scope. Raises `NoTenant` when there is none."""
    scope = _scope.get()
    if scope is None:
        raise NoTenant(
            "No tenant is in scope. Open one with tenant_scope(tenant), or use "
            "Model.objects.unscoped('reason') where rows of no tenant are meant."
        )
    return scope.tenant


def kept_on(tenant: "Tenant", key: str, read: Callable[[], K]) -> K:
    """Return what *read* gives, read once for each tenant object; `forget_on` has it read anew.

    A command reads a file where no transaction is open, and row-level security then shows nothing: one is opened, which
    costs no query where one is open already.
    """
    held = vars(tenant)
    if key not in held:
        with transaction.atomic(savepoint=False):
            held[key] = read()
    found: K = held[key]
    return found


def forget_on(tenant: "Tenant", key: str) -> None:
    """Read it anew when it is next asked for."""
    vars(tenant).pop(key, None)


def current_tenant_id() -> UUID | None:
    """Return the id of the tenant in scope, or `None`."""
    scope = _scope.get()
    return None if scope is None else scope.tenant.pk


def current_actor() -> Actor:
    """Return who acts at present; `SYSTEM` when nobody said so."""
    scope = _scope.get()
    return SYSTEM if scope is None else scope.actor


def announcement() -> tuple[str, list[str]]:
    """Return the statement (and its parameters) that tells the open transaction who is in scope.

    The audit trail's triggers read `pghistory.context_metadata`; the policies `prm.tenant`. Both
    are local to the transaction, so that a pooled connection never carries them on. (With
    `pghistory.context_id` set as well, pghistory would keep a table of contexts of all tenants.)
    """
    scope = _scope.get()
    sql = "SELECT set_config('prm.tenant', %s, true), set_config('pghistory.context_metadata', %s, true)"
    if scope is None:
        return sql, ["", ""]
    actor = scope.actor
    context = {
        "kind": actor.kind,
        "door": actor.door,
        "label": actor.label,
        "user_id": actor.user_id,
        "scope": str(scope.id),
    }
    return sql, [str(scope.tenant.pk), json.dumps(context)]


def _announce() -> None:
    scope = _scope.get()
    with (
        nullcontext() if scope is None else _entered(replace(scope, around=0)),
        connection.cursor() as cursor,
    ):
        cursor.execute(*announcement())


@contextmanager
def _entered(scope: _Scope) -> Iterator[None]:
    token = _scope.set(scope)
    try:
        yield
    finally:
        _scope.reset(token)


@contextmanager
def tenant_scope(tenant: "Tenant", *, actor: Actor | None = None) -> Iterator["Tenant"]:
    """Run a block as `tenant` inside one transaction; nested use restores the outer scope.

    Entering another tenant's scope inside an open transaction is allowed (a savepoint); the
    setting is put back on the way out, also after an exception.
    """
    nested = connection.in_atomic_block
    try:
        with _entered(_Scope(tenant, actor or current_actor(), uuid7())), transaction.atomic():
            if nested:
                _announce()
            yield tenant
    finally:
        if nested:
            _announce_outer()


def _announce_outer() -> None:
    # Once the transaction has failed nothing can be set in it any more, and nothing needs to be:
    # the rollback that must follow restores the setting.
    if not connection.in_atomic_block or connection.needs_rollback:
        return
    if connection.connection.info.transaction_status != TransactionStatus.INERROR:
        _announce()


@contextmanager
def bound_tenant(
    tenant: "Tenant", *, actor: Actor | None = None, opens_its_own: bool = False
) -> Iterator["Tenant"]:
    """Bind `tenant` without opening a transaction; the caller opens `transaction.atomic()`.

    Inside an already open transaction (a test, say) the setting is made at once. With `opens_its_own` such a transaction
    does not count: what a worker does must open one itself, or it raises `NoTransaction` there too.
    """
    nested = connection.in_atomic_block
    around = len(connection.atomic_blocks) if opens_its_own else transactions_around()
    try:
        with _entered(_Scope(tenant, actor or current_actor(), uuid7(), around)):
            if nested:
                _announce()
            yield tenant
    finally:
        if nested:
            _announce_outer()


@contextmanager
def acting_as(actor: Actor) -> Iterator[None]:
    """Change who acts, within the tenant in scope (a pull from Salesforce inside a task, say)."""
    with bound_tenant(current_tenant(), actor=actor):
        yield


@contextmanager
def granted(*rights: str) -> Iterator[None]:
    """Give who acts these rights for a block: what follows from an act that was allowed needs no right again.

    The audit trail goes on to name who acts.
    """
    scope = _scope.get()
    if scope is None:
        yield
        return
    more = replace(scope.actor, rights=scope.actor.rights | set(rights))
    with _entered(replace(scope, actor=more)):
        yield


@contextmanager
def _readable(setting: str, value: str) -> Iterator[None]:
    """Open a transaction in which a policy for reading more than a tenant's rows holds."""
    with transaction.atomic():
        with connection.cursor() as cursor:
            cursor.execute("SELECT set_config(%s, %s, true)", [setting, value])
        try:
            yield
        finally:
            if not connection.needs_rollback:
                with connection.cursor() as cursor:
                    cursor.execute("SELECT set_config(%s, '', true)", [setting])


def as_member(user_id: int) -> AbstractContextManager[None]:
    """Open a transaction in which a person's own memberships are visible across tenants.

    Used by the chooser only; the policy on the membership table allows reading, nothing else.
    """
    return _readable("prm.user", str(user_id))


def as_sweep() -> AbstractContextManager[None]:
    """Open a transaction in which all tenants' schedules are visible, to see whose turn it is.

    For tasks of the beat only. The policy is on tables that say when to look at which tenant
    (`wall_is_swept`), for reading; what is then done, is done in that tenant's scope.
    """
    return _readable("prm.sweep", "on")


# --- what the tenant in scope calls things; templates read it as `tenant.…` ---------------------------


def partner_nouns() -> tuple[str, str]:
    """Return what one partner is called here, and several."""
    if not has_tenant():
        return "partner", "partners"
    tenant = current_tenant()
    return tenant.partner_noun, tenant.partner_noun_plural


def order_nouns() -> tuple[str, str]:
    """Return what one order is called here, and several; without a tenant in scope the usual words."""
    if not has_tenant():
        return "order", "orders"
    tenant = current_tenant()
    return tenant.order_noun, tenant.order_noun_plural


def say_of_orders(text: str) -> str:
    """Return a text with the tenant's word in place of `{order}`, `{orders}`, `{Order}` and `{Orders}`."""
    one, many = order_nouns()
    return text.format(order=one, orders=many, Order=first_up(one), Orders=first_up(many))


said_of_orders = lazy(say_of_orders, str)
"""The same, said when it is read: for labels of fields and columns, which are made once for all tenants."""


def orders_heading() -> str:
    """Return the word for several orders as a heading begins."""
    return first_up(order_nouns()[1])


def first_up(word: str) -> str:
    """Return a word with its first letter in capitals, the others as they are: "MRI orders" stays."""
    return word[:1].upper() + word[1:]
