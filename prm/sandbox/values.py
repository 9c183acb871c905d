"""How a JSON value becomes a stored one, and back.

Stored: text trimmed and never empty, numbers rounded half-up to the field's scale,
booleans 0/1, dates ``YYYY-MM-DD``, moments UTC ``YYYY-MM-DDTHH:MM:SSZ``.
"""

from __future__ import annotations

import datetime as dt
import re
from decimal import ROUND_HALF_UP, Decimal, InvalidOperation
from typing import Any

from prm.sandbox.clock import stamp_text
from prm.sandbox.errors import SandboxError, json_error, malformed_id
from prm.sandbox.ids import to18
from prm.sandbox.schema import Field

_EMAIL = re.compile(r"[^@\s,;<>\"]+@[^@\s,;<>\"]+\.[^@\s,;<>\".]+\Z")
_MOMENT = re.compile(r"(\d{4}-\d\d-\d\d)T(\d\d:\d\d(?::\d\d)?)(?:\.\d+)?(Z|[+-]\d\d:?\d\d)?\Z")


def store_value(field: Field, value: Any) -> Any:  # noqa: PLR0911 - one return per kind of field
    """The stored form of a JSON value; raises SandboxError when the field cannot hold it."""
    if value is None or (isinstance(value, str) and not value.strip() and field.type != "boolean"):
        return _cleared(field)
    if field.type == "boolean":
        return _boolean(field, value)
    if field.type in ("currency", "double", "percent"):
        return _number(field, value)
    if field.type == "int":
        return _whole(field, value)
    if field.type == "date":
        return _date(value)
    if field.type == "datetime":
        return _datetime(value)
    if field.type in ("id", "reference"):
        return _reference(field, value)
    return _text(field, value)


def show_value(field: Field, value: Any) -> Any:
    """The JSON form of a stored value."""
    if value is None:
        return None
    if field.type == "boolean":
        return bool(value)
    if field.type == "datetime":
        return value[:-1] + ".000+0000"
    return value


def _cleared(field: Field) -> Any:
    if field.type == "boolean":
        raise SandboxError(
            "INVALID_TYPE_ON_FIELD_IN_RECORD",
            f"{field.name}: value not of required type: null",
            fields=[field.name],
        )
    return None


def _wrong_type(kind: str, value: Any) -> SandboxError:
    return json_error(f"Cannot deserialize instance of {kind} from VALUE_STRING value {value}")


def _boolean(field: Field, value: Any) -> int:
    if isinstance(value, bool):
        return int(value)
    if isinstance(value, str) and value.strip().lower() in ("true", "false"):
        return int(value.strip().lower() == "true")
    raise _wrong_type("boolean", value)


def _decimal(kind: str, value: Any) -> Decimal:
    if isinstance(value, bool) or not isinstance(value, int | float | str | Decimal):
        raise _wrong_type(kind, value)
    try:
        number = Decimal(str(value).strip())
    except InvalidOperation:
        raise _wrong_type(kind, value) from None
    if not number.is_finite():
        raise _wrong_type(kind, value)
    return number


def _number(field: Field, value: Any) -> float:
    number = _decimal("double" if field.type == "double" else field.type, value)
    rounded = (
        number.quantize(Decimal(1).scaleb(-field.scale), ROUND_HALF_UP) if abs(number) < 10**18 else number
    )
    if field.precision and abs(rounded) >= Decimal(10) ** (field.precision - field.scale):
        raise SandboxError(
            "NUMBER_OUTSIDE_VALID_RANGE",
            f"{field.label or field.name}: value outside of valid range on numeric field: {value}",
            fields=[field.name],
        )
    return float(rounded)


def _whole(field: Field, value: Any) -> int:
    number = _decimal("int", value)
    if number != number.to_integral_value():
        raise _wrong_type("int", value)
    if field.precision and abs(number) >= Decimal(10) ** field.precision:
        raise SandboxError(
            "NUMBER_OUTSIDE_VALID_RANGE",
            f"{field.label or field.name}: value outside of valid range on numeric field: {value}",
            fields=[field.name],
        )
    return int(number)


def _year_ok(year: int) -> bool:
    return 1700 <= year <= 4000


def _date(value: Any) -> str:
    text = value[:10] if isinstance(value, str) and _MOMENT.match(value) else value
    try:
        parsed = dt.date.fromisoformat(text) if isinstance(text, str) and len(text) == 10 else None
    except ValueError:
        parsed = None
    if parsed is None or not _year_ok(parsed.year):
        raise _wrong_type("date", value)
    return parsed.isoformat()


def parse_moment(value: Any) -> dt.datetime | None:
    """The aware moment of an ISO 8601 text; zoneless is read as UTC; None when it is none."""
    found = _MOMENT.match(value) if isinstance(value, str) else None
    if found is None:
        return None
    day, clock, zone = found.groups()
    zone = "+00:00" if zone in (None, "Z") else zone if ":" in zone else f"{zone[:3]}:{zone[3:]}"
    try:
        moment = dt.datetime.fromisoformat(f"{day}T{clock}{zone}")
    except ValueError:
        return None
    return moment if _year_ok(moment.year) else None


def _datetime(value: Any) -> str:
    if isinstance(value, str) and len(value) == 10:
        value = f"{value}T00:00:00Z"
    moment = parse_moment(value)
    if moment is None:
        raise _wrong_type("datetime", value)
    return stamp_text(moment)


def _reference(field: Field, value: Any) -> str:
    normal = to18(value.strip()) if isinstance(value, str) else None
    if normal is None:
        raise malformed_id(str(value), field.name, field.label or field.name)
    return normal


def _text(field: Field, value: Any) -> str | None:
    if not isinstance(value, str | int | float):
        raise json_error(
            f"Cannot deserialize instance of string from START_ARRAY or START_OBJECT in field {field.name}"
        )
    text = str(value).lower() if isinstance(value, bool) else str(value).strip()
    if not text:
        return None
    if field.length and len(text) > field.length:
        raise SandboxError(
            "STRING_TOO_LONG",
            f"{field.label or field.name}: data value too large: {text[:255]} (max length={field.length})",
            fields=[field.name],
        )
    if field.type == "email" and not _EMAIL.match(text):
        raise SandboxError(
            "INVALID_EMAIL_ADDRESS",
            f"{field.label or field.name}: invalid email address: {text}",
            fields=[field.name],
        )
    if field.restricted:
        return _restricted(field, text)
    return text


def _restricted(field: Field, text: str) -> str:
    parts = text.split(";") if field.type == "multipicklist" else [text]
    known = {choice.value.lower(): choice.value for choice in field.choices if choice.active}
    found = [known.get(part.strip().lower()) for part in parts]
    if None in found:
        raise SandboxError(
            "INVALID_OR_NULL_FOR_RESTRICTED_PICKLIST",
            f"{field.label or field.name}: bad value for restricted picklist field: {text}",
            fields=[field.name],
        )
    return ";".join(part for part in found if part is not None)
