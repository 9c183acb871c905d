"""Reads Salesforce's users, says who of them stands for each member, and what people choose about it.

Whenever somebody else stands for a member, the records that carry the old owner are compared anew, and only those.
"""

from __future__ import annotations

from collections import defaultdict
from collections.abc import Callable, Iterable
from datetime import timedelta
from typing import Final
from uuid import UUID

from django.db import transaction
from django.db.models import Q

from prm.accounts.models import Membership
from prm.accounts.rights import Right
from prm.core.clock import now
from prm.core.errors import Refused
from prm.core.notation.reader import figure
from prm.mapping import Field, Mapping
from prm.salesforce.engine import store
from prm.salesforce.engine.models import Connection, RecordLink
from prm.salesforce.mapping import registry
from prm.salesforce.people import queries, rules
from prm.salesforce.people.models import Owner, OwnerRules, SalesforceUser
from prm.salesforce.people.queries import Owners
from prm.salesforce.wire import errors, soql
from prm.salesforce.wire.client import Org, Record
from prm.tenancy.use_cases import needs_no_right, requires

DAILY: Final = timedelta(hours=24)
MOST_USERS: Final = 20_000
"""Users that are kept; an organisation with more says so on the page."""
_FIELDS: Final = ("Id", "Name", "Email", "Username", "IsActive")


@needs_no_right("the sync does it in every run, and whoever may run it may")
def keep_up(
    org: Org, connection: Connection, keep: Callable[[], None] = lambda: None, *, at_once: bool = False
) -> None:
    """Read the users when that is due (daily, another organisation, `at_once`), and settle who stands for whom.

    `keep()` is called before the call. Users that cannot be read stay as they are known, and the page says why.
    Raises what is retryable. In no transaction.
    """
    with transaction.atomic():
        known = OwnerRules.objects.first()
    if at_once or _is_due(known, connection):
        keep()
        _read(org, connection)
    settle()


def _is_due(known: OwnerRules | None, connection: Connection) -> bool:
    if known is None or known.read_at is None or known.organization_id != connection.organization_id[:18]:
        return True
    # A moment that lies ahead was noted by a clock that has jumped back since.
    return not timedelta(0) <= now() - known.read_at < DAILY


def _read(org: Org, connection: Connection) -> None:
    """Read who may own records: one query, a call for each 2,000 users."""
    asked = soql.select("User", _FIELDS, ["UserType = 'Standard'"], order_by=["Id"], limit=MOST_USERS)
    rows: list[Record] | None
    try:
        rows, message = list(org.query(asked)), ""
    except errors.Permanent as error:
        rows, message = None, f"Salesforce does not show us its users: {error.message}"
    if rows is not None and len(rows) == MOST_USERS:
        message = f"The organisation has more than {figure(MOST_USERS)} users; the others are not known here."
    with transaction.atomic():
        _remember(connection, rows, message)


def _remember(connection: Connection, rows: list[Record] | None, message: str) -> None:
    known: OwnerRules = OwnerRules.objects.select_for_update().get_or_create()[0]
    if known.organization_id != connection.organization_id[:18]:
        # Users of another organisation, and what was chosen of them, mean nothing in this one.
        SalesforceUser.objects.all().delete()
        Owner.objects.all().delete()
        known.fallback = ""
    known.organization_id, known.own_id = connection.organization_id[:18], connection.user_id
    known.read_at, known.message = now(), message
    known.save()
    if rows is None:
        return
    SalesforceUser.objects.exclude(sf_id__in=[str(row["Id"]) for row in rows]).update(is_active=False)
    SalesforceUser.objects.bulk_create(
        [_user(row) for row in rows],
        batch_size=1000,
        update_conflicts=True,
        unique_fields=["tenant", "sf_id"],
        update_fields=["name", "email", "address", "login", "is_active"],
    )


def _user(row: Record) -> SalesforceUser:
    email, login = str(row.get("Email") or ""), str(row.get("Username") or "")
    return SalesforceUser(
        sf_id=str(row["Id"]),
        name=str(row.get("Name") or "")[:121],
        email=email[:254],
        address=rules.address(email)[:254],
        login=rules.address(login)[:254],
        is_active=row.get("IsActive") is not False,
    )


# --- who stands for whom --------------------------------------------------------------------------


@needs_no_right("follows from what is known and chosen; nothing is chosen here")
@transaction.atomic
def settle() -> int:
    """Find out anew who stands for each member and who for nobody; compare what that changes. Returns for how many it did.

    Four queries while nothing changes.
    """
    known: OwnerRules | None = OwnerRules.objects.select_for_update().first()
    if known is None:
        return 0
    changed = _changed_members()
    fallback = known.fallback if _can_own(known.fallback) else known.own_id
    if not changed and fallback == known.in_force:
        return 0
    before = queries.in_force()
    Owner.objects.bulk_create(
        changed, update_conflicts=True, unique_fields=["tenant", "member"], update_fields=["how", "sf_id"]
    )
    known.in_force = fallback
    known.save(update_fields=["in_force"])
    registry.forget()
    after = queries.in_force()
    if after != before:
        _compare(before, after)
    return len(changed)


def _can_own(sf_id: str) -> bool:
    return bool(sf_id) and SalesforceUser.objects.filter(sf_id=sf_id, is_active=True).exists()


def _changed_members() -> list[Owner]:
    """Return the members for whom somebody else stands now, as they are to be stored."""
    members = dict(Membership.objects.staff().values_list("pk", "user__email"))
    mine = {one.member_id: one for one in Owner.objects.all()}
    people = _people(members.values(), [one.wanted for one in mine.values() if one.wanted])
    changed = []
    for member_id, email in members.items():
        one = mine.get(member_id) or Owner(member_id=member_id)
        was = (one.how, one.sf_id) if member_id in mine else None
        some = [*people[rules.address(email)], *people[one.wanted]]
        one.how, one.sf_id = rules.standing_for(email, some, is_chosen=one.is_chosen, wanted=one.wanted)
        if was != (one.how, one.sf_id):
            changed.append(one)
    return changed


def _people(emails: Iterable[str], wanted: list[str]) -> defaultdict[str, list[rules.Person]]:
    """Return the users who have one of these addresses, by address, and those who are wanted, by id."""
    addresses = {rules.address(one) for one in emails if one}
    some = SalesforceUser.objects.filter(
        Q(address__in=addresses) | Q(login__in=addresses) | Q(sf_id__in=wanted)
    )
    found: defaultdict[str, list[rules.Person]] = defaultdict(list)
    for one in some:
        person = rules.Person(one.sf_id, one.address, one.login, one.is_active)
        for key in {one.address, one.login, one.sf_id}:
            found[key].append(person)
    return found


def _compare(before: Owners, after: Owners) -> None:
    """Make those records dirty whose owner is another one now, and those whose owner there has become somebody here.

    When nobody was known before, all that is there already: their owners were never compared.
    """
    old, new = dict(before.pairs), dict(after.pairs)
    moved = {old.get(one, before.fallback) for one in old.keys() | new.keys() if old.get(one) != new.get(one)}
    if before.fallback != after.fallback:
        moved.add(before.fallback)
    come = set(new.values()) - set(old.values())
    for mapping in registry.mappings().values():
        fields = mapping.owners
        for field in fields:
            _compare_field(mapping, field, moved - {""}, come)
        if fields and not before.fallback:
            there = RecordLink.objects.filter(mapping=mapping.key, state=RecordLink.State.LINKED)
            store.enqueue(mapping, there.values_list("record_id", flat=True), anew=False)


def _compare_field(mapping: Mapping, field: Field, moved: set[str], come: set[str]) -> None:
    anew = list(store.holding(mapping, field.there, sorted(moved))) if moved else []
    known_now = [
        link for link in store.holding(mapping, field.there, sorted(come)) if field.there in link.apart
    ]
    for link in known_now:
        # It was nobody here; by now it is somebody, whom nobody has decided about.
        link.agreed.pop(field.there)
        link.apart.pop(field.there)
    store.save_links(known_now)
    store.enqueue(mapping, {link.record_id for link in (*anew, *known_now)})


# --- what people choose ---------------------------------------------------------------------------


@requires(Right.SYNC_EDIT)
@transaction.atomic
def choose(*, member_id: UUID, user: str) -> Owner:
    """Say which Salesforce user stands for a member; "" for the fallback owner. Raises `Refused`: unknown, inactive."""
    member = Membership.objects.staff().filter(pk=member_id).first()
    if member is None:
        raise Refused("There is no such member.", field="member", code="not_found")
    if user:
        _check(user, "user")
    one: Owner = Owner.objects.select_for_update().get_or_create(member=member)[0]
    one.is_chosen, one.wanted = True, user
    one.save(update_fields=["is_chosen", "wanted"])
    return _settled(one)


@requires(Right.SYNC_EDIT)
@transaction.atomic
def by_email(*, member_id: UUID) -> Owner:
    """Take back what was chosen for a member: who has the same e-mail stands for him again. Raises `Refused`."""
    one = Owner.objects.select_for_update().filter(member_id=member_id).first()
    if one is None:
        raise Refused("There is no such member.", field="member", code="not_found")
    one.is_chosen, one.wanted = False, ""
    one.save(update_fields=["is_chosen", "wanted"])
    return _settled(one)


def _settled(one: Owner) -> Owner:
    settle()
    one.refresh_from_db()
    return one


@requires(Right.SYNC_EDIT)
@transaction.atomic
def choose_fallback(*, user: str) -> OwnerRules:
    """Say who owns what nobody else does; "" for the user as whom we work. Raises `Refused`: unknown, inactive."""
    known: OwnerRules | None = OwnerRules.objects.select_for_update().first()
    if known is None:
        raise Refused("Read the users first: nobody in Salesforce is known yet.", code="not_read")
    if user:
        _check(user, "user")
    known.fallback = user
    known.save(update_fields=["fallback"])
    settle()
    known.refresh_from_db()
    return known


def _check(sf_id: str, field: str) -> None:
    found = SalesforceUser.objects.filter(sf_id=sf_id).first()
    if found is None:
        raise Refused("No user with this id was read from Salesforce.", field=field, code="not_found")
    if not found.is_active:
        raise Refused(f"{found} is inactive in Salesforce and can own nothing.", field=field, code="inactive")
