"""Form fields that read what people type, and say kindly what they cannot read."""

import re
from datetime import date, datetime
from decimal import Decimal
from typing import Any

from django import forms
from django.utils import timezone

from prm.core.days import BadDay, day_and_time, parse_day, parse_local

_MARKS = re.compile(r"[\s,'’_]|US\$|[$€£¥]")


def _zone() -> str:
    """Return the IANA name of the active time zone."""
    return timezone.get_current_timezone_name()


class DayField(forms.DateField):
    """A day; "November has 30 days. Did you mean 1 December?"."""

    widget = forms.DateInput(attrs={"type": "date"}, format="%Y-%m-%d")

    def to_python(self, value: Any) -> date | None:
        """Return the day, None for nothing. Raises ValidationError with a hint."""
        if value in self.empty_values or isinstance(value, date):
            return value or None
        try:
            return parse_day(str(value))
        except BadDay as error:
            raise forms.ValidationError(str(error), code="invalid") from error


class MomentField(forms.Field):
    """A moment in the active time zone, which on a tenant's pages is the tenant's, written without it."""

    widget = forms.DateTimeInput(attrs={"type": "datetime-local"})

    def prepare_value(self, value: Any) -> Any:
        """Return the moment as the browser's field wants it."""
        return day_and_time(value, _zone()) if isinstance(value, datetime) else value

    def to_python(self, value: Any) -> datetime | None:
        """Return the aware moment, None for nothing. Raises ValidationError with a hint."""
        if value in self.empty_values or isinstance(value, datetime):
            return value or None
        try:
            return parse_local(str(value), _zone())
        except BadDay as error:
            raise forms.ValidationError(str(error), code="invalid") from error


class AmountField(forms.DecimalField):
    """An amount of money; "$60,000" is read as well as "60000"."""

    widget = forms.TextInput(attrs={"inputmode": "decimal", "autocomplete": "off"})
    default_error_messages = {
        "invalid": "Write the amount in digits, as in 60000.",
        "min_value": "An amount cannot be negative.",
    }

    def __init__(self, **kwargs: Any) -> None:
        super().__init__(max_digits=14, decimal_places=2, min_value=Decimal(0), **kwargs)

    def to_python(self, value: Any) -> Any:
        """Return the amount without currency sign and separators."""
        return super().to_python(_MARKS.sub("", value) if isinstance(value, str) else value)
