"""Demo partners: referring physicians for a hospital, agents for an insurer. Always the same ones."""

import random
from collections.abc import Iterator
from dataclasses import dataclass
from decimal import Decimal
from uuid import UUID

from django.db import transaction
from django.db.models import F, Sum

from partners.alarms import service as alarms_service
from partners.directory import service as directory_service
from partners.directory.codes import normalise, npi_with_check_digit
from partners.directory.models import Partner, ReferralCode
from partners.policy import service as policy_service
from partners.policy.models import StandingPolicy
from partners.policy.rules import propose_bands
from partners.portal import service as portal_service
from partners.portal.models import PartnerAccess
from partners.reviews import service as reviews_service
from partners.share import service as share_service
from partners.share.models import ShareEstimate
from partners.standing import service as standing_service
from partners.standing.models import PartnerMonth
from partners.standing.rules import shift_months
from partners.states import Kind
from prm.accounts.models import Membership
from prm.core.calendar import add_months, month_start, today
from prm.tenancy.models import Tenant

_FIRST = (
    "Aisha", "Tomás", "Karen", "Mei-Lin", "Robert", "Priya", "Yusuf", "Hannah", "Ignacio", "Claire",
    "James", "Olivia", "Samuel", "Nadia", "Peter", "Grace", "Daniel", "Ingrid", "Omar", "Lucia",
    "Andrew", "Ruth", "Kenji", "Fatima", "Paul", "Helena", "Victor", "Amara", "Simon", "Julia",
)  # fmt: skip
_LAST = (
    "Siddiqui", "Herrera", "Lindqvist", "Chow", "Halloran", "Raman", "Demir", "Brandvold", "Fuentes",
    "Ostrowski", "Whitfield", "Okafor", "Feldman", "Petrov", "Larsen", "Nguyen", "Castellano", "Moreau",
    "Haddad", "Ferreira", "Kowalski", "Brennan", "Tanabe", "Rahman", "Schultz", "Novak", "Ibarra",
    "Adeyemi", "Walsh", "Keller", "Doyle", "Quinn", "Sato", "Bauer", "Costa", "Reyes", "Hoffman", "Singh",
)  # fmt: skip
_SPECIALTIES = (
    "Cardiology", "Family medicine", "Internal medicine", "Oncology", "Neurology", "Orthopedics",
    "Pulmonology", "Gastroenterology", "Endocrinology", "Nephrology", "Dermatology",
)  # fmt: skip
_LINES = ("Personal lines", "Commercial lines", "Life and health", "Benefits")
_MERCY_CITIES = (
    ("Albany", "NY"), ("Troy", "NY"), ("Schenectady", "NY"), ("Saratoga Springs", "NY"), ("Pittsfield", "MA"),
)  # fmt: skip
_ANCHOR_CITIES = (("Chicago", "IL"), ("Evanston", "IL"), ("Aurora", "IL"), ("Gary", "IN"), ("Kenosha", "WI"))
_PRACTICES = (
    "Lakeside Cardiology Associates", "Cedar Valley Medical Group", "Riverbend Family Practice",
    "Harborview Internal Medicine", "Lakeview Women’s Health", "Northway Orthopedics",
    "Mohawk Neurology Partners", "Foothills Oncology",
)  # fmt: skip
_AGENCIES = (
    "Delgado Insurance Agency", "Castellano Agency", "Prairie Risk Partners", "Lakefront Brokers",
    "Halsted Benefits", "Three Rivers Insurance", "Kenosha Coverage Group", "Grant Park Advisors",
)  # fmt: skip
LEFT_TO_DECIDE = 7
_HOLD_REASON = "One strong quarter is not a trend yet; look again at the next review."


@dataclass(frozen=True)
class Profile:
    """One partner to be made."""

    name: str
    kind: Kind
    specialty: str
    city: tuple[str, str]
    codes: tuple[tuple[str, str], ...]
    organisation: str = ""


def fill(tenant: Tenant, size: int = 60) -> None:
    """Add the demo partners that are missing, in panels of the reps; a second run changes nothing.

    Who was renamed since is known by a code. For tenants called mercy and anchor their own casts, for
    any other the hospital's.
    """
    profiles = list(_cast(tenant.slug, size))
    with transaction.atomic():
        known = dict(Partner.objects.values_list("name", "pk"))
        owners = dict(ReferralCode.objects.values_list("normal", "partner_id"))
        reps = list(Membership.objects.active().filter(role="rep").order_by("user__email"))
        for place, profile in enumerate(profiles):
            owner = next((owners[c] for _, code in profile.codes if (c := normalise(code)) in owners), None)
            if owner:
                known[profile.name] = owner
            elif profile.name not in known:
                known[profile.name] = _create(profile, known, reps[place % len(reps)] if reps else None)
        _bind_sign_in(known[profiles[_OWN[tenant.slug == "anchor"]].name])


# Which of the cast the demo's partner sign-in belongs to: Dr. Marchetti, and the first agency.
_OWN = {False: len(_PRACTICES), True: 0}


def _create(profile: Profile, known: dict[str, UUID], rep: Membership | None) -> UUID:
    organisation = None
    if profile.organisation in known:
        organisation = Partner.objects.get(pk=known[profile.organisation])
    word = profile.name.split()[-1].lower().replace("’", "")
    partner = directory_service.create_partner(
        name=profile.name,
        kind=profile.kind,
        specialty=profile.specialty,
        organisation=organisation,
        city=profile.city[0],
        region=profile.city[1],
        email=f"office.{word}@example.com" if word.isascii() else "",
        phone=f"555-01{len(known) % 100:02d}",
        rep=rep,
        codes=profile.codes,
    )
    return partner.pk


def _bind_sign_in(partner_id: UUID) -> None:
    for member in Membership.objects.filter(role="partner"):
        if not PartnerAccess.objects.filter(membership=member).exists():
            portal_service.grant_access(member, partner=Partner.objects.get(pk=partner_id))


def _cast(slug: str, size: int) -> Iterator[Profile]:
    source = random.Random(f"partners of {slug}")  # nosec B311 # demo data, no secret
    people = _people(source)
    agents = slug == "anchor"
    houses, cities = (_AGENCIES, _ANCHOR_CITIES) if agents else (_PRACTICES, _MERCY_CITIES)
    for number, name in enumerate(houses):
        kind = Kind.AGENCY if agents else Kind.PRACTICE
        code = ("agent number", f"40-{2200 + number}") if agents else _npi(source)
        yield Profile(name, kind, "", source.choice(cities), (code,))
    for number in range(max(1, size - len(houses))):
        name = next(people)
        if agents:
            code = ("agent number", f"41-{1000 + 7 * number}")
            house = source.choice(houses) if number % 3 == 0 else ""
            yield Profile(name, Kind.AGENT, source.choice(_LINES), source.choice(cities), (code,), house)
            continue
        codes = (_npi(source), ("provider number", f"MH-{1000 + number}"))
        if number == 0:
            yield Profile("Dr. Elena Marchetti", Kind.PHYSICIAN, "Cardiology", cities[0], codes, houses[0])
            continue
        house = source.choice(houses) if number % 2 else ""
        specialty = source.choice(_SPECIALTIES)
        yield Profile(f"Dr. {name}", Kind.PHYSICIAN, specialty, source.choice(cities), codes, house)


def _people(source: random.Random) -> Iterator[str]:
    names = [f"{first} {last}" for first in _FIRST for last in _LAST]
    source.shuffle(names)
    return iter(names)


def _npi(source: random.Random) -> tuple[str, str]:
    return "NPI", npi_with_check_digit(f"1{source.randrange(10**8):08d}")


# --- after orders and activities ----------------------------------------------------------------


def settle(tenant: Tenant) -> None:
    """Give the demo a past: policy, estimates, twelve month ends, and reviews with some left to decide.

    To be called when the orders (and better also the activities) of the demo are in. A second run
    does nothing.
    """
    with transaction.atomic():
        if StandingPolicy.objects.filter(version__gt=1).exists() or not PartnerMonth.objects.exists():
            return
        year = _year_revenue(tenant)
        starts = propose_bands(list(year.values())).starts
        reason = "Bands proposed from the demo's own orders."
        if starts is None:
            policy_service.set_policy(reason=reason)
        else:
            policy_service.set_policy(reason=reason, high_from=starts.high, medium_from=starts.medium)
        _estimate(tenant, year)
        _ask(year)
    standing_service.rebuild_history(months=12)
    alarms_service.watch_orders()
    with transaction.atomic():
        _review(tenant)


def _year_revenue(tenant: Tenant) -> dict[UUID, Decimal]:
    last = month_start(today(tenant))
    rows = PartnerMonth.objects.filter(month__gt=add_months(last, -12), month__lte=last)
    sums = rows.values("partner_id").annotate(revenue=Sum("revenue")).order_by("partner_id")
    return {row["partner_id"]: row["revenue"] for row in sums}


def _estimate(tenant: Tenant, year: dict[UUID, Decimal]) -> None:
    source = random.Random(f"estimates of {tenant.slug}")  # nosec B311 # demo data, no secret
    names = ("Claims data", "Own estimate") if tenant.slug != "anchor" else ("Market report", "Own estimate")
    day = today(tenant)
    shown = set(PartnerAccess.objects.values_list("partner_id", flat=True))
    for partner_id, revenue in year.items():
        skipped = source.random() < 0.25 and partner_id not in shown
        if revenue <= 0 or skipped:
            continue
        total = float(revenue) * source.uniform(1.25, 3.2)
        for place, name in enumerate(names[: source.choice((1, 1, 2))]):
            middle = total * source.uniform(0.9, 1.1)
            width = source.uniform(1.15, 1.4)
            share_service.add_estimate(
                partner_id,
                low=_hundreds(middle / width),
                middle=_hundreds(middle),
                high=_hundreds(middle * width),
                source=name,
                as_of=shift_months(day, -source.randrange(2 + 3 * place, 8 + 3 * place)),
            )


def _ask(year: dict[UUID, Decimal]) -> None:
    """Ask the reps about the two that bring most and that nobody has estimated."""
    manager = Membership.objects.active().filter(role="manager").first()
    known = set(ShareEstimate.objects.values_list("partner_id", flat=True))
    unknown = [pk for pk, _ in sorted(year.items(), key=lambda one: -one[1]) if pk not in known]
    share_service.ask_reps(unknown[:2], note="For the tier review of this quarter.", by=manager)


def _hundreds(value: float) -> Decimal:
    return Decimal(max(100, round(value, -2))).quantize(Decimal(1))


def _review(tenant: Tenant) -> None:
    """Decide all proposals but a few; every fourth is held."""
    manager = Membership.objects.active().filter(role="manager").first()
    waiting = Partner.objects.active().with_standing().awaiting_decision(today(tenant))
    ordered = list(waiting.order_by(F("standing__revenue_12m").desc(), "name"))
    for place, partner in enumerate(ordered[LEFT_TO_DECIDE:]):
        held = place % 4 == 3
        reviews_service.decide_tier(
            partner.pk,
            decision="hold" if held else "accept",
            by=manager,
            from_tier=partner.tier,
            proposed_tier=partner.standing.tier_proposal,
            reason=_HOLD_REASON if held else "",
        )
