"""What the forms of this app have in common."""

from datetime import timedelta
from typing import Any

from django import forms
from django.db.models import Count

from activities.market.competition.models import Competitor, Differentiator
from partners.directory.models import Partner
from prm.core import calendar
from prm.tenancy.context import current_tenant

MOST_CHIPS = 6


NEW = "new"


PICK = {"required": "Choose one of these."}


class ServiceForm(forms.Form):
    """A form that may be a part of a page."""

    @property
    def is_used(self) -> bool:
        """Whether anything was typed into this part of a page that was sent."""
        return self.is_bound and self.has_changed()


def frequent(model: type[Competitor] | type[Differentiator], days: int = 365) -> list[tuple[str, str]]:
    """The names most used in insights of the last year, then the others by name, as choices (1 query)."""
    since = calendar.today(current_tenant()) - timedelta(days=days)
    path = "insights__happened_on" if model is Competitor else "insights__insight__happened_on"
    rows = model.objects.filter(**{f"{path}__gte": since}) | model.objects.filter(insights=None)
    ranked = rows.annotate(times=Count("insights")).order_by("-times", "name")[:MOST_CHIPS]
    return [(str(row.pk), row.name) for row in ranked]


def names_of(typed: str) -> list[str]:
    """Names separated by commas or lines."""
    return [name for name in (part.strip() for part in typed.replace("\n", ",").split(",")) if name]


def offer_partners(field: Any, *, fixed: Partner | None) -> None:
    """Bind a partner field to the tenant in scope; hidden when the partner is known."""
    field.label = current_tenant().partner_noun.capitalize()
    field.queryset = Partner.objects.active().order_by("name", "pk")
    if fixed is not None:
        field.queryset = Partner.objects.filter(pk=fixed.pk)
        field.widget = forms.HiddenInput()


class PartnerSearchForm(forms.Form):
    """Whom the rep met."""

    q = forms.CharField(label="Name or referral code", required=False, max_length=100)
