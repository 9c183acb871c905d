"""Filters of members, for page and API alike."""

import django_filters
from django import forms
from django.db.models import Q, QuerySet

from activities.campaigns.planning.models import Campaign, Member, MemberQuerySet
from activities.campaigns.states import Again, CampaignState, Group
from partners.directory.models import Partner
from prm.ui.filters import YesNoFilter

DID = {
    "opened": "Opened",
    Again.UNOPENED.value: "Not opened",
    "came": "Came",
    Again.AWAY.value: "Not come",
    "nothing": "Nothing seen",
}


class MemberFilter(django_filters.FilterSet):
    """Members by name, group and what was seen of them."""

    q = django_filters.CharFilter(method="by_words", label="Search")
    campaign = django_filters.UUIDFilter(field_name="campaign_id", widget=forms.HiddenInput)
    group = django_filters.ChoiceFilter(choices=Group.choices, method="by_group", label="Group")
    did = django_filters.ChoiceFilter(choices=list(DID.items()), method="by_did", label="Seen")

    ordered = YesNoFilter(method="by_ordered", label="Ordered")

    class Meta:
        model = Member
        fields: tuple[str, ...] = ()

    def by_words(self, queryset: QuerySet[Member], name: str, value: str) -> QuerySet[Member]:
        """Those whose partner's name contains the words."""
        del name
        return queryset.filter(partner_id__in=Partner.objects.matching(value).values("pk"))

    def by_group(self, queryset: QuerySet[Member], name: str, value: str) -> QuerySet[Member]:
        """Those of a group, once coins are shown."""
        del name
        return queryset.filter(group=value, wave__drawn_at__isnull=False)

    def by_did(self, queryset: MemberQuerySet, name: str, value: str) -> MemberQuerySet:
        """Those who opened or came; or those who were sent something and did not; or of whom nothing was seen."""
        del name
        came = Q(came_on__isnull=False) | Q(attended_at__isnull=False)
        opened = Q(opened_on__isnull=False) | came
        if value in Again.values:
            return queryset.sent().quiet(value)
        return queryset.filter({"opened": opened, "came": came, "nothing": ~opened}[value])

    def by_ordered(self, queryset: MemberQuerySet, name: str, value: bool) -> MemberQuerySet:
        """Those who ordered in the weeks that count, or did not."""
        del name
        return queryset.filter(orders__gt=0) if value else queryset.filter(orders=0)


class CampaignFilter(django_filters.FilterSet):
    """Campaigns by state."""

    state = django_filters.ChoiceFilter(choices=CampaignState.choices)

    class Meta:
        model = Campaign
        fields: tuple[str, ...] = ()
