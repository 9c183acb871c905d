"""One set of filters for the list page, its export and the API."""

from decimal import Decimal
from typing import Any, Literal
from uuid import UUID

import django_filters
from django import forms
from django.db.models import Count, Exists, OuterRef, Q, QuerySet
from django.http import QueryDict

from partners.alarms.states import Direction, Watching
from partners.directory.choosing import PANELS
from partners.directory.models import Partner, PartnerQuerySet
from partners.kinds.queries import all_choices
from partners.pasted.queries import pasted
from partners.profiles import columns
from partners.profiles.own import OF
from partners.share.queries import has_only_old, is_asked
from partners.states import Level, Tier
from partners.tags.models import PartnerTag
from partners.tags.queries import having_any
from partners.tags.rules import MOST_OF_ONE, NOBODY, key_of
from prm.accounts.models import Membership
from prm.accounts.rights import Right
from prm.core.calendar import today
from prm.core.notation.reader import figure
from prm.core.words.countries import country_code, country_name
from prm.ownfields.lists.filters import filters as own_filters
from prm.ownfields.lists.filters import own_words
from prm.tenancy.context import current_tenant, said_of_orders
from prm.tenancy.use_cases import require
from prm.ui.filters import AmountFilter, YesNoFilter
from prm.ui.formatting import money
from prm.ui.pickers.fields import PickerFilter

# A list that is narrowed by a figure tells the figure.
FIGURES = ("level", "proposal", "alarm", "estimate", "revenue", "headroom", "score")


ALARMS = (
    ("slipping", "Slipping"),
    ("rising", "Rising"),
    ("rare", "Too few to see a halving"),
)


def shows_all(query: QueryDict) -> bool:
    """Return whether a list shows also who is not active: where that is asked for, and whom a pasted column names."""
    return bool(query.get("is_active") or query.get("pasted"))


class PartnerFilter(django_filters.FilterSet):
    """Partners by name or code, standing, panel and state."""

    q = django_filters.CharFilter(method="search", label="Name or code")
    level = django_filters.ChoiceFilter(field_name="standing__level", choices=Level, label="Level")
    tier = django_filters.ChoiceFilter(
        choices=[*Tier.choices, ("none", "None yet")], method="by_tier", label="Tier"
    )
    kind = django_filters.ChoiceFilter(choices=all_choices, label="Kind")
    rep = PickerFilter(PANELS, method="by_rep", label="Rep")
    region = django_filters.CharFilter(method="by_region", label="Region")
    country = django_filters.CharFilter(method="by_country", label="Country")
    tags = django_filters.CharFilter(method="by_tags", label="Tags, any of")
    tags_all = django_filters.CharFilter(method="by_all_tags", label="Tags, all of")
    proposal = YesNoFilter(method="by_proposal", label="Tier change proposed")
    alarm = django_filters.ChoiceFilter(choices=ALARMS, method="by_alarm", label=said_of_orders("{Orders}"))
    estimate = django_filters.ChoiceFilter(
        choices=[
            ("none", "None, and worth asking for"),
            ("below", "Below what they already send"),
            ("old", "Older than a year"),
            ("asked", "The rep is asked"),
        ],
        method="by_estimate",
        label="Estimate",
    )
    revenue = AmountFilter("standing__revenue_12m", "gte", label="Revenue, 12 months")
    headroom = AmountFilter("headroom_told", "gte", label="Headroom")
    score = django_filters.NumberFilter(field_name="standing__score", lookup_expr="gte", label="Score")
    is_active = YesNoFilter(label="Active")
    pasted = django_filters.UUIDFilter(method="by_pasted", label="Pasted", widget=forms.HiddenInput)

    class Meta:
        model = Partner
        fields = (
            "q",
            "level",
            "tier",
            "kind",
            "rep",
            "region",
            "country",
            "tags",
            "tags_all",
            "proposal",
            "alarm",
            "estimate",
            "revenue",
            "headroom",
            "score",
            "is_active",
            "pasted",
        )

    def __init__(self, *args: Any, **kwargs: Any) -> None:
        super().__init__(*args, **kwargs)
        for name, one in (columns.filters() | own_filters(OF)).items():
            one.field_name, one.parent, one.model = name, self, Partner
            self.filters[name] = one
        # A boolean select offers "unknown" by default, which means "any" to nobody.
        for name in ("proposal", "is_active"):
            self.filters[name].extra["widget"] = forms.Select(
                choices=[("", "Any"), ("true", "Yes"), ("false", "No")]
            )

    def filter_queryset(self, queryset: QuerySet[Partner]) -> QuerySet[Partner]:
        """Filter. Raises PermissionDenied for a figure that the caller may not see."""
        if any(self.form.cleaned_data.get(name) not in ("", None) for name in FIGURES):
            require(Right.STANDING_VIEW)
        found: QuerySet[Partner] = super().filter_queryset(queryset)
        return found

    def search(self, queryset: PartnerQuerySet, name: str, value: str) -> QuerySet[Partner]:
        """Filter by part of the name or the beginning of a code."""
        del name
        return queryset.matching(value)

    def by_tier(self, queryset: PartnerQuerySet, name: str, value: str) -> QuerySet[Partner]:
        """Filter by the tier in force."""
        del name
        return queryset.filter(tier="" if value == "none" else value)

    def by_region(self, queryset: PartnerQuerySet, name: str, value: str) -> QuerySet[Partner]:
        """Filter by the region; "none" finds partners without one."""
        del name
        return (
            queryset.filter(region="") if value == "none" else queryset.filter(region__iexact=value.strip())
        )

    def by_country(self, queryset: PartnerQuerySet, name: str, value: str) -> QuerySet[Partner]:
        """Filter by the country, as code or name; "none" finds partners without one, what is no country nobody."""
        del name
        if value == "none":
            return queryset.filter(country="")
        code = country_code(value)
        return queryset.filter(country=code) if code else queryset.none()

    def by_tags(self, queryset: QuerySet[Partner], name: str, value: str) -> QuerySet[Partner]:
        """Keep those who have one of the tags, commas between them; "none" finds those without any."""
        del name
        asked = value.split(",")
        some = Q(pk__in=having_any(asked).values("partner_id"))
        if NOBODY in {key_of(word) for word in asked}:
            some |= Q(~Exists(PartnerTag.objects.filter(partner=OuterRef("pk"))))
        return queryset.filter(some)

    def by_all_tags(self, queryset: QuerySet[Partner], name: str, value: str) -> QuerySet[Partner]:
        """Keep those who have all of the tags, commas between them."""
        del name
        keys = {key for word in value.split(",")[:MOST_OF_ONE] if (key := key_of(word))}
        rows = (
            having_any(sorted(keys)).values("partner_id").annotate(found=Count("pk")).filter(found=len(keys))
        )
        return queryset.filter(pk__in=rows.values("partner_id"))

    def by_rep(
        self, queryset: PartnerQuerySet, name: str, value: Membership | Literal["nobody"]
    ) -> QuerySet[Partner]:
        """Filter by panel; "nobody" finds partners without a rep."""
        del name
        return queryset.filter(rep=None if isinstance(value, str) else value)

    def by_proposal(self, queryset: PartnerQuerySet, name: str, value: bool) -> QuerySet[Partner]:
        """Keep those whose tier change waits for a decision, or all others."""
        del name
        waiting = Partner.objects.awaiting_decision(today(current_tenant())).values("pk")
        return queryset.filter(pk__in=waiting) if value else queryset.exclude(pk__in=waiting)

    def by_estimate(self, queryset: QuerySet[Partner], name: str, value: str) -> QuerySet[Partner]:
        """Keep high and medium ones whose total nobody has estimated, or whose estimates are doubtful, old or asked for."""
        del name
        if value == "asked":
            return queryset.filter(is_asked())
        if value == "old":
            return queryset.filter(has_only_old())
        if value == "below":
            return queryset.filter(standing__share_doubtful=True)
        return queryset.filter(standing__headroom_low=None, tier__in=[Tier.HIGH, Tier.MEDIUM])

    def by_pasted(self, queryset: QuerySet[Partner], name: str, value: UUID) -> QuerySet[Partner]:
        """Keep whom a column means that who asks has pasted; nobody for one that is not theirs, or gone."""
        del name
        column = pasted(value)
        return queryset.filter(pk__in=column.ids) if column else queryset.none()

    def by_alarm(self, queryset: QuerySet[Partner], name: str, value: str) -> QuerySet[Partner]:
        """Keep those of whom an alarm stands, or for whom none can be seen."""
        del name
        if value == "rare":
            return queryset.filter(watch__state=Watching.RARE)
        return queryset.filter(watch__direction=Direction.FALL if value == "slipping" else Direction.RISE)

    def chip_words(self, name: str, value: object) -> str | None:
        """Write amounts in the tenant's currency, and how many a pasted column has found; the rest as the kit writes it."""
        if isinstance(value, UUID) and name == "pasted":
            column = pasted(value)
            return (
                f"{figure(len(column.ids))} of {figure(column.lines)}" if column else "gone: paste it again"
            )
        if name in {"revenue", "headroom"} and isinstance(value, Decimal):
            return f"from {money(value, current_tenant())}"
        if name == "country" and isinstance(value, str):
            return country_name(country_code(value)) or value
        return own_words(name, value)
