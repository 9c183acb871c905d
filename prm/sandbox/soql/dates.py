"""Date literals of SOQL: names for half-open ranges of days, in UTC."""

from __future__ import annotations

import datetime as dt
import re

_COUNTED = re.compile(r"(LAST|NEXT)_N_(DAYS|WEEKS|MONTHS|YEARS):(\d+)\Z")


def _month(day: dt.date, step: int) -> dt.date:
    months = day.year * 12 + day.month - 1 + step
    return dt.date(months // 12, months % 12 + 1, 1)


def _week(day: dt.date) -> dt.date:
    # Weeks begin on Sunday in an org with a US locale.
    return day - dt.timedelta(days=(day.weekday() + 1) % 7)


def literal_range(word: str, today: dt.date) -> tuple[dt.date, dt.date] | None:
    """Return first day and the day after the last of a date literal; None for any other word."""
    name = word.upper()
    one = dt.timedelta(days=1)
    week, month, year = _week(today), _month(today, 0), dt.date(today.year, 1, 1)
    simple = {
        "TODAY": (today, today + one),
        "YESTERDAY": (today - one, today),
        "TOMORROW": (today + one, today + 2 * one),
        "THIS_WEEK": (week, week + 7 * one),
        "LAST_WEEK": (week - 7 * one, week),
        "NEXT_WEEK": (week + 7 * one, week + 14 * one),
        "THIS_MONTH": (month, _month(today, 1)),
        "LAST_MONTH": (_month(today, -1), month),
        "NEXT_MONTH": (_month(today, 1), _month(today, 2)),
        "THIS_YEAR": (year, dt.date(today.year + 1, 1, 1)),
        "LAST_YEAR": (dt.date(today.year - 1, 1, 1), year),
        "NEXT_YEAR": (dt.date(today.year + 1, 1, 1), dt.date(today.year + 2, 1, 1)),
        "LAST_90_DAYS": (today - 90 * one, today + one),
        "NEXT_90_DAYS": (today + one, today + 91 * one),
    }
    if name in simple:
        return simple[name]
    counted = _COUNTED.match(name)
    return _counted(counted.group(1), counted.group(2), int(counted.group(3)), today) if counted else None


def _counted(side: str, unit: str, count: int, today: dt.date) -> tuple[dt.date, dt.date]:
    one = dt.timedelta(days=1)
    last = side == "LAST"
    if unit == "DAYS":
        return (today - count * one, today + one) if last else (today + one, today + (count + 1) * one)
    if unit == "WEEKS":
        week = _week(today)
        return (week - 7 * count * one, week) if last else (week + 7 * one, week + 7 * (count + 1) * one)
    step = count * (12 if unit == "YEARS" else 1)
    start = dt.date(today.year, 1, 1) if unit == "YEARS" else _month(today, 0)
    after = _month(start, 12 if unit == "YEARS" else 1)
    return (_month(start, -step), start) if last else (after, _month(after, step))
