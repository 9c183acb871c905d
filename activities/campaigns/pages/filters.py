"""Filters of members, for page and API alike."""

import django_filters
from django import forms
from django.db.models import Q, QuerySet

from activities.campaigns.planning.models import Campaign, Member
from activities.campaigns.states import CampaignState, Group
from partners.directory.models import Partner

DID = {"opened": "Opened", "came": "Came", "nothing": "Nothing seen"}


class MemberFilter(django_filters.FilterSet):
    """Members by name, group and what was seen of them."""

    q = django_filters.CharFilter(method="by_words", label="Search")
    campaign = django_filters.UUIDFilter(field_name="campaign_id", widget=forms.HiddenInput)
    group = django_filters.ChoiceFilter(choices=Group.choices, method="by_group", label="Group")
    did = django_filters.ChoiceFilter(choices=list(DID.items()), method="by_did", label="Seen")

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

    def by_did(self, queryset: QuerySet[Member], name: str, value: str) -> QuerySet[Member]:
        """Those who opened, came, or of whom nothing was seen."""
        del name
        came = Q(came_on__isnull=False) | Q(attended_at__isnull=False)
        opened = Q(opened_on__isnull=False) | came
        return queryset.filter({"opened": opened, "came": came, "nothing": ~opened}[value])


class CampaignFilter(django_filters.FilterSet):
    """Campaigns by state."""

    state = django_filters.ChoiceFilter(choices=CampaignState.choices)

    class Meta:
        model = Campaign
        fields: tuple[str, ...] = ()
