"""How a budget is put into words."""

from activities.market.budgets.models import BudgetUpdate
from prm.ui.formatting import day, money


def budget_change(update: BudgetUpdate) -> tuple[str, str]:
    """Return what a budget update did, as a title and a sentence's worth of figures."""
    currency = update.opportunity.currency
    new = money(update.new_amount, currency)
    due = day(update.new_close)
    if update.old_amount is None:
        return "Opportunity opened", f"{new} for {due}"
    if (update.old_amount, update.old_close) == (update.new_amount, update.new_close):
        return "Still right", f"{new} for {due}"
    if update.old_amount == update.new_amount:
        return "Date moved", f"{day(update.old_close)} → {due}"
    verb = "raised" if update.new_amount > update.old_amount else "lowered"
    title = "Budget taken back" if update.reverses_id else f"Budget {verb}"
    return title, f"{money(update.old_amount, currency)} → {new}"
