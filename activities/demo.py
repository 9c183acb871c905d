"""Two years of sample activities for the demo tenants, made through the services.

Deterministic per tenant and relative to today: the same tenant filled on the same day gets the same
activities. A tenant that has visits already is left alone.
"""

from collections.abc import Sequence
from dataclasses import dataclass
from datetime import date, datetime, time, timedelta
from decimal import Decimal
from random import Random
from uuid import UUID
from zoneinfo import ZoneInfo

from django.db import transaction

from activities.market.budgets.models import Opportunity
from activities.market.budgets.queries import may_fulfil
from activities.market.budgets.service import (
    OpportunityInput,
    close_opportunity,
    create_opportunity,
    tie_orders,
    update_budget,
)
from activities.market.budgets.states import OpportunityState, Stage
from activities.market.cards.service import write_line
from activities.market.competition.service import InsightInput, add_insight
from activities.market.competition.states import Confidence, Outcome, Source
from activities.market.names.models import Competitor, Differentiator
from activities.market.names.service import add_other_name, competitor_named, differentiator_named
from activities.market.news.service import look as look_for_news
from activities.plans.service import set_call_plan
from activities.visits.models import Visit
from activities.visits.service import PastVisit, VisitInput, complete_past_steps, log_past_visits
from activities.visits.states import Channel, Purpose
from orders.catalogue.models import Product
from partners.directory.models import Partner
from partners.standing.models import PartnerMonth
from prm.accounts.models import Membership
from prm.core import calendar, clock
from prm.tenancy.models import Tenant

MONTHS = 24
MONTHLY_VISITS = {"high": 2.8, "medium": 1.7, "low": 0.45, "": 0.4}
PLANS = {"high": (3, 1), "medium": (2, 1), "low": (1, 3)}
SHARES = (("high", 0.2), ("medium", 0.55))
"""Up to which place in the order of revenue partners are treated as high and medium."""
CHANNELS = ((Channel.IN_PERSON, 60), (Channel.PHONE, 25), (Channel.VIDEO, 8), (Channel.EMAIL, 7))
OPEN_STEP_DAYS = 16


@dataclass(frozen=True, slots=True)
class Words:
    """What is said in one line of business. Competitors carry the share of cases we win against them."""

    competitors: Sequence[tuple[str, float]]
    differentiators: Sequence[str]
    learned: dict[str, Sequence[str]]
    steps: Sequence[str]
    opportunities: Sequence[str]
    lost: Sequence[str]
    claims: Sequence[str]
    other_name: tuple[str, str]
    lines: Sequence[str]
    newcomer: str


HOSPITAL = Words(
    competitors=(("St. Brendan", 0.42), ("Summit Surgical", 0.55), ("University", 0.66)),
    differentiators=("Earlier appointment", "Technology", "Location", "Relationship", "Outcome figures"),
    learned={
        Purpose.SERVICE_ISSUE: (
            "Reports arrive two days late. Wants them in the practice system the same day.",
            "Scheduling desk did not call back twice last week.",
            "Happy with the new direct line; the wait for MRI is still the issue.",
        ),
        Purpose.NEW_CAPABILITY: (
            "Likes the robot-assisted knee results. Wants MRI within two days.",
            "Showed structural-heart outcomes; asked for the contacts of the cath lab.",
            "Interested in the same-week chest-pain clinic.",
        ),
        Purpose.RELATIONSHIP: (
            "New partner joins in spring; wants to be introduced to the department.",
            "Practice moves to the north side; will refer from there too.",
            "Plans a second office day on Fridays.",
        ),
        Purpose.OUTCOME_REVIEW: (
            "Went through the quarter's outcome figures. Asked for readmission rates by procedure.",
            "Compared our infection rates with the region; convinced.",
            "Wants the figures by age group.",
        ),
        Purpose.OTHER: ("Met at the stroke symposium; short talk about referral forms.",),
    },
    steps=(
        "Send cath-lab contacts",
        "Confirm Tuesday MRI slots",
        "Call back about the referral form",
        "Invite to the stroke symposium",
        "Bring the quarter's outcome figures",
        "Arrange a tour of the new imaging suite",
    ),
    opportunities=(
        "Joint replacement",
        "Echo lab",
        "Sleep lab",
        "MRI block booking",
        "Cardiac rehab",
        "Spine programme",
    ),
    lost=(
        "Chest-pain referral went to them.",
        "Two knee cases in one month.",
        "They offer a same-week slot.",
    ),
    claims=(
        "Seen within the same week",
        "Reports go straight into your record",
        "One number for every department",
        "The newest scanner in the county",
    ),
    other_name=("St. Brendan", "Saint Brendan Hospital"),
    lines=("Offer a date on the spot.", "Offer the 48-hour echo line. Leave the outcome figures."),
    newcomer="Lakefront Surgery Center",
)
INSURER = Words(
    competitors=(("Harborline Mutual", 0.4), ("Keystone Casualty", 0.52), ("BlueRidge Direct", 0.66)),
    differentiators=(
        "Quote turnaround",
        "Commission rate",
        "Claims speed",
        "Appetite for small fleets",
        "Agent portal",
    ),
    learned={
        Purpose.SERVICE_ISSUE: (
            "Two quotes took a week. Needs them within a day to keep clients.",
            "Claims hotline unreachable on Monday mornings.",
            "Billing errors on three renewals; sent the policy numbers to service.",
        ),
        Purpose.NEW_CAPABILITY: (
            "Interested in the small-fleet product; has eleven clients who would fit.",
            "Showed the new agent portal. Wants quotes saved as drafts.",
            "Asked for cyber cover for dental practices.",
        ),
        Purpose.RELATIONSHIP: (
            "Hires a second producer in spring.",
            "Agency merges with a neighbour; both books come to us if terms hold.",
            "Wants a joint evening with clients.",
        ),
        Purpose.OUTCOME_REVIEW: (
            "Went through the loss ratio of the book; better than the state.",
            "Reviewed last quarter's hit rate on quotes.",
            "Wants a list of renewals at risk.",
        ),
        Purpose.OTHER: ("Met at the agents' fair; talked about the commission plan.",),
    },
    steps=(
        "Send the fleet rate sheet",
        "Confirm the underwriter's call",
        "Call back about the three renewals",
        "Invite to the agents' evening",
        "Bring the hit rate by line",
        "Set up portal access for the new producer",
    ),
    opportunities=(
        "Small fleets",
        "Commercial package",
        "Contractors",
        "Cyber for clinics",
        "Farm book",
        "Umbrella roll-out",
    ),
    lost=(
        "Quote came a day after theirs.",
        "They pay two points more.",
        "Three contractors moved at renewal.",
    ),
    claims=(
        "A quote the same day",
        "Two points more commission",
        "One portal for every line",
        "Claims paid within a week",
    ),
    other_name=("Harborline Mutual", "Harborline Mut."),
    lines=("Ask which quotes are late.", "Promise a quote within a day, and call when it is out."),
    newcomer="Ridgeway Re",
)
AGENTS = frozenset({"agent", "agency", "dealer"})


@dataclass(slots=True)
class Demo:
    """What the steps of filling share."""

    tenant: Tenant
    words: Words
    chance: Random
    partners: Sequence[Partner]
    revenue: dict[UUID, Decimal]
    tiers: dict[UUID, str]
    now: datetime
    today: date
    rivals: Sequence[Competitor] = ()
    products: Sequence[Product] = ()


@transaction.atomic
def fill(tenant: Tenant, size: object = None) -> None:
    """Fill the tenant in scope with two years of activities of its partners that have a rep."""
    if Visit.objects.exists():
        return
    partners = list(
        Partner.objects.active().exclude(rep=None).select_related("rep__user").order_by("name", "pk")
    )
    if not partners:
        return
    today = calendar.today(tenant)
    revenue = _revenue(partners, today)
    demo = Demo(
        tenant=tenant,
        words=INSURER if any(partner.kind in AGENTS for partner in partners) else HOSPITAL,
        chance=Random(f"activities {tenant.slug}"),  # nosec B311 # demo data, no secret
        partners=partners,
        revenue=revenue,
        tiers=_tiers(partners, revenue),
        now=clock.now(),
        today=today,
    )
    _plans(demo)
    _visits(demo)
    _insights(demo)
    _opportunities(demo)


def _revenue(partners: Sequence[Partner], today: date) -> dict[UUID, Decimal]:
    rows = PartnerMonth.objects.filter(partner__in=[partner.pk for partner in partners]).of_year_ending(today)
    totals: dict[UUID, Decimal] = {}
    for row in rows:
        totals[row.partner_id] = totals.get(row.partner_id, Decimal(0)) + row.revenue
    return totals


def _tiers(partners: Sequence[Partner], revenue: dict[UUID, Decimal]) -> dict[UUID, str]:
    """How reps see their partners: the tier in force, else by the place in the order of revenue."""
    ranked = sorted((p for p in partners if revenue.get(p.pk)), key=lambda p: (-revenue[p.pk], p.name))
    by_place = {
        partner.pk: next((tier for tier, share in SHARES if place < share * len(ranked)), "low")
        for place, partner in enumerate(ranked)
    }
    return {partner.pk: partner.tier or by_place.get(partner.pk, "") for partner in partners}


def _plans(demo: Demo) -> None:
    start = calendar.add_months(demo.today, -MONTHS)
    for partner in demo.partners:
        tier = demo.tiers[partner.pk]
        if tier in PLANS and demo.chance.random() < 0.7:
            visits, months = PLANS[tier]
            extra = demo.chance.choice((0, 0, 1)) if tier == "high" else 0
            set_call_plan(partner=partner, visits=visits + extra, months=months, valid_from=start)


# --- visits -------------------------------------------------------------------------------------


def _visits(demo: Demo) -> None:
    months = list(calendar.month_range(calendar.add_months(demo.today, -MONTHS), demo.today))
    past = []
    for partner in demo.partners:
        keenness = demo.chance.uniform(0.6, 1.15)
        for month in months:
            for _ in range(_count(demo.chance, MONTHLY_VISITS[demo.tiers[partner.pk]] * keenness)):
                moment = _moment(demo, month)
                if moment is not None and isinstance(partner.rep, Membership):
                    past.append(PastVisit(partner=partner, rep=partner.rep, details=_details(demo, moment)))
    past.sort(key=lambda visit: visit.details.happened_at)
    made = log_past_visits(visits=past)
    recent = demo.now - timedelta(days=OPEN_STEP_DAYS)
    complete_past_steps(visits=[visit for visit in made if visit.happened_at < recent])


def _count(chance: Random, mean: float) -> int:
    """Return a small random number with this mean: the whole part, and one more as often as the rest says."""
    whole = int(mean)
    return max(0, whole + (chance.random() < mean - whole) + chance.choice((-1, 0, 0, 0, 1)) * (mean >= 1))


def _moment(demo: Demo, month: date) -> datetime | None:
    """Return a working hour in the month, in the tenant's zone; None when that lies ahead."""
    day = month + timedelta(days=demo.chance.randrange(28))
    day -= timedelta(days=max(0, day.weekday() - 4))
    at = time(demo.chance.choice((8, 9, 10, 11, 13, 14, 15, 16)), demo.chance.choice((0, 10, 15, 30, 40, 45)))
    moment = datetime.combine(max(day, month), at, ZoneInfo(demo.tenant.timezone))
    return moment if moment < demo.now else None


def _details(demo: Demo, moment: datetime) -> VisitInput:
    chance = demo.chance
    purpose = chance.choices(list(demo.words.learned), weights=(25, 30, 25, 15, 5))[0]
    channel = chance.choices([name for name, _ in CHANNELS], weights=[weight for _, weight in CHANNELS])[0]
    step = chance.choice(demo.words.steps) if chance.random() < 0.35 else ""
    due = moment.date() + timedelta(days=chance.randrange(1, 15)) if step else None
    return VisitInput(
        channel=channel,
        happened_at=moment,
        purpose=purpose,
        purpose_other="Event" if purpose == Purpose.OTHER else "",
        minutes=chance.choice((10, 15, 20, 30, 45)) if channel != Channel.EMAIL else None,
        learned=chance.choice(demo.words.learned[purpose]) if chance.random() < 0.8 else "",
        next_step=step,
        next_step_due=due,
    )


# --- insights -----------------------------------------------------------------------------------


def _insights(demo: Demo) -> None:
    competitors = [(competitor_named(name=name), share) for name, share in demo.words.competitors]
    reasons = [differentiator_named(name=name) for name in demo.words.differentiators]
    demo.rivals = [row for row, _ in competitors]
    demo.products = products = list(Product.objects.own().order_by("code")[:5])
    for line in demo.words.lines:
        write_line(competitor=competitors[0][0], line=line, by=None)
    main, other = demo.words.other_name
    add_other_name(row=competitor_named(name=main), name=other)
    for partner in demo.partners:
        # Most is heard from those who refer most; a few partners are contested and reach a ratio.
        mean = {"high": 4, "medium": 3}.get(demo.tiers[partner.pk], 1)
        for _ in range(demo.chance.randrange(mean * 2 + 1)):
            insight = _insight(demo, competitors, reasons, products)
            add_insight(partner=partner, rep=partner.rep, insight=insight)
    _news(demo, competitors[0][0], reasons[0])


def _news(demo: Demo, strongest: Competitor, reason: Differentiator) -> None:
    """Let three losses of this month have one reason, and somebody be heard of for the first time."""
    lost = InsightInput(
        competitor=strongest, outcome=Outcome.LOST, happened_on=demo.today, note=demo.words.lost[0],
        amount=Decimal(12_000), differentiators=[reason],
    )  # fmt: skip
    for partner in demo.partners[:3]:
        add_insight(partner=partner, rep=partner.rep, insight=lost)
    heard = InsightInput(
        competitor=competitor_named(name=demo.words.newcomer), outcome=Outcome.OBSERVED,
        happened_on=demo.today, source=Source.PARTNER,
    )  # fmt: skip
    add_insight(partner=demo.partners[0], rep=demo.partners[0].rep, insight=heard)
    look_for_news()


def _insight(
    demo: Demo,
    competitors: Sequence[tuple[Competitor, float]],
    reasons: Sequence[Differentiator],
    products: Sequence[Product],
) -> InsightInput:
    chance = demo.chance
    competitor, share = chance.choices(competitors, weights=(5, 3, 2))[0]
    draw = chance.random()
    outcome = Outcome.OBSERVED if draw < 0.2 else (Outcome.WON if chance.random() < share else Outcome.LOST)
    return InsightInput(
        competitor=competitor,
        outcome=outcome,
        happened_on=demo.today - timedelta(days=int(chance.triangular(0, 700, 60))),
        note=chance.choice(demo.words.lost) if outcome == Outcome.LOST else "",
        amount=Decimal(chance.randrange(2, 40) * 500) if chance.random() < 0.5 else None,
        claim=chance.choice(demo.words.claims) if chance.random() < 0.3 else "",
        product=chance.choice(products) if products and chance.random() < 0.8 else None,
        source=chance.choice(("", Source.PARTNER, Source.PARTNER, Source.SEEN, Source.HEARSAY)),
        confidence=chance.choice(("", Confidence.SURE, Confidence.LIKELY)),
        differentiators=chance.sample(reasons, chance.choice((1, 1, 2))),
    )


# --- opportunities ------------------------------------------------------------------------------


def _opportunities(demo: Demo) -> None:
    for partner in demo.partners:
        chance = {"high": 0.8, "medium": 0.6}.get(demo.tiers[partner.pk], 0.2)
        for name in demo.chance.sample(demo.words.opportunities, 2):
            if demo.chance.random() < chance:
                _opportunity(demo, partner, name)


def _opportunity(demo: Demo, partner: Partner, name: str) -> None:
    chance = demo.chance
    year = max(demo.revenue.get(partner.pk, Decimal(0)), Decimal(8_000))
    amount = _rounded(year * Decimal(chance.randrange(6, 22)) / 100)
    closes = chance.random() < 0.6
    opened = demo.now - timedelta(days=chance.randrange(60, 620) if closes else chance.randrange(20, 150))
    close = demo.today + timedelta(days=chance.randrange(20, 240))
    if closes:
        close = min(demo.today, (opened + timedelta(days=chance.randrange(40, 200))).date())
    made = create_opportunity(
        partner=partner,
        owner=partner.rep,
        details=OpportunityInput(
            name=f"{name}, Q{(close.month + 2) // 3}",
            amount=amount,
            close_date=close,
            stage=chance.choice(Stage.values),
            competitor=chance.choice(demo.rivals) if demo.rivals and chance.random() < 0.6 else None,
            product=chance.choice(demo.products) if demo.products and chance.random() < 0.7 else None,
        ),
        at=opened,
    )
    last = demo.now - timedelta(days=chance.randrange(1, 18))
    ended = min(last, opened + timedelta(days=(close - opened.date()).days + chance.randrange(-20, 60)))
    _budgets(demo, made, opened, until=ended if closes else demo.now - timedelta(days=18))
    if closes:
        state = OpportunityState.WON if chance.random() < 0.6 else OpportunityState.LOST
        closed = close_opportunity(opportunity=made, state=state, at=ended)
        if state == OpportunityState.WON and chance.random() < 0.8:
            tie_orders(opportunity=closed, orders=list(may_fulfil(closed)[: chance.randrange(1, 6)]))


def _rounded(amount: Decimal) -> Decimal:
    """To the nearest 500, as people estimate; at least 500."""
    return max(Decimal(500), (amount / 500).to_integral_value() * 500)


def _budgets(demo: Demo, opportunity: Opportunity, at: datetime, *, until: datetime) -> None:
    for _ in range(demo.chance.randrange(4)):
        at += timedelta(days=demo.chance.randrange(12, 70))
        if at >= until:
            return
        factor = Decimal(demo.chance.choice((80, 90, 110, 120, 135))) / 100
        update_budget(
            opportunity=opportunity,
            by=opportunity.owner,
            amount=_rounded(opportunity.amount * factor),
            note=demo.chance.choice(("", "", "After the last visit", "Scope agreed")),
            at=at,
        )
