"""Input of campaigns."""

from django import forms

from activities.campaigns.planning.models import Campaign
from activities.campaigns.planning.service import CampaignInput
from activities.campaigns.states import Again, Channel, Whom
from orders.catalogue.models import Product
from partners.saved.models import SavedView
from prm.accounts.models import Membership
from prm.tenancy.context import said_of_orders
from prm.ui.fields import AmountField, DayField


class CampaignForm(forms.Form):
    """A campaign as people describe it."""

    name = forms.CharField(label="Name", max_length=80)
    goal = forms.CharField(label="What for", max_length=200, required=False)
    channels = forms.MultipleChoiceField(
        label="Channels", choices=Channel.choices, widget=forms.CheckboxSelectMultiple
    )
    starts_on = DayField(label="From")
    ends_on = DayField(label="To")
    budget = AmountField(label="Budget", required=False)
    spent = AmountField(label="Spent so far", required=False)
    product = forms.CharField(label="What is to be ordered, by its code", required=False, max_length=80)
    weeks = forms.IntegerField(
        label=said_of_orders("{Orders} count for so many weeks after sending"),
        min_value=1,
        max_value=52,
        initial=8,
    )
    holdout_percent = forms.IntegerField(label="Hold out, in 100", min_value=0, max_value=90, initial=33)

    def clean_product(self) -> Product | None:
        """Return the product of the code."""
        code = self.cleaned_data["product"].strip()
        if not code:
            return None
        found: Product | None = (
            Product.objects.filter(code__iexact=code).select_related("merged_into").first()
        )
        if found is None:
            raise forms.ValidationError(
                "No product has this code. Leave it empty for anything.", code="invalid"
            )
        return found.main

    def details(self) -> CampaignInput:
        """Return the campaign as the services take it; call after ``is_valid()``."""
        return CampaignInput(**self.cleaned_data)

    @staticmethod
    def initial_of(campaign: Campaign) -> dict[str, object]:
        """Return what the form shows of a campaign."""
        names = (
            "name",
            "goal",
            "channels",
            "starts_on",
            "ends_on",
            "budget",
            "spent",
            "weeks",
            "holdout_percent",
        )
        return {name: getattr(campaign, name) for name in names} | {
            "product": campaign.product.code if campaign.product else ""
        }


class LinkForm(forms.Form):
    """An address for a campaign's list."""

    label = forms.CharField(label="Name, as people say it", max_length=80)
    url = forms.CharField(label="Address", max_length=500, widget=forms.TextInput(attrs={"inputmode": "url"}))


class FilterForm(forms.Form):
    """Everybody of a saved view, or all active partners: themselves, or people there."""

    view = forms.ChoiceField(label="Everybody of", required=False)
    whom = forms.ChoiceField(label="Letters go to", choices=Whom.choices, required=False)

    def __init__(self, *args: object, member: Membership | None, **kwargs: object) -> None:
        super().__init__(*args, **kwargs)  # type: ignore[arg-type]  # Django's own
        seen = SavedView.objects.seen_by(member.pk if member else None)
        views = [(str(one.pk), one.name) for one in seen[:100]]
        self.fields["view"].choices = [("", "All that are active"), *views]  # type: ignore[attr-defined]

    def query(self) -> str:
        """Return the query of the list that was chosen."""
        chosen = self.cleaned_data["view"]
        found = SavedView.objects.filter(pk=chosen).first() if chosen else None
        return str(found.query) if found else ""


class SentForm(forms.Form):
    """On which day it was sent."""

    on = DayField(label="Sent on")


class AgainForm(forms.Form):
    """Whom a second letter goes to."""

    again = forms.ChoiceField(choices=Again.choices)


class CountingForm(forms.Form):
    """How the tenant counts."""

    hosts = forms.CharField(
        label="Pages that links may lead to, one host a line",
        required=False,
        widget=forms.Textarea(attrs={"rows": 3}),
    )
    tracking_host = forms.CharField(label="Our own name for links (CNAME)", required=False, max_length=253)
    networks = forms.CharField(
        label="Networks of our own people, one a line",
        required=False,
        widget=forms.Textarea(attrs={"rows": 2}),
    )
    consent = forms.CharField(
        label="What letters say about counting", max_length=2000, widget=forms.Textarea(attrs={"rows": 4})
    )
    keep_months = forms.IntegerField(
        label="Keep web visits of single partners, months", min_value=1, max_value=120
    )
