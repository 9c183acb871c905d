"""Serializer fields that every app's API reads with, as strict as the forms and with the same hints."""

from collections.abc import Sequence
from datetime import date, datetime, time
from typing import Any

from django.db.models import Model
from drf_spectacular.utils import extend_schema_field
from rest_framework import serializers
from rest_framework.relations import MANY_RELATION_KWARGS

from prm.core.days import BadDay, parse_day

MOST_ROWS = 50
GONE = {"does_not_exist": "There is no such entry here.", "incorrect_type": "An id is a UUID in quotes."}


class RowsField(serializers.ManyRelatedField):
    """Several rows by their ids; each is looked up, so there are not any number of them."""

    default_error_messages = {"max_length": "At most {max_length} ids."}
    max_length = MOST_ROWS

    def to_internal_value(self, data: Sequence[object]) -> list[object]:
        """Return the rows. Raises ValidationError for too many."""
        if isinstance(data, list) and len(data) > self.max_length:
            self.fail("max_length", max_length=self.max_length)
        return list(super().to_internal_value(data))


class RowField(serializers.PrimaryKeyRelatedField[Model]):
    """A row of the tenant in scope by its id; any other tenant's is simply not there."""

    def __init__(self, **kwargs: Any) -> None:
        kwargs.setdefault("pk_field", serializers.UUIDField())
        kwargs.setdefault("error_messages", GONE)
        super().__init__(**kwargs)

    @classmethod
    def many_init(cls, *args: Any, **kwargs: Any) -> RowsField:
        """Return the field of several such rows."""
        own = {name: value for name, value in kwargs.items() if name in MANY_RELATION_KWARGS}
        return RowsField(child_relation=cls(*args, **kwargs), **own)


class MomentField(serializers.DateTimeField):
    """A moment with its zone; one without is refused, not guessed."""

    default_error_messages = {"naive": "Give the time with its zone, as in 2026-11-23T09:40:00+01:00."}

    def enforce_timezone(self, value: datetime) -> datetime:
        """Return an aware moment as it is."""
        if value.tzinfo is None:
            self.fail("naive")
        return value


@extend_schema_field({"type": "string", "pattern": r"^\d{2}:\d{2}$", "example": "07:30"})
class ClockField(serializers.TimeField):
    """A time of the day without a zone, as clocks show it: "07:30". RFC 3339, which "time" names, would have a zone."""

    def to_representation(self, value: time) -> str:
        """Return hours and minutes."""
        return f"{value:%H:%M}"


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
