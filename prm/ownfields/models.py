"""The fields that a tenant has added."""

from collections.abc import Sequence
from typing import Self

from django.db import models
from django.db.models import Q

from prm.core.ids import LONGEST_KEY
from prm.core.numbers import plain as plain_number
from prm.ownfields.rules import LONGEST_NAME, PREFIX, Choice, Raw, Stored, plain, stored, to_number
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
