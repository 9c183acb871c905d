"""A company's settings in the API."""

from rest_framework import serializers

from prm.api.serializers import Strict, StrictModel
from prm.company.settings.logo import LARGEST_FILE
from prm.company.settings.models import CompanyChange
from prm.tenancy.models import Tenant


class CompanySerializer(Strict[Tenant]):
    """The settings. What moves figures (currency, time zone, first month of the year) needs `agreed`.

    Another `currency` needs `rate`: what one unit of the one before is worth in the new one.
    """

    slug = serializers.CharField(read_only=True)
    name = serializers.CharField(required=False, max_length=120)
    colour = serializers.CharField(required=False, max_length=7, allow_blank=True)
    logo = serializers.CharField(read_only=True)
    partner_noun = serializers.CharField(required=False, max_length=40)
    partner_noun_plural = serializers.CharField(required=False, max_length=40)
    order_noun = serializers.CharField(required=False, max_length=40)
    order_noun_plural = serializers.CharField(required=False, max_length=40)
    currency = serializers.CharField(required=False, max_length=3)
    timezone = serializers.CharField(required=False, max_length=40)
    year_starts = serializers.IntegerField(required=False, min_value=1, max_value=12)
    notation = serializers.CharField(required=False, max_length=8, allow_blank=True)
    second_step_required = serializers.BooleanField(required=False)
    rate = serializers.DecimalField(required=False, write_only=True, max_digits=24, decimal_places=12)
    agreed = serializers.BooleanField(required=False, write_only=True)


class LogoSerializer(Strict[Tenant]):
    """A PNG file in base64."""

    png = serializers.CharField(max_length=LARGEST_FILE * 4 // 3 + 8, trim_whitespace=True)


class ChangeSerializer(StrictModel[CompanyChange]):
    """One change of settings: `values` has by field what it was and what it is."""

    class Meta:
        model = CompanyChange
        fields = ("id", "values", "rate", "state", "message", "by_name", "created_at", "done_at")
        read_only_fields = fields
