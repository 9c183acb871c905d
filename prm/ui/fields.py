"""Form fields that read what people type, and say kindly what they cannot read.

The reading itself is `prm.core.days` and `prm.core.numbers`; the API's fields are `prm.api.fields`.
"""

from collections.abc import Mapping
from datetime import date, datetime
from decimal import Decimal
from typing import Any, Final, TypedDict

from django import forms
from django.core.exceptions import ValidationError
from django.core.files.uploadedfile import UploadedFile
from django.http import QueryDict
from django.utils import timezone
from django.utils.datastructures import MultiValueDict

from prm.core.days import BadDay, day_and_time, parse_day, parse_local
from prm.core.numbers import BadNumber, parse_amount, typed_amount

Cleaned = dict[str, Any]
"""What a valid form made of its input, by the names of its fields."""


class FormOptions(TypedDict, total=False):
    """The keywords of a form, for those that take one more."""

    data: QueryDict | None
    prefix: str
    initial: dict[str, object]
    empty_permitted: bool
    use_required_attribute: bool


def _zone() -> str:
    """Return the IANA name of the active time zone."""
    return timezone.get_current_timezone_name()


class DayField(forms.DateField):
    """A day; "November has 30 days. Did you mean 1 December?"."""

    widget = forms.DateInput(attrs={"type": "date"}, format="%Y-%m-%d")

    def to_python(self, value: object) -> date | None:
        """Return the day, None for nothing. Raises ValidationError with a hint."""
        if isinstance(value, date):
            return value
        if value in self.empty_values:
            return None
        try:
            return parse_day(str(value))
        except BadDay as error:
            raise forms.ValidationError(str(error), code="invalid") from error


class MomentField(forms.Field):
    """A moment in the active time zone, which on a tenant's pages is the tenant's, written without it."""

    widget = forms.DateTimeInput(attrs={"type": "datetime-local"})

    def prepare_value(self, value: object) -> object:
        """Return the moment as the browser's field wants it."""
        return day_and_time(value, _zone()) if isinstance(value, datetime) else value

    def to_python(self, value: object) -> datetime | None:
        """Return the aware moment, None for nothing. Raises ValidationError with a hint."""
        if isinstance(value, datetime):
            return value
        if value in self.empty_values:
            return None
        try:
            return parse_local(str(value), _zone())
        except BadDay as error:
            raise forms.ValidationError(str(error), code="invalid") from error


class AmountField(forms.DecimalField):
    """An amount of money; `$60,000` is read as well as `60000`. Not negative unless `min_value` says so."""

    widget = forms.TextInput(attrs={"inputmode": "decimal", "autocomplete": "off"})

    def __init__(
        self,
        *,
        label: str | None = None,
        required: bool = True,
        help_text: str = "",
        min_value: int | None = 0,
        max_digits: int | None = 14,
        decimal_places: int | None = 2,
    ) -> None:
        super().__init__(
            label=label,
            required=required,
            help_text=help_text,
            min_value=min_value,
            max_digits=max_digits,
            decimal_places=decimal_places,
        )
        if min_value == 0:
            self.error_messages["min_value"] = "An amount cannot be negative."

    def prepare_value(self, value: object) -> object:
        """Return an amount as the reader would type it, so that what is shown is what is read."""
        if isinstance(value, Decimal) and round(value, 2) == value:
            return typed_amount(value)
        return value

    def to_python(self, value: object) -> Decimal | None:  # type: ignore[override]  # the stubs derive it from int
        """Return the amount without currency sign and separators. Raises ValidationError with a hint."""
        if not isinstance(value, str):
            return super().to_python(value)
        try:
            return parse_amount(value) if value.strip() else None
        except BadNumber as error:
            raise forms.ValidationError(str(error), code="invalid") from error


SAID: Final = {"": None, "true": True, "True": True, "false": False, "False": False}


class YesNoSelect(forms.NullBooleanSelect):
    """Yes, no or not said. Django's own takes any other word for not said: a list would then answer everything."""

    def value_from_datadict(  # type: ignore[override]  # or the word that is none of these
        self, data: Mapping[str, object], files: "MultiValueDict[str, UploadedFile[bytes]]", name: str
    ) -> object:
        """Return True, False, None, or the word that is none of these (Django's own takes "2" for yes, too)."""
        asked = data.get(name)
        if isinstance(asked, str) and asked not in SAID and asked != "unknown":
            return asked
        return super().value_from_datadict(data, files, name)


class YesNoField(forms.NullBooleanField):
    """True, false, or nothing. Raises ValidationError for another word."""

    widget = YesNoSelect

    def to_python(self, value: object) -> bool | None:  # type: ignore[override]  # as Django's own does
        """Return True, False or None. Some widgets give the word itself."""
        if isinstance(value, str) and value not in SAID:
            raise ValidationError("This is true or false.", code="invalid")
        return SAID[value] if isinstance(value, str) else super().to_python(value)
