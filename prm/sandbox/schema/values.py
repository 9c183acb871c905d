"""How a JSON value becomes a stored one, and back.

Stored: text trimmed and never empty, numbers rounded half-up to the field's scale,
booleans 0/1, dates `YYYY-MM-DD`, moments UTC `YYYY-MM-DDTHH:MM:SSZ`.
"""

from __future__ import annotations

import datetime as dt
import re
from collections.abc import Callable
from decimal import ROUND_HALF_UP, Decimal, InvalidOperation

from prm.sandbox.kit.clock import FIRST_YEAR, LAST_YEAR, parse_moment, shown, stamp_text
from prm.sandbox.kit.errors import SandboxError, json_error, malformed_id
from prm.sandbox.kit.ids import to18
from prm.sandbox.kit.types import Json, Value
from prm.sandbox.schema.models import Field

_EMAIL = re.compile(r"[^@\s,;<>\"]+@[^@\s,;<>\"]+\.[^@\s,;<>\".]+\Z")


def store_value(field: Field, value: Json) -> Value:
    """Return the stored form of a JSON value; raise SandboxError when the field cannot hold it."""
    if value is None or (isinstance(value, str) and not value.strip() and field.type != "boolean"):
        _check_clearable(field)
        return None
    return _STORERS.get(field.type, _text)(field, value)


def show_value(field: Field, value: Value) -> Json:
    """Return the JSON form of a stored value."""
    if value is None:
        return None
    if field.type == "boolean":
        return bool(value)
    if field.type == "datetime":
        return shown(str(value))
    return value


def _check_clearable(field: Field) -> None:
    if field.type == "boolean":
        raise SandboxError(
            "INVALID_TYPE_ON_FIELD_IN_RECORD",
            f"{field.name}: value not of required type: null",
            fields=[field.name],
        )


def _wrong_type(kind: str, value: Json) -> SandboxError:
    return json_error(f"Cannot deserialize instance of {kind} from VALUE_STRING value {value}")


def _boolean(field: Field, value: Json) -> int:
    if isinstance(value, bool):
        return int(value)
    if isinstance(value, str) and value.strip().lower() in ("true", "false"):
        return int(value.strip().lower() == "true")
    raise _wrong_type("boolean", value)


def _decimal(kind: str, value: Json) -> Decimal:
    if isinstance(value, bool) or not isinstance(value, int | float | str):
        raise _wrong_type(kind, value)
    try:
        number = Decimal(str(value).strip())
    except InvalidOperation:
        raise _wrong_type(kind, value) from None
    if not number.is_finite():
        raise _wrong_type(kind, value)
    return number


def _outside(field: Field, value: Json) -> SandboxError:
    return SandboxError(
        "NUMBER_OUTSIDE_VALID_RANGE",
        f"{field.said}: value outside of valid range on numeric field: {value}",
        fields=[field.name],
    )


def _number(field: Field, value: Json) -> float:
    number = _decimal(field.type, value)
    rounded = (
        number.quantize(Decimal(1).scaleb(-field.scale), ROUND_HALF_UP) if abs(number) < 10**18 else number
    )
    if field.precision and abs(rounded) >= Decimal(10) ** (field.precision - field.scale):
        raise _outside(field, value)
    return float(rounded)


def _whole(field: Field, value: Json) -> int:
    number = _decimal("int", value)
    if number != number.to_integral_value():
        raise _wrong_type("int", value)
    if field.precision and abs(number) >= Decimal(10) ** field.precision:
        raise _outside(field, value)
    return int(number)


def _date(field: Field, value: Json) -> str:
    text = value[:10] if isinstance(value, str) and parse_moment(value) else value
    try:
        parsed = dt.date.fromisoformat(text) if isinstance(text, str) and len(text) == 10 else None
    except ValueError:
        parsed = None
    if parsed is None or not FIRST_YEAR <= parsed.year <= LAST_YEAR:
        raise _wrong_type("date", value)
    return parsed.isoformat()


def _datetime(field: Field, value: Json) -> str:
    if isinstance(value, str) and len(value) == 10:
        value = f"{value}T00:00:00Z"
    moment = parse_moment(value)
    if moment is None:
        raise _wrong_type("datetime", value)
    return stamp_text(moment)


def _reference(field: Field, value: Json) -> str:
    normal = to18(value.strip()) if isinstance(value, str) else None
    if normal is None:
        raise malformed_id(str(value), field.name, field.said)
    return normal


def _text(field: Field, value: Json) -> str | None:
    if not isinstance(value, str | int | float):
        raise json_error(
            f"Cannot deserialize instance of string from START_ARRAY or START_OBJECT in field {field.name}"
        )
    text = str(value).lower() if isinstance(value, bool) else str(value).strip()
    if field.length and len(text) > field.length:
        raise SandboxError(
            "STRING_TOO_LONG",
            f"{field.said}: data value too large: {text[:255]} (max length={field.length})",
            fields=[field.name],
        )
    if field.type == "email" and not _EMAIL.match(text):
        raise SandboxError(
            "INVALID_EMAIL_ADDRESS", f"{field.said}: invalid email address: {text}", fields=[field.name]
        )
    return _restricted(field, text) if field.restricted and not field.judged else text


def _restricted(field: Field, text: str) -> str:
    parts = text.split(";") if field.type == "multipicklist" else [text]
    known = {choice.value.lower(): choice.value for choice in field.choices if choice.active}
    found = [known.get(part.strip().lower()) for part in parts]
    if None in found:
        raise SandboxError(
            "INVALID_OR_NULL_FOR_RESTRICTED_PICKLIST",
            f"{field.said}: bad value for restricted picklist field: {text}",
            fields=[field.name],
        )
    return ";".join(part for part in found if part is not None)


_STORERS: dict[str, Callable[[Field, Json], Value]] = {
    "boolean": _boolean,
    "currency": _number,
    "double": _number,
    "percent": _number,
    "int": _whole,
    "date": _date,
    "datetime": _datetime,
    "id": _reference,
    "reference": _reference,
}
