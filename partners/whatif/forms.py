"""The figures of a policy as people type them."""

from collections.abc import Iterator, Mapping
from typing import Final

from django import forms
from django.forms import BoundField

from partners.policy.components import usual_weights, whole_weights
from partners.policy.models import StandingPolicy
from partners.policy.rules import PLAN_MONTHS, Value
from partners.standing.words import label_of
from partners.states import Tier
from prm.core.fields import LONGEST_TEXT
from prm.tenancy.context import said_of_orders
from prm.ui.fields import AmountField

_PER: Final = {1: "a month", 2: "every two months", 3: "a quarter", 6: "a half-year", 12: "a year"}
_PLAIN: Final = (
    "medium_from", "high_from", "hysteresis_pct", "minimum_stay_months", "trailing_months", "repeat_k",
    "repeat_n", "lapse_months",
)  # fmt: skip


class PolicyForm(forms.Form):
    """All figures of a policy; what is not sent stays as in `base`."""

    medium_from = AmountField(label="Medium from")
    high_from = AmountField(label="High from")
    hysteresis_pct = forms.DecimalField(label="Margin before lowering, %", max_digits=4, decimal_places=1)
    minimum_stay_months = forms.IntegerField(label="Minimum stay, months")
    trailing_months = forms.IntegerField(label="Months that count")
    repeat_k = forms.IntegerField(label=said_of_orders("Repeat: months with {orders}"))
    repeat_n = forms.IntegerField(label="of the last months")
    lapse_months = forms.IntegerField(label="Lapsed after months")

    def __init__(self, data: Mapping[str, object] | None = None, *, base: StandingPolicy) -> None:
        initial = _initial(base)
        # An address may name one figure only: all others are as they were.
        whole = None if data is None else {**initial, **{key: data[key] for key in data}}
        super().__init__(whole, initial=initial)
        for key in usual_weights():
            self.fields[f"weight_{key}"] = forms.DecimalField(label=label_of(key), min_value=0, max_value=100)
        for tier in Tier.values:
            self.fields[f"visits_{tier}"] = forms.IntegerField(
                label=f"Visits, {tier}", min_value=0, max_value=31
            )
            self.fields[f"months_{tier}"] = forms.TypedChoiceField(
                label="in", choices=[(months, _PER[months]) for months in PLAN_MONTHS], coerce=int
            )

    def weights(self) -> Iterator[BoundField]:
        """Yield the fields of the weights."""
        return (self[f"weight_{key}"] for key in usual_weights())

    def visits(self) -> Iterator[BoundField]:
        """Yield the fields of the usual visits."""
        return (self[f"{part}_{tier}"] for tier in Tier.values for part in ("visits", "months"))

    def figures(self) -> dict[str, Value]:
        """Return the figures of `StandingPolicy`, for the services."""
        said = self.cleaned_data
        return {
            **{name: said[name] for name in _PLAIN},
            "basis": StandingPolicy.Basis.FIXED,
            "weights": {key: float(said[f"weight_{key}"]) for key in usual_weights()},
            "usual_visits": {tier: [said[f"visits_{tier}"], said[f"months_{tier}"]] for tier in Tier.values},
        }


def _initial(base: StandingPolicy) -> dict[str, object]:
    weights = {f"weight_{key}": f"{weight:g}" for key, weight in whole_weights(base.weights).items()}
    visits = {
        f"{part}_{tier}": value
        for tier, plan in base.usual_visits.items()
        for part, value in zip(("visits", "months"), plan, strict=True)
    }
    return {**{name: getattr(base, name) for name in _PLAIN}, **weights, **visits}


class ConfirmForm(forms.Form):
    """Why, and from when."""

    reason = forms.CharField(label="Why", required=False, max_length=LONGEST_TEXT)
    valid_from = forms.DateField(
        label="From",
        required=False,
        widget=forms.DateInput(attrs={"type": "date"}),
        help_text="Empty: today.",
    )
