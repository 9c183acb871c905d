"""Every write to partners, and the only way in for page, API, admin, task, import and sync.

All functions run in the scope of a tenant, are atomic, take everything but the subject by keyword,
and raise `Refused` when a rule forbids what was asked.
"""

from collections.abc import Collection, Iterable, Mapping
from datetime import date
from decimal import Decimal
from typing import Any, cast
from uuid import UUID

from django.core.exceptions import ValidationError
from django.db import IntegrityError, connection, transaction
from django.db.models import F, Max

from partners import restanding
from partners.codes import is_npi, normalise
from partners.models import (
    Kind,
    Partner,
    PartnerAccess,
    ReferralCode,
    ShareEstimate,
    StandingMonth,
    StandingPolicy,
)
from partners.signals import code_added
from partners.standing import month_end
from prm.tenancy.base import TenantModel
from prm.tenancy.calendar import add_months, month_start, today
from prm.tenancy.clock import now
from prm.tenancy.context import current_tenant
from prm.tenancy.errors import Refused
from prm.tenancy.ids import id_stem
from prm.tenancy.models import Membership, Role
from prm.tenancy.services import add_member

# More partners than this are recomputed by one task that goes through all of the tenant's.
_NAMED_AT_MOST = 5_000
_IDS_PER_TASK = 1_000
_EDITABLE = frozenset(
    {
        "name", "kind", "specialty", "organisation", "city", "region", "email", "phone", "website",
        "is_active", "rep", "notes",
    }
)  # fmt: skip


# --- partners -----------------------------------------------------------------------------------


@transaction.atomic
def create_partner(*, name: str, kind: str, codes: Iterable[tuple[str, str]] = (), **details: Any) -> Partner:
    """Add a partner, with referral codes as (scheme, code) pairs, and compute its standing soon.

    `details` are fields of Partner that people may edit; `organisation` is a Partner, `rep` a
    Membership. A code that another partner has is refused and nothing is kept.
    """
    partner = Partner()
    _apply(partner, {"name": name, "kind": kind, **details})
    partner.save()
    for scheme, code in codes:
        add_code(partner.pk, scheme=scheme, code=code, restand=False)
    request_restanding([partner.pk])
    return partner


@transaction.atomic
def create_partners_from_codes(names: Mapping[str, str], *, kind: str, scheme: str) -> None:
    """Add one partner for each referral code, with one statement per table, however many they are.

    `names` maps codes in normal form that are nobody's to the partner's name; "" takes the code for
    it. Asks for no standing: the caller is bringing the orders that it will rest on.
    """
    if not names:
        return
    values = {
        "partners": id_stem(),
        "ids": id_stem(),
        "kind": kind,
        "scheme": scheme,
        "codes": list(names),
        "names": [name or code for code, name in names.items()],
    }
    number = "to_hex(4294967296 + w.n)"
    partner_id = f"(%(partners)s || {number})::uuid"
    rows = "unnest(%(codes)s::text[], %(names)s::text[]) WITH ORDINALITY AS w (code, name, n)"
    _insert_select(Partner, {"id": partner_id, "name": "w.name", "kind": "%(kind)s"}, rows, values)
    _insert_select(
        ReferralCode,
        {
            "id": f"(%(ids)s || {number})::uuid",
            "partner_id": partner_id,
            "scheme": "%(scheme)s",
            "code": "w.code",
            "normal": "w.code",
        },
        rows,
        values,
    )


def _insert_select(
    model: type[TenantModel], given: Mapping[str, str], rows: str, values: Mapping[str, Any]
) -> None:
    """Insert `rows` (a FROM item): the `given` columns by SQL, all others as the model defaults them."""
    rest = {
        str(field.column): field.get_default()
        for field in model._meta.concrete_fields
        if field.column not in given and not field.has_db_default() and not field.null
    }
    columns = dict(given) | {column: f"%(default_{column})s" for column in rest}
    with connection.cursor() as cursor:
        cursor.execute(
            f"INSERT INTO {model._meta.db_table} ({', '.join(columns)})"
            f" SELECT {', '.join(columns.values())} FROM {rows}",
            dict(values) | {f"default_{column}": value for column, value in rest.items()},
        )


@transaction.atomic
def update_partner(partner_id: UUID, *, expected_version: int | None = None, **changes: Any) -> Partner:
    """Change fields of a partner; those not named stay.

    `expected_version` is the version the caller saw: when somebody else has saved since, the change
    is refused with code "conflict" and nothing is written. None overwrites (a pull has decided the
    conflict field by field already). Nothing to change writes nothing.
    """
    partner = _locked(partner_id)
    if expected_version is not None and partner.version != expected_version:
        raise Refused(
            f"{partner.name} was changed by somebody else while you were editing. "
            "Your input is kept below; compare it with the current values and save again.",
            code="conflict",
        )
    before = {field: getattr(partner, _column(field)) for field in changes}
    _apply(partner, changes)
    if all(getattr(partner, _column(field)) == value for field, value in before.items()):
        return partner
    partner.version += 1
    partner.updated_at = now()
    partner.save()
    if {"kind", "is_active"} & changes.keys():
        request_restanding([partner.pk])
    return partner


def _locked(partner_id: UUID) -> Partner:
    partner = Partner.objects.select_for_update(no_key=True).filter(pk=partner_id).first()
    if partner is None:
        raise Refused("This partner does not exist any more.", code="not_found")
    return partner


def _column(field: str) -> str:
    return f"{field}_id" if field in {"organisation", "rep"} else field


def _apply(partner: Partner, changes: Mapping[str, Any]) -> None:
    unknown = changes.keys() - _EDITABLE
    if unknown:
        raise TypeError(f"A partner has no editable field {min(unknown)!r}.")
    for field, value in changes.items():
        setattr(partner, field, value.strip() if isinstance(value, str) else value)
    organisation, rep = changes.get("organisation"), changes.get("rep")
    if organisation is not None:
        _check_organisation(partner, organisation)
    if rep is not None and rep.role == Role.PARTNER:
        raise Refused("A partner's own sign-in cannot be the rep.", field="rep", code="role")
    try:
        partner.clean_fields(exclude={"id", "tenant", "organisation", "rep"})
    except ValidationError as invalid:
        field, messages = next(iter(invalid.message_dict.items()))
        raise Refused(messages[0], field=field, code="invalid") from invalid


def _check_organisation(partner: Partner, organisation: Partner) -> None:
    above: Partner | None = organisation
    while above is not None:
        if above.pk == partner.pk:
            raise Refused(
                "A partner cannot belong to itself, not even by way of others.",
                field="organisation",
                code="circle",
            )
        above = above.organisation


@transaction.atomic
def assign_rep(partner_ids: Collection[UUID], *, rep: Membership | None) -> int:
    """Put partners into a rep's panel (None: into nobody's); returns how many changed."""
    if rep is not None and rep.role == Role.PARTNER:
        raise Refused("A partner's own sign-in cannot be the rep.", field="rep", code="role")
    moving = Partner.objects.filter(pk__in=partner_ids).exclude(rep=rep)
    if rep is not None:
        moving = Partner.objects.filter(pk__in=partner_ids).exclude(rep=rep) | Partner.objects.filter(
            pk__in=partner_ids, rep=None
        )
    return moving.update(rep=rep, version=F("version") + 1, updated_at=now())


@transaction.atomic
def grant_access(membership: Membership, *, partner: Partner) -> PartnerAccess:
    """Let a member with the role partner see this partner's own referrals, and no other's."""
    if membership.role != Role.PARTNER:
        raise Refused("Only a member with the role partner is bound to a partner.", code="role")
    access: PartnerAccess
    access, _ = PartnerAccess.objects.update_or_create(membership=membership, defaults={"partner": partner})
    return access


@transaction.atomic
def invite(partner: Partner, *, email: str, name: str = "", password: str | None = None) -> PartnerAccess:
    """Make a person a member with the role partner, who sees this partner's own referrals and no more.

    Raises `Refused` for a bad address or somebody who is a member already: nobody is turned from a
    rep into a partner by the way.
    """
    member = add_member(email=email, role=Role.PARTNER, name=name, password=password)
    return grant_access(member, partner=partner)


# --- codes --------------------------------------------------------------------------------------


@transaction.atomic
def add_code(partner_id: UUID, *, scheme: str, code: str, restand: bool = True) -> ReferralCode:
    """Give a partner another referral code; the same code again changes nothing.

    Orders that wait for the code are tied by the orders app, which hears `code_added`.
    """
    scheme, code = scheme.strip(), code.strip()
    normal = normalise(code)
    if not normal:
        raise Refused("Enter the code as the order system writes it.", field="code", code="required")
    if len(code) > 120:
        raise Refused("A code has at most 120 characters.", field="code", code="max_length")
    if scheme.upper() == "NPI" and not is_npi(normal):
        raise Refused(
            f"{code} is not an NPI: ten digits, the last of them a check digit. Look for a typing slip.",
            field="code",
            code="npi",
        )
    codes = ReferralCode.objects.select_related("partner")
    known = cast("ReferralCode | None", codes.filter(normal=normal).first())
    if known is not None and known.partner_id == partner_id:
        return known
    if known is not None:
        raise _taken(code, known.partner.name)
    try:
        with transaction.atomic():
            added: ReferralCode = ReferralCode.objects.create(
                partner_id=partner_id, scheme=scheme, code=code, normal=normal
            )
    except IntegrityError as race:
        raise _taken(code, "another partner") from race
    code_added.send(sender=ReferralCode, partner_id=partner_id, normal=normal)
    if restand:
        request_restanding([partner_id])
    return added


def _taken(code: str, owner: str) -> Refused:
    return Refused(f"{code} is already a code of {owner}.", field="code", code="taken")


@transaction.atomic
def remove_code(code_id: UUID) -> None:
    """Take a code away. Orders tied by it stay tied; new ones with it will wait unattributed."""
    ReferralCode.objects.filter(pk=code_id).delete()


# --- estimates ----------------------------------------------------------------------------------


@transaction.atomic
def add_estimate(
    partner_id: UUID,
    *,
    low: Decimal,
    middle: Decimal,
    high: Decimal,
    source: str,
    as_of: date,
    by: Membership | None = None,
) -> ShareEstimate:
    """Record what a partner orders in a year, here and elsewhere, with a 90 % range.

    Amounts in the tenant's currency. A newer estimate of the same source takes the older one's place.
    """
    source = source.strip()
    if not source:
        raise Refused("Say where the estimate comes from.", field="source", code="required")
    if low <= 0:
        raise Refused("The lower end must be above nothing.", field="low", code="range")
    if not low <= middle <= high:
        raise Refused(
            "The estimate must lie between its lower and its upper end.", field="middle", code="range"
        )
    if as_of > today(current_tenant()):
        raise Refused("An estimate cannot be from the future.", field="as_of", code="future")
    estimate: ShareEstimate = ShareEstimate.objects.create(
        partner_id=partner_id, low=low, middle=middle, high=high, source=source, as_of=as_of, by=by
    )
    request_restanding([partner_id])
    return estimate


# --- policy -------------------------------------------------------------------------------------


def policy_in_force() -> StandingPolicy:
    """Give the tenant's rules; a tenant that never set any gets the usual ones as version 1."""
    in_force = StandingPolicy.objects.filter(state=StandingPolicy.State.IN_FORCE)
    policy: StandingPolicy | None = in_force.first()
    if policy is None:
        first = StandingPolicy(version=1, valid_from=today(current_tenant()))
        StandingPolicy.objects.bulk_create([first], ignore_conflicts=True)
        policy = in_force.get()
    assert policy is not None
    return policy


_POLICY_FIELDS = (
    "high_from", "medium_from", "trailing_months", "hysteresis_pct", "minimum_stay_months",
    "repeat_k", "repeat_n", "lapse_months", "weights", "regulated_kinds",
)  # fmt: skip


@transaction.atomic
def set_policy(*, by: Membership | None = None, **figures: Any) -> StandingPolicy:
    """Put a new version of the rules in force today; figures not named stay as they are.

    The version before is kept as past. All standings are recomputed; tiers in force stay until they
    are reviewed.
    """
    unknown = figures.keys() - set(_POLICY_FIELDS)
    if unknown:
        raise TypeError(f"A policy has no figure {min(unknown)!r}.")
    before = policy_in_force()
    values = {name: getattr(before, name) for name in _POLICY_FIELDS} | figures
    _check_policy(values)
    StandingPolicy.objects.select_for_update().get(pk=before.pk)
    StandingPolicy.objects.filter(pk=before.pk).update(state=StandingPolicy.State.PAST)
    newest = StandingPolicy.objects.aggregate(newest=Max("version"))["newest"]
    policy: StandingPolicy = StandingPolicy.objects.create(
        version=newest + 1, valid_from=today(current_tenant()), signed_by=by, **values
    )
    request_restanding(None)
    return policy


def _check_policy(values: Mapping[str, Any]) -> None:
    if not 0 < values["medium_from"] < values["high_from"]:
        raise Refused("High must start above medium, and medium above nothing.", field="high_from")
    if not 1 <= values["trailing_months"] <= 60:
        raise Refused("Tiers look back 1 to 60 months.", field="trailing_months")
    if not 0 <= values["hysteresis_pct"] < 100:
        raise Refused("The hysteresis is a percentage from 0 to below 100.", field="hysteresis_pct")
    if not 0 <= values["minimum_stay_months"] <= 60:
        raise Refused("The minimum stay is 0 to 60 months.", field="minimum_stay_months")
    if not 1 <= values["repeat_k"] <= values["repeat_n"] <= 36:
        raise Refused("Repeat needs k of n months, with 1 ≤ k ≤ n ≤ 36.", field="repeat_k")
    if not 1 <= values["lapse_months"] <= 60:
        raise Refused("The window is 1 to 60 months.", field="lapse_months")
    if set(values["regulated_kinds"]) - set(Kind.values):
        raise Refused("Regulated kinds must be kinds of partners.", field="regulated_kinds")
    if any(not 0 <= float(weight) <= 100 for weight in values["weights"].values()):
        raise Refused("A weight is a number from 0 to 100.", field="weights")


# --- standings ----------------------------------------------------------------------------------


def request_restanding(partner_ids: Collection[UUID] | None) -> None:
    """Ask for new standings once the open transaction has committed; None means everybody's.

    Cheap, so call it from every write that may move a score. A recomputation that is lost with
    its broker is made up for by the nightly run.
    """
    from partners.tasks import recompute  # tasks call services, so the name is looked up late

    if partner_ids is None or len(partner_ids) > _NAMED_AT_MOST:
        recompute.send(partner_ids=None)
        return
    ids = sorted(str(partner_id) for partner_id in set(partner_ids))
    for at in range(0, len(ids), _IDS_PER_TASK):
        recompute.send(partner_ids=ids[at : at + _IDS_PER_TASK])


def recompute_standings(partner_ids: Collection[UUID] | None = None, *, as_of: date | None = None) -> int:
    """Recompute and store standings now; returns how many changed.

    In: which partners (None: all of the tenant), the day of judgement in the tenant's calendar
    (None: today). The month of `as_of` counts whole. Every chunk of partners is atomic by itself when
    the caller has opened no transaction.
    """
    day = as_of or today(current_tenant())
    changed = 0
    for chunk in restanding.chunks_of(partner_ids):
        with transaction.atomic():
            changed += restanding.recompute_chunk(chunk, day, policy_in_force())
    return changed


def rebuild_history(months: int = 12) -> None:
    """Make the month-end snapshots of past months anew from what is known now.

    For a tenant whose past was just loaded: without it the comparison with last month would compare
    with the time before the load. Partners without a tier get their first at the earliest month end.
    """
    running = month_start(today(current_tenant()))
    first = add_months(running, -months)
    with transaction.atomic():
        StandingMonth.objects.filter(month__gte=add_months(first, -1)).delete()
    for step in range(months):
        recompute_standings(as_of=month_end(add_months(first, step)))
    recompute_standings()
