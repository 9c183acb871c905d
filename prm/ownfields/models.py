"""The fields that a tenant has added, and what every table of their values has."""

from collections.abc import Sequence
from typing import TYPE_CHECKING, Self
from uuid import UUID

from django.db import models
from django.db.models import Q
from django.db.models.functions import Lower

from prm.core.ids import LONGEST_KEY
from prm.core.numbers import plain as plain_number
from prm.ownfields.rules import (
    LONGEST_NAME,
    LONGEST_TEXT,
    PREFIX,
    Choice,
    Raw,
    Stored,
    plain,
    stored,
    to_number,
)
from prm.ownfields.states import FieldType
from prm.tenancy.audit import audited
from prm.tenancy.base import TenantModel
from prm.tenancy.managers import TenantManager, TenantQuerySet
from prm.ui.formatting import day, number


class OwnFieldQuerySet(TenantQuerySet["OwnField"]):
    """Reads of own fields; all stay chainable."""

    def of_record(self, of: str) -> Self:
        """Keep the fields of one kind of record."""
        return self.filter(of=of)


@audited()
class OwnField(TenantModel):
    """One field. `of` is the kind of record that has it (`prm.ownfields.registry`), `key` its name to programs, for good.

    `choices` are rows of key, word and whether it is offered (`rules.Choice`). An archived field is on no form, list or file; its
    values stay, and come back with it.
    """

    of = models.CharField(max_length=20)
    key = models.CharField(max_length=LONGEST_KEY)
    name = models.CharField(max_length=LONGEST_NAME)
    type = models.CharField(max_length=8, choices=FieldType)
    choices = models.JSONField(default=list, blank=True)
    place = models.PositiveSmallIntegerField(default=0)
    is_archived = models.BooleanField("archived", default=False)

    objects = TenantManager.from_queryset(OwnFieldQuerySet)()

    class Meta:
        ordering = ("of", "place", "key")
        verbose_name = "own field"
        constraints = (
            models.UniqueConstraint(fields=["tenant", "of", "key"], name="ownfields_field_key"),
            models.CheckConstraint(condition=~Q(key="") & ~Q(name=""), name="ownfields_field_named"),
        )

    def __str__(self) -> str:
        return self.name

    @property
    def known_as(self) -> str:
        """Return its name among other columns and filters: `own_` and the key."""
        return f"{PREFIX}{self.key}"

    @property
    def column(self) -> str:
        """Return the column of the values by which it is compared and sorted."""
        return {FieldType.NUMBER: "number", FieldType.DATE: "day"}.get(FieldType(self.type), "text_key")

    @property
    def options(self) -> Sequence[Choice]:
        """Return the choices in their order, those put away too."""
        return [Choice(**choice) for choice in self.choices]

    def read(self, raw: Raw) -> Stored | None:
        """Return a value as it is kept. Raises `Refused`."""
        return stored(self.type, self.options, raw)

    def plain(self, value: Stored) -> str:
        """Write a value for programs."""
        return plain(self.type, value)

    def words(self, value: Stored) -> str:
        """Write a value for people, in the reader's notation."""
        if self.type == FieldType.NUMBER and value.number is not None:
            exact = to_number(value.number)
            return number(exact, len(plain_number(exact).partition(".")[2]))
        if self.type == FieldType.DATE and value.day is not None:
            return day(value.day)
        if self.type == FieldType.CHOICE:
            return next((choice.word for choice in self.options if choice.key == value.text), value.text)
        return value.text


class OwnValue(TenantModel):
    """One value of one record. Of `text` (a choice's key too), `number` (ten-thousandths) and `day` it has one.

    A subclass adds the reference to its record, `field`, and `indexes_for`.
    """

    text = models.CharField(max_length=LONGEST_TEXT, blank=True)
    number = models.BigIntegerField(null=True, blank=True)
    day = models.DateField(null=True, blank=True)
    # Small letters in byte order: under row-level security no index is used for a comparison with a call in it.
    text_key = models.GeneratedField(
        expression=Lower("text"),
        output_field=models.CharField(max_length=2 * LONGEST_TEXT, db_collation="C"),
        db_persist=True,
    )

    if TYPE_CHECKING:
        field_id: UUID

    class Meta:
        abstract = True

    @property
    def stored(self) -> Stored:
        """Return what is kept."""
        return Stored(self.text, self.number, self.day)


def constraints_for(stem: str, record: str) -> tuple[models.BaseConstraint, ...]:
    """Return the rules of a table of values: one a field and record, never an empty one."""
    return (
        models.UniqueConstraint(fields=["tenant", record, "field"], name=f"{stem}_one"),
        models.CheckConstraint(
            condition=~Q(text="") | Q(number__isnull=False) | Q(day__isnull=False), name=f"{stem}_said"
        ),
    )


def indexes_for(stem: str, record: str) -> tuple[models.Index, ...]:
    """Return the indexes by which a list filters and sorts, for each type; the first finds all values of a field."""
    return (
        models.Index(fields=["tenant", "field", "text_key", record], name=f"{stem}_text"),
        models.Index(
            fields=["tenant", "field", "number", record],
            name=f"{stem}_num",
            condition=Q(number__isnull=False),
        ),
        models.Index(
            fields=["tenant", "field", "day", record], name=f"{stem}_day", condition=Q(day__isnull=False)
        ),
    )
