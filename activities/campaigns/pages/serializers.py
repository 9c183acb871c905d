"""Campaigns, links and members in the API."""

from rest_framework import serializers

from activities.campaigns.planning.models import Campaign, Link, Member
from activities.campaigns.planning.service import CampaignInput
from activities.campaigns.results.models import Figures
from activities.campaigns.states import Channel, Reach, Whom
from orders.catalogue.models import Product
from prm.api.fields import AmountField, DayField, RowField
from prm.api.serializers import Strict, StrictModel
from prm.api.views import Body

MOST_IDS = 2_000


class CampaignFiguresSerializer(serializers.ModelSerializer[Figures]):
    """What was counted last, in partners; figures of the web are at least."""

    class Meta:
        model = Figures
        fields = (
            "at", "result_on", "sent", "reached", "opened", "came", "ordered", "other", "held", "held_ordered",
            "held_other", "orders_before", "held_orders_before", "responded",
        )  # fmt: skip


class CampaignSerializer(StrictModel[Campaign]):
    """A campaign. After its start neither the product, the weeks nor the part held out change."""

    id = serializers.UUIDField(required=False)
    channels = serializers.ListField(
        child=serializers.ChoiceField(choices=Channel.choices), min_length=1, max_length=4
    )
    starts_on = DayField()
    ends_on = DayField()
    budget = AmountField(required=False, allow_null=True)
    spent = AmountField(required=False, allow_null=True)
    currency = serializers.CharField(max_length=3, required=False)
    product = RowField(queryset=Product.objects, required=False, allow_null=True)
    figures = CampaignFiguresSerializer(read_only=True, allow_null=True)

    class Meta:
        model = Campaign
        fields = (
            "id", "name", "goal", "channels", "starts_on", "ends_on", "budget", "spent", "currency", "product", "weeks",
            "holdout_percent", "state", "started_at", "ended_at", "created_at", "figures",
        )  # fmt: skip
        read_only_fields = ("state", "started_at", "ended_at", "created_at")

    @staticmethod
    def details(data: Body, kept: Campaign | None = None) -> CampaignInput:
        """Return validated data as the service takes it; what is not said stays."""
        names = (
            "name", "goal", "channels", "starts_on", "ends_on", "budget", "spent", "currency", "product", "weeks",
            "holdout_percent",
        )  # fmt: skip
        before = {name: getattr(kept, name) for name in names} if kept else {}
        return CampaignInput(**(before | {name: data[name] for name in names if name in data}))


class LinkSerializer(StrictModel[Link]):
    """An address that a campaign's links may lead to; `visits` and `partners` are at least."""

    class Meta:
        model = Link
        fields = ("id", "number", "label", "url", "visits", "partners")
        read_only_fields = ("id", "number", "visits", "partners")


class MemberSerializer(serializers.ModelSerializer[Member]):
    """A member; `group` is empty until the coins of its wave are shown."""

    partner_name = serializers.CharField(source="partner.name", read_only=True)
    wave = serializers.IntegerField(source="wave.number", read_only=True)
    group = serializers.SerializerMethodField()

    class Meta:
        model = Member
        fields = (
            "id", "campaign", "partner", "partner_name", "contact", "wave", "group", "reach", "opened_on", "opens", "came_on",
            "pages", "attended_at", "filtered", "orders",
        )  # fmt: skip

    def get_group(self, member: Member) -> str:
        """Return the side of the coin once it is shown."""
        return member.group if member.wave.drawn_at else ""


class MembersSerializer(Strict[object]):
    """Who is to be added: partners and people by their ids, or everybody of a query of the list of partners."""

    partners = serializers.ListField(child=serializers.UUIDField(), max_length=MOST_IDS, required=False)
    contacts = serializers.ListField(child=serializers.UUIDField(), max_length=MOST_IDS, required=False)
    query = serializers.CharField(max_length=2_000, required=False, allow_blank=True)
    whom = serializers.ChoiceField(
        choices=Whom.choices, required=False, help_text="Who joins of the partners of a query."
    )


class AddedSerializer(Strict[object]):
    """How many were added, or are being added by a worker."""

    added = serializers.IntegerField()
    waits = serializers.IntegerField()


class AttendanceSerializer(Strict[object]):
    """Which members came to the event; `attended` false takes it back."""

    members = serializers.ListField(child=serializers.UUIDField(), max_length=MOST_IDS, min_length=1)
    attended = serializers.BooleanField(default=True)


class ReachSerializer(Strict[object]):
    """What became of letters: an address that is unknown, somebody who wants no more, "" for nothing of that kind."""

    members = serializers.ListField(child=serializers.UUIDField(), max_length=MOST_IDS, min_length=1)
    reach = serializers.ChoiceField(choices=Reach.choices, allow_blank=True)


class ChangedSerializer(Strict[object]):
    """How many members changed."""

    changed = serializers.IntegerField()


class SentAgainSerializer(Strict[object]):
    """The day on which those who had done nothing were sent it again; `again` false takes the note back."""

    on = DayField()
    again = serializers.BooleanField(default=True)


class SentSerializer(Strict[object]):
    """The day on which the latest wave was sent."""

    on = DayField()
