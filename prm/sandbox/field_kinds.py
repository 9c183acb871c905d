"""Short ways to write down fields of each type."""

from __future__ import annotations

from typing import Any

from prm.sandbox.schema import Choice, Field

# A field no client writes, and one that is fixed when the record is made.
CLOSED: dict[str, Any] = {"createable": False, "updateable": False}
FIXED: dict[str, Any] = {"updateable": False}


def text(name: str, length: int = 255, **options: Any) -> Field:
    """A line of text."""
    return Field(name, "string", length=length, **options)


def area(name: str, length: int = 32000, **options: Any) -> Field:
    """A text area; above 255 characters a long one."""
    return Field(name, "textarea", length=length, **options)


def flag(name: str, **options: Any) -> Field:
    """A checkbox."""
    return Field(name, "boolean", **{"default": False, **options})


def money(name: str, **options: Any) -> Field:
    """An amount in the org's currency."""
    return Field(name, "currency", precision=18, scale=2, **options)


def number(name: str, precision: int = 18, scale: int = 0, **options: Any) -> Field:
    """A decimal number."""
    return Field(name, "double", precision=precision, scale=scale, **options)


def whole(name: str, digits: int = 8, **options: Any) -> Field:
    """An integer."""
    return Field(name, "int", precision=digits, **options)


def day(name: str, **options: Any) -> Field:
    """A date."""
    return Field(name, "date", **options)


def moment(name: str, **options: Any) -> Field:
    """A date and time, UTC."""
    return Field(name, "datetime", **options)


def ref(name: str, *targets: str, **options: Any) -> Field:
    """A lookup to one or several objects."""
    return Field(
        name, "reference", reference_to=targets, **{"relationship": name.removesuffix("Id"), **options}
    )


def choice(name: str, *values: str, default: str | None = None, **options: Any) -> Field:
    """A picklist, open unless ``restricted``."""
    choices = tuple(Choice(value, default=value == default) for value in values)
    return Field(name, "picklist", length=255, choices=choices, default=default, **options)


def owner() -> Field:
    """The owner, a user."""
    # The value is the writing user when none is given; org rules fill it.
    return ref("OwnerId", "User", required=True, default="")


def address(prefix: str) -> list[Field]:
    """The parts of a compound address."""
    return [
        Field(f"{prefix}Street", "textarea", length=255),
        text(f"{prefix}City", 40),
        text(f"{prefix}State", 80),
        text(f"{prefix}PostalCode", 20),
        text(f"{prefix}Country", 80),
    ]
