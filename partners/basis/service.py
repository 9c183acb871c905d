"""What follows for partners when the company counts in another money, or in another calendar."""

from decimal import Decimal

from django.db.models import F, Value
from django.db.models.functions import Greatest, Round

from partners.policy.models import StandingPolicy
from partners.policy.queries import draft, policy_in_force
from partners.policy.service import set_policy
from partners.reviews.rules import next_review_on
from partners.share.models import ShareEstimate
from partners.standing.models import StandingMonth
from partners.standing.service import request_everybody
from prm.accounts.models import Membership
from prm.company.settings.moves import Effect, Move
from prm.core.calendar import quarter_word, today
from prm.core.money import currency_decimals
from prm.tenancy.context import current_actor, current_tenant
from prm.tenancy.use_cases import needs_no_right
from prm.ui.formatting import day, money, plural

_SMALLEST = Decimal("0.0001")
"""What a column of money can hold."""


@needs_no_right("reads, for who is about to change the company's settings")
def effects(move: Move) -> list[Effect]:
    """Say what a change would do to estimates, bands, quarters."""
    if move.field == "year_starts":
        return [_year_effect(move)]
    return _money_effects(move) if move.field == "currency" else []


@needs_no_right("follows from a change of the company's settings, whose right was asked there")
def follow(move: Move) -> None:
    """Do it: the tenant's row has its new values already."""
    if move.field == "currency" and move.rate is not None:
        _convert(move, move.rate)
    if move.field in ("currency", "timezone"):
        request_everybody()


def _year_effect(move: Move) -> Effect:
    now = today(current_tenant())
    before, after = (quarter_word(now, int(month)) for month in (move.before, move.after))
    named = f"this quarter is {after}" + (f" and no longer {before}" if after != before else "")
    return Effect(
        f"Quarters and reviews move: {named}; the next review is {day(next_review_on(now, int(move.after)))}. "
        "Signed reviews keep their dates and names. No figure changes."
    )


def _money_effects(move: Move) -> list[Effect]:
    found = []
    if estimates := ShareEstimate.objects.count():
        words = f"{plural(estimates, 'estimate')} of what partners send in a year become {move.after} at your rate."
        found.append(Effect(words, estimates, needs_rate=True))
    policy = policy_in_force()
    if policy.is_confirmed:
        bands = f"{money(policy.medium_from, move.before)} and {money(policy.high_from, move.before)}"
        words = (
            f"The bands of {bands} become a new version of the policy at your rate, in force from today; tiers stay "
            "until they are reviewed, and signed reviews keep their figures."
        )
        found.append(Effect(words, StandingMonth.objects.count() + 1, needs_rate=True))
    return found


def _convert(move: Move, rate: Decimal) -> None:
    def of(field: str) -> Greatest:
        return Greatest(Round(F(field) * Value(rate), precision=4), Value(_SMALLEST))

    ShareEstimate.objects.update(low=of("low"), middle=of("middle"), high=of("high"))
    StandingMonth.objects.update(revenue_12m=Round(F("revenue_12m") * Value(rate), precision=4))
    places = currency_decimals(move.after)
    drafted, policy = draft(), policy_in_force()
    if drafted is not None:
        drafted.medium_from, drafted.high_from = _bands(drafted, rate, places)
        drafted.save(update_fields=["medium_from", "high_from"])
    if policy.is_confirmed:
        medium, high = _bands(policy, rate, places)
        set_policy(
            by=_signer(),
            reason=f"Currency changed from {move.before} to {move.after}, at {rate.normalize():f}.",
            basis=policy.basis,
            medium_from=medium,
            high_from=high,
        )


def _signer() -> Membership | None:
    """Return who acts, None for a program."""
    member = current_actor().member_id
    return None if member is None else Membership.objects.filter(pk=member).first()


def _bands(policy: StandingPolicy, rate: Decimal, places: int) -> tuple[Decimal, Decimal]:
    """Return the bands converted; the higher stays above the lower, whatever rounding does."""
    step = Decimal(1).scaleb(-places)
    medium = max((Decimal(policy.medium_from) * rate).quantize(step), step)
    return medium, max((Decimal(policy.high_from) * rate).quantize(step), medium + step)
