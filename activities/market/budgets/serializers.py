"""Opportunities and budget updates in the API."""

from rest_framework import serializers

from activities.market.budgets.models import BudgetUpdate, Opportunity
from activities.market.budgets.products.models import OpportunityProduct
from activities.market.budgets.products.queries import Part
from activities.market.budgets.products.service import MOST_PRODUCTS
from activities.market.budgets.service import BudgetInput, OpportunityInput
from activities.market.budgets.states import OpportunityState
from activities.market.names.models import Competitor
from orders.book.models import Order
from orders.catalogue.models import Product
from partners.merges.serializers import PartnerField
from prm.accounts.models import Membership
from prm.api.fields import AmountField, DayField, RowField
from prm.api.serializers import Strict, StrictModel
from prm.api.views import Body
from prm.core.fields import LONGEST_TEXT


class BudgetFields(Strict[object]):
    """A new amount or day of an open opportunity; without ``opportunity`` a new one called ``name``."""

    opportunity = RowField(queryset=Opportunity.objects, required=False, allow_null=True, default=None)
    name = serializers.CharField(max_length=120, required=False, allow_blank=True, default="")
    amount = AmountField(required=False, allow_null=True, default=None)
    close_date = DayField(required=False, allow_null=True, default=None)
    note = serializers.CharField(max_length=LONGEST_TEXT, required=False, allow_blank=True, default="")

    def budget(self, data: Body) -> BudgetInput:
        """Return validated data as the services take it."""
        return BudgetInput(**data)


class ProductPartSerializer(StrictModel[OpportunityProduct]):
    """What part of an opportunity's amount is for a product."""

    product = RowField(queryset=Product.objects)
    amount = AmountField()

    class Meta:
        model = OpportunityProduct
        fields = ("product", "amount")

    def validate(self, attrs: Body) -> Body:
        """Both are said, also where of the opportunity only some fields are."""
        if missing := [name for name in self.Meta.fields if name not in attrs]:
            raise serializers.ValidationError(
                dict.fromkeys(missing, "This field is required."), code="required"
            )
        return attrs


class OpportunitySerializer(StrictModel[Opportunity]):
    """An opportunity. Changing amount or day adds a budget update.

    `product` is what it is about; where that are several, they are in `products`, and their amounts make its own. A new amount without
    products changes theirs in proportion; products without an amount make theirs.
    """

    id = serializers.UUIDField(required=False)
    partner = PartnerField()
    partner_name = serializers.CharField(source="partner.name", read_only=True)
    owner = RowField(queryset=Membership.objects, required=False, allow_null=True)
    amount = AmountField(required=False)
    currency = serializers.CharField(max_length=3, required=False)
    close_date = DayField()
    note = serializers.CharField(max_length=LONGEST_TEXT, required=False, write_only=True)
    competitor = RowField(queryset=Competitor.objects, required=False, allow_null=True)
    product = RowField(queryset=Product.objects, required=False, allow_null=True)
    products = ProductPartSerializer(
        many=True,
        required=False,
        source="parts",
        max_length=MOST_PRODUCTS,  # type: ignore[call-arg]  # many=True takes it
    )

    class Meta:
        model = Opportunity
        fields = (
            "id", "partner", "partner_name", "name", "stage", "amount", "currency", "close_date", "state",
            "closed_at", "owner", "created_at", "note", "competitor", "product", "products", "asked_at",
        )  # fmt: skip
        read_only_fields = ("state", "closed_at", "created_at", "asked_at")

    @staticmethod
    def details(data: Body) -> OpportunityInput:
        """Return validated data as the services take it."""
        names = OpportunityInput.__dataclass_fields__
        values = {name: data[name] for name in names if name in data}
        return OpportunityInput(**values, products=OpportunitySerializer.parts(data) or ())

    @staticmethod
    def parts(data: Body) -> list[Part] | None:
        """Return the products that are said with their amounts, None where none are said at all."""
        return [Part(**one) for one in data["parts"]] if "parts" in data else None

    def validate(self, attrs: Body) -> Body:
        """Either one product or several; their sum is the amount where none is said."""
        if attrs.get("parts") and attrs.get("product"):
            raise serializers.ValidationError(
                {"products": "Say product, or products with their amounts, not both."}, code="invalid"
            )
        if attrs.get("parts"):
            attrs.setdefault("amount", sum(one["amount"] for one in attrs["parts"]))
        if "amount" not in attrs and not self.partial:
            raise serializers.ValidationError({"amount": "This field is required."}, code="required")
        return attrs


class CloseSerializer(Strict[object]):
    """How an opportunity ended."""

    state = serializers.ChoiceField(choices=[OpportunityState.WON, OpportunityState.LOST])


class OrdersSerializer(Strict[object]):
    """The orders that fulfilled a won opportunity, all of them."""

    orders = RowField(queryset=Order.objects, many=True)


class BudgetUpdateSerializer(StrictModel[BudgetUpdate]):
    """One row of an opportunity's budget history; ``amount`` and ``close_date`` are the new values."""

    id = serializers.UUIDField(required=False)
    opportunity = RowField(queryset=Opportunity.objects)
    amount = AmountField(write_only=True, required=False)
    close_date = DayField(write_only=True, required=False)
    visit = RowField(read_only=True, allow_null=True)
    reverses = RowField(read_only=True, allow_null=True)
    by = RowField(read_only=True, allow_null=True)

    class Meta:
        model = BudgetUpdate
        fields = (
            "id", "opportunity", "amount", "close_date", "old_amount", "new_amount", "old_close", "new_close",
            "note", "visit", "reverses", "by", "at",
        )  # fmt: skip
        read_only_fields = ("old_amount", "new_amount", "old_close", "new_close", "at")
        extra_kwargs = {"note": {"max_length": LONGEST_TEXT}}

    def validate(self, attrs: Body) -> Body:
        """Something is to change."""
        if "amount" not in attrs and "close_date" not in attrs:
            raise serializers.ValidationError(
                {"amount": "Give a new amount or a new close_date."}, code="required"
            )
        return attrs
