"""Input of the pages of shared credit."""

from collections.abc import Mapping
from decimal import Decimal
from typing import Final

from django import forms

from orders.book.models import OrderShare
from orders.shares.service import Part
from orders.states import ShareCase
from partners.directory.choosing import ACTIVE_PARTNERS as PARTNERS
from partners.directory.models import Partner
from prm.tenancy.context import said_of_orders
from prm.ui.fields import DayField
from prm.ui.pickers.fields import PickerField

#: Parts that the form has room for.
ROWS: Final = 4


def _percent_field(**options: object) -> forms.DecimalField:
    return forms.DecimalField(label="Per cent", max_digits=5, decimal_places=2, **options)  # type: ignore[arg-type]


class SharesForm(forms.Form):
    """Who gets which part of an order; rows that are empty count as none."""

    def __init__(
        self, data: Mapping[str, object] | None = None, *, shares: list[OrderShare], own: Partner | None
    ) -> None:
        present = [(share.partner_id, share.percent) for share in shares] or (
            [(own.pk, Decimal(100))] if own else []
        )
        initial: dict[str, object] = {}
        for place, (partner_id, percent) in enumerate(present[:ROWS], start=1):
            initial |= {f"partner_{place}": partner_id, f"percent_{place}": f"{percent.normalize():f}"}
        super().__init__(data, initial=initial)
        for place in range(1, ROWS + 1):
            picker = PickerField(PARTNERS, label="Partner", required=False)
            picker.offer_also(initial.get(f"partner_{place}"))
            self.fields[f"partner_{place}"] = picker
            self.fields[f"percent_{place}"] = _percent_field(required=False)

    @property
    def rows(self) -> list[tuple[forms.BoundField, forms.BoundField]]:
        """Return the fields of each part."""
        return [(self[f"partner_{place}"], self[f"percent_{place}"]) for place in range(1, ROWS + 1)]

    def parts(self) -> list[Part]:
        """Return the parts that were filled in; a partner without a percentage, or the other way, is refused."""
        found = []
        for place in range(1, ROWS + 1):
            partner, percent = self.cleaned_data[f"partner_{place}"], self.cleaned_data[f"percent_{place}"]
            if partner and percent:
                found.append(Part(partner.pk, percent))
        return found

    def clean(self) -> None:
        """Refuse half a row."""
        for place in range(1, ROWS + 1):
            partner, percent = (
                self.cleaned_data.get(f"partner_{place}"),
                self.cleaned_data.get(f"percent_{place}"),
            )
            if percent and not partner and not self.errors.get(f"partner_{place}"):
                self.add_error(f"partner_{place}", "Choose who gets this part, or empty the per cent.")


class RuleForm(forms.Form):
    """A rule: whose orders, who gets how much of them, and from when on."""

    case = forms.ChoiceField(label=said_of_orders("Which {orders}"), choices=ShareCase.choices)
    subject = PickerField(
        PARTNERS,
        label="Whose",
        required=False,
        help_text="The partner, or the organisation; empty: any organisation.",
    )
    region = forms.CharField(
        max_length=120, required=False, help_text=said_of_orders("For {orders} from a region.")
    )
    to = PickerField(
        PARTNERS, label="Who gets a part", required=False, help_text="Empty: the organisation of the member."
    )
    percent = _percent_field(min_value=Decimal("0.01"), max_value=Decimal("99.99"))
    since = DayField(
        label=said_of_orders("Of {orders} from"),
        required=False,
        help_text=said_of_orders("Empty: of all {orders}, past ones too."),
    )
