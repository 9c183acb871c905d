"""Input of opportunities and budgets."""

from collections.abc import Sequence
from typing import Unpack

from django import forms
from django.http import QueryDict

from activities.market.budgets.models import Opportunity
from activities.market.budgets.products.queries import Part
from activities.market.budgets.products.service import MOST_PRODUCTS
from activities.market.budgets.service import BudgetInput, OpportunityInput
from activities.market.budgets.states import Stage
from activities.market.forms import offer_partners, partner_field
from activities.market.names.pickers import COMPETITORS
from activities.market.names.queries import root_of
from orders.book.models import Order
from orders.catalogue.choosing import PRODUCTS
from partners.directory.models import Partner
from prm.core.ids import uuid7
from prm.core.numbers import typed_amount
from prm.ui.fields import AmountField, Cleaned, DayField, FormOptions
from prm.ui.formatting import day as day_words
from prm.ui.formatting import money
from prm.ui.pickers.fields import PickerField

ROWS = 3
"""Products that a form has room for; where there are as many, for two more."""

NEW = "new"
"""Stands for an opportunity that is not there yet."""


class BudgetForm(forms.Form):
    """A new amount or day for one of the partner's open opportunities, or a new opportunity."""

    opportunity = forms.ChoiceField(label="Opportunity", required=False, widget=forms.RadioSelect)
    amount = AmountField(label="Expected amount")
    close_date = DayField(label="Expected by", required=False)
    name = forms.CharField(label="Name of the new opportunity", required=False, max_length=120)

    def __init__(self, *, open_ones: Sequence[Opportunity], **options: Unpack[FormOptions]) -> None:
        self.open_ones = {str(one.pk): one for one in open_ones}
        first = next(iter(self.open_ones), NEW)
        options["initial"] = {"opportunity": first} | options.get("initial", {})
        super().__init__(**options)
        choices = [(pk, budget_words(one)) for pk, one in self.open_ones.items()]
        self.fields["opportunity"].choices = [*choices, (NEW, "A new one")]  # type: ignore[attr-defined]
        self.fields["opportunity"].error_messages["invalid_choice"] = "There is no such opportunity here."

    def has_changed(self) -> bool:
        """Whether a budget was entered; which opportunity is preset says nothing."""
        return any(name != "opportunity" for name in self.changed_data)

    def clean(self) -> Cleaned:
        """Require a name and a day of a new opportunity."""
        data = super().clean() or {}
        if self.has_changed() and data.get("opportunity") in {NEW, ""}:
            if not data.get("name"):
                self.add_error("name", "Give the new opportunity a name.")
            if not data.get("close_date") and "close_date" not in self.errors:
                self.add_error("close_date", "Say by when it is expected.")
        return data

    def budget(self) -> BudgetInput:
        """Return the budget as the services take it; call after ``is_valid()``."""
        data = self.cleaned_data
        return BudgetInput(
            opportunity=self.open_ones.get(data["opportunity"]),
            name=data["name"],
            amount=data["amount"],
            close_date=data["close_date"],
        )


def budget_words(opportunity: Opportunity) -> str:
    """Return "Joint replacement, Q1 · $48,000 for 31 Mar"."""
    amount = money(opportunity.amount, opportunity.currency)
    return f"{opportunity.name} · {amount} for {day_words(opportunity.close_date)}"


class ProductsForm(forms.Form):
    """What an opportunity is about: one product, or several with an amount each, which make its amount.

    Rows that are empty count as none. `amount` and `product` are the form's own fields.
    """

    def offer_parts(self, parts: Sequence[Part]) -> None:
        """Make the rows: those there are, and room for more."""
        self.places = range(1, max(ROWS, min(len(parts) + 2, MOST_PRODUCTS)) + 1)
        for place in self.places:
            picker = PickerField(PRODUCTS, label=f"Product {place}", required=False)
            self.fields[f"product_{place}"] = picker
            self.fields[f"part_{place}"] = AmountField(label="Its part", required=False)
        for place, (product, amount) in enumerate(parts, start=1):
            self.initial.update({f"product_{place}": product, f"part_{place}": typed_amount(amount)})

    @property
    def shows_parts(self) -> bool:
        """Whether the rows are open: some are filled in, or were sent."""
        names = [f"{kind}_{place}" for place in self.places for kind in ("product", "part")]
        return any(self[name].value() for name in names) or any(name in self.errors for name in names)

    @property
    def rows(self) -> list[tuple[forms.BoundField, forms.BoundField]]:
        """Return the fields of each row."""
        return [(self[f"product_{place}"], self[f"part_{place}"]) for place in self.places]

    def clean(self) -> Cleaned:
        """Refuse half a row, and one product beside several."""
        data = super().clean() or {}
        for place in self.places:
            product, part = data.get(f"product_{place}"), data.get(f"part_{place}")
            if part is not None and not product and f"product_{place}" not in self.errors:
                self.add_error(f"product_{place}", "Choose what this part is for, or empty it.")
            if product and part is None and f"part_{place}" not in self.errors:
                self.add_error(f"part_{place}", "Say what part of the amount is for it.")
        if data.get("product") and self.parts():
            self.add_error("product", "Leave this empty where there are several, or empty the rows.")
        return data

    def parts(self) -> list[Part]:
        """Return the rows that are filled in."""
        data = self.cleaned_data
        rows = [(data.get(f"product_{place}"), data.get(f"part_{place}")) for place in self.places]
        return [Part(product, part) for product, part in rows if product and part is not None]


class OpportunityForm(ProductsForm):
    """A new opportunity."""

    opportunity_id = forms.UUIDField(widget=forms.HiddenInput, required=False)
    partner = partner_field()
    name = forms.CharField(label="Name", max_length=120, help_text="What is expected, as in “Echo lab, Q1”.")
    amount = AmountField(label="Expected amount")
    close_date = DayField(label="Expected by")
    stage = forms.ChoiceField(
        label="Stage", choices=Stage, widget=forms.RadioSelect, initial=Stage.PROSPECTING
    )

    competitor = PickerField(COMPETITORS, label="Against whom", required=False)
    product = PickerField(PRODUCTS, label="Product or service", required=False)

    def __init__(self, data: QueryDict | None = None, *, partner: Partner | None = None) -> None:
        super().__init__(data, initial={"opportunity_id": uuid7(), "partner": partner})
        offer_partners(self, fixed=partner)
        self.offer_parts(())

    def details(self) -> OpportunityInput:
        """Return the opportunity as the services take it; call after ``is_valid()``."""
        names = ("name", "amount", "close_date", "stage", "competitor", "product")
        return OpportunityInput(**{name: self.cleaned_data[name] for name in names}, products=self.parts())


class ChangeOpportunityForm(ProductsForm):
    """An open opportunity: its name and stage, and its budget."""

    name = forms.CharField(label="Name", max_length=120)
    stage = forms.ChoiceField(label="Stage", choices=Stage, widget=forms.RadioSelect)
    amount = AmountField(label="Expected amount")
    close_date = DayField(label="Expected by")
    note = forms.CharField(label="Why it changed", required=False, max_length=500)
    competitor = PickerField(COMPETITORS, label="Against whom", required=False)
    product = PickerField(PRODUCTS, label="Product or service", required=False)

    def __init__(
        self, data: QueryDict | None = None, *, opportunity: Opportunity, parts: Sequence[Part]
    ) -> None:
        super().__init__(data, initial=self.initial_of(opportunity))
        self.offer_parts(parts)

    @staticmethod
    def initial_of(opportunity: Opportunity) -> dict[str, object]:
        """Return the present values; a product or competitor that was merged is the one it is now."""
        product, competitor = opportunity.product, opportunity.competitor
        values: dict[str, object] = {
            name: getattr(opportunity, name) for name in ("name", "stage", "close_date")
        }
        values |= {"product": product and product.main, "competitor": competitor and root_of(competitor)}
        return values | {"amount": typed_amount(opportunity.amount)}


class OrdersForm(forms.Form):
    """Which of the orders that are offered fulfilled an opportunity."""

    orders = forms.MultipleChoiceField(label="Orders", required=False, widget=forms.CheckboxSelectMultiple)

    def __init__(
        self, data: QueryDict | None = None, *, offered: Sequence[Order], initial: dict[str, object]
    ) -> None:
        super().__init__(data, initial=initial)
        self.fields["orders"].choices = [(str(one.pk), order_words(one)) for one in offered]  # type: ignore[attr-defined]


def order_words(order: Order) -> str:
    """Return "4711 · $1,200 on 3 Nov"."""
    return f"{order.number} · {money(order.amount, order.currency)} on {day_words(order.placed_at)}"
