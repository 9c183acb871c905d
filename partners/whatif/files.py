"""A policy as a file: TOML or JSON with the figures by name, as `manage.py policy --show --json` writes them."""

import json
import tomllib
from collections.abc import Callable, Mapping
from dataclasses import dataclass, field
from datetime import date
from decimal import Decimal, InvalidOperation
from typing import Final

from partners.policy.rules import Band, Value, band_problems, starts_of
from prm.core.errors import Refused

#: What `--show` says of a version beside its figures; a file that was shown loads again.
_ABOUT: Final = frozenset({"version", "state", "confirmed", "signed_by", "agreed_at", "created_at"})


@dataclass(frozen=True)
class PolicyFile:
    """What a file says: figures by the names of `StandingPolicy`, and perhaps from when and why."""

    figures: Mapping[str, Value] = field(default_factory=dict)
    valid_from: date | None = None
    reason: str = ""


def read_policy(text: str) -> PolicyFile:
    """Read a file. Raises `Refused`, naming the place, for what cannot be read."""
    data = _data(text)
    figures: dict[str, Value] = {}
    for name, value in data.items():
        if name in _READERS:
            figures[name] = _READERS[name](name, value)
        elif name not in _ABOUT and name not in ("bands", "valid_from", "reason"):
            known = ", ".join(sorted([*_READERS, "bands", "valid_from", "reason"]))
            raise Refused(f"There is no figure {name}; there are: {known}.", field=name)
    if "bands" in data:
        figures |= _bands(data["bands"], figures)
    return PolicyFile(figures, _day(data.get("valid_from")), _text("reason", data.get("reason", "")))


def _data(text: str) -> Mapping[str, Value]:
    text = text.removeprefix("\ufeff").strip()
    try:
        if text.startswith("{"):
            data = json.loads(text, parse_float=Decimal)
        else:
            data = tomllib.loads(text, parse_float=Decimal)
    except ValueError as error:
        raise Refused(f"This is neither valid TOML nor JSON: {error}.", field="file") from error
    # What `--show --json` prints holds the version in force under its own name.
    inner = data.get("policy") if isinstance(data, dict) else None
    found = inner if isinstance(inner, dict) else data
    return dict(found)


def _amount(name: str, value: object) -> Decimal:
    try:
        number = Decimal("nan") if isinstance(value, bool) else Decimal(str(value))
    except InvalidOperation:
        number = Decimal("nan")
    if not number.is_finite():
        raise Refused(f"{value!r} is no number.", field=name)
    return number


def _share(name: str, value: object) -> Decimal | None:
    return None if value is None else _amount(name, value)


def _whole(name: str, value: object) -> int:
    number = _amount(name, value)
    if number != number.to_integral_value() or abs(number) > 1000:
        raise Refused(f"{value!r} is no whole number of months.", field=name)
    return int(number)


def _text(name: str, value: object) -> str:
    if not isinstance(value, str):
        raise Refused(f"{value!r} is no text.", field=name)
    return value


def _weights(name: str, value: object) -> dict[str, float]:
    if not isinstance(value, dict):
        raise Refused("Write weights as a table: revenue = 30.", field=name)
    return {str(key): float(_amount(f"{name}.{key}", weight)) for key, weight in value.items()}


def _visits(name: str, value: object) -> dict[str, list[int]]:
    if not isinstance(value, dict):
        raise Refused("Write usual visits as a table: high = [2, 1].", field=name)
    found = {}
    for tier, plan in value.items():
        if not isinstance(plan, list):
            raise Refused("Write visits and months: [2, 1].", field=f"{name}.{tier}")
        found[str(tier)] = [_whole(f"{name}.{tier}", part) for part in plan]
    return found


def _kinds(name: str, value: object) -> list[str]:
    if not isinstance(value, list):
        raise Refused('Write kinds as a list: ["physician"].', field=name)
    return [_text(name, key) for key in value]


_READERS: Final[Mapping[str, Callable[[str, object], object]]] = {
    "basis": _text,
    **dict.fromkeys(("high_from", "medium_from", "hysteresis_pct"), _amount),
    **dict.fromkeys(("high_pct", "medium_pct"), _share),
    **dict.fromkeys(
        ("trailing_months", "minimum_stay_months", "repeat_k", "repeat_n", "lapse_months"), _whole
    ),
    "weights": _weights,
    "usual_visits": _visits,
    "regulated_kinds": _kinds,
}


def _bands(value: object, figures: Mapping[str, object]) -> dict[str, Decimal]:
    """Read bands with from and to. Raises `Refused` where they overlap, leave a gap or contradict the rest."""
    if not isinstance(value, list) or not all(isinstance(band, dict) for band in value):
        raise Refused('Write bands as a list: [{tier = "low", from = 0, to = 2000}, …].', field="bands")
    bands = []
    for band in value:
        if unknown := sorted(set(band) - {"tier", "from", "to"}):
            raise Refused(f"A band has tier, from and to, no {unknown[0]}.", field="bands")
        end = band.get("to")
        start, tier = _amount("bands", band.get("from", 0)), _text("bands", band.get("tier"))
        bands.append(Band(tier, start, None if end is None else _amount("bands", end)))
    for problem in band_problems(bands):
        raise Refused(problem, field="bands", code="bands")
    starts = starts_of(bands)
    said = {"medium_from": starts.medium, "high_from": starts.high}
    for name, amount in said.items():
        if figures.get(name, amount) != amount:
            raise Refused(f"The bands and {name} say different amounts.", field="bands")
    return said


def _day(value: object) -> date | None:
    if value is None or type(value) is date:
        return value
    try:
        return date.fromisoformat(str(value))
    except ValueError as error:
        raise Refused(f"{value!r} is no day. Write it as 2026-11-23.", field="valid_from") from error
