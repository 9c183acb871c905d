"""What another currency of the company does to what was written down about the market."""

from django.db.models import F, Value
from django.db.models.functions import Round

from activities.market.budgets.models import Opportunity
from activities.market.competition.models import Insight
from prm.company.settings.moves import Effect, Move
from prm.ui.formatting import plural


def effects(move: Move) -> list[Effect]:
    """Say what a change would do; it writes nothing."""
    if move.field != "currency":
        return []
    found = []
    if insights := Insight.objects.filter(currency="").exclude(amount=None).count():
        words = f"{plural(insights, 'amount')} in insights become {move.after} at your rate."
        found.append(Effect(words, insights, needs_rate=True))
    if kept := Opportunity.objects.exclude(currency=move.after).count():
        one, many = "opportunity keeps its currency and is", "opportunities keep their currency and are"
        found.append(Effect(f"{plural(kept, one, many)} not added to those in {move.after}.", kept))
    return found


def follow(move: Move) -> None:
    """Convert the amounts of insights in the company's currency; others, and opportunities, say their own."""
    if move.field == "currency" and move.rate is not None:
        amount = Round(F("amount") * Value(move.rate), precision=2)
        Insight.objects.filter(currency="").exclude(amount=None).update(amount=amount)
        Insight.objects.filter(currency=move.after).update(currency="")
