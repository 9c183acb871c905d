"""Serializer fields that every app's API reads with, as strict as the forms and with the same hints."""

from datetime import date, datetime
from typing import Any

from django.db.models import Model
from rest_framework import serializers

from prm.core.days import BadDay, parse_day

GONE = {"does_not_exist": "There is no such entry here.", "incorrect_type": "An id is a UUID in quotes."}


class RowField(serializers.PrimaryKeyRelatedField[Model]):
    """A row of the tenant in scope by its id; any other tenant's is simply not there."""

    def __init__(self, **kwargs: Any) -> None:
        kwargs.setdefault("pk_field", serializers.UUIDField())
        kwargs.setdefault("error_messages", GONE)
        super().__init__(**kwargs)


class MomentField(serializers.DateTimeField):
    """A moment with its zone; one without is refused, not guessed."""

    default_error_messages = {"naive": "Give the time with its zone, as in 2026-11-23T09:40:00+01:00."}

    def enforce_timezone(self, value: datetime) -> datetime:
        """Return an aware moment as it is."""
        if value.tzinfo is None:
            self.fail("naive")
        return value


class DayField(serializers.DateField):
    """A day; an impossible one is answered with the one that was probably meant."""

    def to_internal_value(self, value: str | date) -> date:
        """Return the day. Raises ValidationError with a hint."""
        if not isinstance(value, str):
            return super().to_internal_value(value)
        try:
            return parse_day(value)
        except BadDay as error:
            raise serializers.ValidationError(str(error), code="invalid") from error


class AmountField(serializers.DecimalField):
    """An amount of money in the tenant's currency, to the cent, not negative."""

    def __init__(self, **kwargs: Any) -> None:
        super().__init__(max_digits=14, decimal_places=2, min_value=0, **kwargs)
