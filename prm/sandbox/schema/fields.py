"""Short ways to write down fields of each type."""

from __future__ import annotations

from typing import TypedDict, Unpack

from prm.sandbox.schema.models import Choice, Field


class Options(TypedDict, total=False):
    """What can be said of a field beside its name and type."""

    createable: bool
    updateable: bool
    label: str
    required: bool
    id_lookup: bool
    restricted: bool
    cascade: bool


class Closed(TypedDict):
    """The rights of a field no client writes."""

    createable: bool
    updateable: bool


class Fixed(TypedDict):
    """The rights of a field that keeps what it was made with."""

    updateable: bool


CLOSED: Closed = {"createable": False, "updateable": False}
FIXED: Fixed = {"updateable": False}


def text(name: str, length: int = 255, **options: Unpack[Options]) -> Field:
    """Return a line of text."""
    return Field(name, "string", length=length, **options)


def area(name: str, length: int = 32000, **options: Unpack[Options]) -> Field:
    """Return a text area; above 255 characters a long one."""
    return Field(name, "textarea", length=length, **options)


def phone(name: str) -> Field:
    """Return a telephone number."""
    return Field(name, "phone", length=40)


def flag(name: str, **options: Unpack[Options]) -> Field:
    """Return a checkbox, not ticked at first."""
    return Field(name, "boolean", default=False, **options)


def money(name: str, **options: Unpack[Options]) -> Field:
    """Return an amount in the org's currency."""
    return Field(name, "currency", precision=18, scale=2, **options)


def number(name: str, precision: int = 18, scale: int = 0, **options: Unpack[Options]) -> Field:
    """Return a decimal number."""
    return Field(name, "double", precision=precision, scale=scale, **options)


def percent(name: str, precision: int = 3, scale: int = 0, **options: Unpack[Options]) -> Field:
    """Return a number of hundredths."""
    return Field(name, "percent", precision=precision, scale=scale, **options)


def whole(name: str, digits: int = 8, **options: Unpack[Options]) -> Field:
    """Return an integer."""
    return Field(name, "int", precision=digits, **options)


def day(name: str, **options: Unpack[Options]) -> Field:
    """Return a date."""
    return Field(name, "date", **options)


def moment(name: str, **options: Unpack[Options]) -> Field:
    """Return a date and time, UTC."""
    return Field(name, "datetime", **options)


def ref(name: str, *targets: str, relationship: str = "", **options: Unpack[Options]) -> Field:
    """Return a lookup to one or several objects."""
    relationship = relationship or name.removesuffix("Id")
    return Field(name, "reference", reference_to=targets, relationship=relationship, **options)


def choice(name: str, *values: str, default: str | None = None, **options: Unpack[Options]) -> Field:
    """Return a picklist, open unless `restricted`."""
    choices = tuple(Choice(value, default=value == default) for value in values)
    return Field(name, "picklist", length=255, choices=choices, default=default, **options)


def owner() -> Field:
    """Return the owner, a user."""
    # The value is the writing user when none is given; the writer fills it.
    return Field(
        "OwnerId", "reference", reference_to=("User",), relationship="Owner", required=True, default=""
    )


def address(prefix: str) -> list[Field]:
    """Return the parts of a compound address."""
    return [
        area(f"{prefix}Street", 255),
        text(f"{prefix}City", 40),
        text(f"{prefix}State", 80),
        text(f"{prefix}PostalCode", 20),
        text(f"{prefix}Country", 80),
    ]
