"""How numbers, money and dates are written for people.

Plain functions, used by template filters, table columns, services' sentences and charts alike, in the notation
of the page's reader (`prm.core.notation`). ``None`` always gives an en dash. Minus is the true minus sign. Nothing
here touches the database.
"""

import re
from datetime import date, datetime, timedelta
from decimal import ROUND_HALF_UP, Decimal
from typing import Protocol

from babel.dates import get_day_names, get_month_names
from django.utils import timezone
from django.utils.html import format_html, format_html_join
from django.utils.safestring import SafeString, mark_safe

from prm.core.clock import now
from prm.core.money import currency_decimals, currency_sign
from prm.core.notation.reader import notation

NOTHING = "–"
MINUS = "−"
# From 0: January and Monday.
_MONTH_NAMES = get_month_names("abbreviated", locale="en")
_DAY_NAMES = get_day_names("abbreviated", locale="en")
MONTHS = tuple(_MONTH_NAMES[month] for month in range(1, 13))
WEEKDAYS = tuple(_DAY_NAMES[day] for day in range(7))

Numeric = Decimal | int | float


class HasCurrency(Protocol):
    """Whatever knows its ISO currency code: a tenant, as a rule."""

    @property
    def currency(self) -> str: ...


Currency = str | HasCurrency | None


def currency_code(currency: Currency) -> str:
    """Return the ISO 4217 code, or nothing when none is known."""
    code = currency if isinstance(currency, str) else getattr(currency, "currency", "")
    return (code or "").upper()


def currency_symbol(currency: Currency) -> str:
    """Return the sign written before an amount: ``$`` for USD, ``CHF `` for codes without a symbol."""
    return currency_sign(currency_code(currency))


def _decimal(value: Numeric) -> Decimal:
    return value if isinstance(value, Decimal) else Decimal(str(value))


def _rounded(value: Numeric, places: int) -> Decimal:
    return _decimal(value).quantize(Decimal(1).scaleb(-places), rounding=ROUND_HALF_UP)


def _marked(amount: Decimal, places: int = 0) -> str:
    """Return a rounded amount without its sign, with the marks of the reader's notation."""
    return notation().number(f"{abs(amount):.{places}f}")


def number(value: Numeric | None, places: int = 0) -> str:
    """``12600`` → ``12,600``; rounds half up to *places* decimals."""
    if value is None:
        return NOTHING
    rounded = _rounded(value, places)
    sign = MINUS if rounded < 0 else ""
    return f"{sign}{_marked(rounded, places)}"


def money(value: Numeric | None, currency: Currency = None, places: int = 0) -> str:
    """Return a full amount: ``$412,000``; ``places=2`` for cents, used in reconciliation only."""
    if value is None:
        return NOTHING
    rounded = _rounded(value, places)
    sign = MINUS if rounded < 0 else ""
    return f"{sign}{currency_symbol(currency)}{_marked(rounded, places)}"


def money_exact(value: Numeric | None, currency: Currency) -> str:
    """Return an amount with the decimals of its currency, for reconciliation: ``$8,278,519.42``, ``¥1,200``."""
    return money(value, currency, places=currency_decimals(currency_code(currency)))


def money_short(value: Numeric | None, currency: Currency = None) -> str:
    """Return an amount for dense columns: ``$9,240``, ``$412k``, ``$1.12M``, ``$12.4M``, ``$1.05B``."""
    if value is None:
        return NOTHING
    amount = abs(_decimal(value))
    sign = MINUS if _decimal(value) < 0 and _rounded(amount, 0) > 0 else ""
    return f"{sign}{currency_symbol(currency)}{_shortened(amount)}"


def _shortened(amount: Decimal) -> str:
    if _rounded(amount, 0) < 10_000:
        return _marked(_rounded(amount, 0))
    if _rounded(amount / 1000, 0) < 1000:
        return f"{_rounded(amount / 1000, 0)}k"
    millions = amount / 1_000_000
    letter = "M"
    if _rounded(millions, 0) >= 1000:
        millions, letter = millions / 1000, "B"
    places = 2 if millions < 10 else 1 if millions < 100 else 0
    return f"{_marked(_rounded(millions, places), places)}{letter}"


def money_range(low: Numeric | None, high: Numeric | None, currency: Currency = None) -> str:
    """``$418,000 to $688,000``; one amount when both round to the same."""
    first, last = money(low, currency), money(high, currency)
    if first == last or NOTHING in (first, last):
        return last if first == NOTHING else first
    return f"{first} to {last}"


def percent(value: Numeric | None) -> str:
    """Return a ratio as whole per cent: ``0.43`` → ``43%``; ``<1%`` for what is small but not nothing."""
    if value is None:
        return NOTHING
    ratio = _decimal(value) * 100
    rounded = _rounded(ratio, 0)
    if rounded == 0 and ratio > 0:
        return "<1%"
    return f"{MINUS if rounded < 0 else ''}{_marked(rounded)}%"


def percent_range(low: Numeric | None, high: Numeric | None) -> str:
    """Two ratios as ``37–50%``."""
    first, last = percent(low), percent(high)
    if first == last or NOTHING in (first, last):
        return last if first == NOTHING else first
    return f"{first.removesuffix('%')}–{last}"


def signed_text(value: Numeric | None, places: int = 0) -> str:
    """Return a change with its sign and a true minus: ``+6``, ``−5``, ``0``."""
    if value is None:
        return NOTHING
    rounded = _rounded(value, places)
    if rounded == 0:
        return "0"
    return f"{'+' if rounded > 0 else MINUS}{_marked(rounded, places)}"


def signed(value: Numeric | None, places: int = 0) -> SafeString:
    """Return a change as markup: coloured by its sign, read out as "up 6", "down 5" or "no change"."""
    text = signed_text(value, places)
    if text == NOTHING:
        return format_html('<span class="prm-change">{}</span>', text)
    if text == "0":
        kind, words = "none", "no change"
    elif text.startswith("+"):
        kind, words = "up", f"up {text[1:]}"
    else:
        kind, words = "down", f"down {text[1:]}"
    return format_html(
        '<span class="prm-change prm-change-{}"><span aria-hidden="true">{}</span>'
        '<span class="visually-hidden">{}</span></span>',
        kind,
        text,
        words,
    )


def _today() -> date:
    return timezone.localtime(now()).date()


def _local(value: date | datetime) -> date:
    if isinstance(value, datetime):
        return timezone.localtime(value).date() if timezone.is_aware(value) else value.date()
    return value


def day(value: date | datetime | None, *, weekday: bool = False) -> str:
    """``20 Nov``; with the year when it is not this one. Aware times in the active time zone."""
    if value is None:
        return NOTHING
    local = _local(value)
    text = notation().day(local, MONTHS[local.month - 1], with_year=local.year != _today().year)
    return f"{WEEKDAYS[local.weekday()]} {text}" if weekday else text


def day_span(first: date, last: date) -> str:
    """``19–21 Nov``, or one day, or two in full."""
    if first == last:
        return day(last)
    is_written_in_words = notation().short.startswith("{d} ")
    if is_written_in_words and (first.year, first.month) == (last.year, last.month):
        return f"{first.day}–{day(last)}"
    return f"{day(first)} – {day(last)}"


def month(value: date, *, year: bool | None = None) -> str:
    """``Nov``; with the year when asked for, or by default when it is not this year."""
    show_year = value.year != _today().year if year is None else year
    return f"{MONTHS[value.month - 1]} {value.year}" if show_year else MONTHS[value.month - 1]


def clock(value: datetime | None) -> str:
    """``9:40``, in the active time zone."""
    if value is None:
        return NOTHING
    local = timezone.localtime(value) if timezone.is_aware(value) else value
    return notation().time(local.time())


def moment(value: datetime | None) -> str:
    """``20 Nov, 9:40``; ``today, 9:40`` for today. In the active time zone."""
    if value is None:
        return NOTHING
    first = "today" if _local(value) == _today() else day(value)
    return f"{first}, {clock(value)}"


def ago(value: date | datetime | None) -> str:
    """How long ago: ``just now``, ``2 min ago``, ``3 h ago``, ``yesterday``, ``5 days ago``.

    Beyond 30 days, and for the future, the day itself. A date without time counts whole days.
    """
    if value is None:
        return NOTHING
    days = (_today() - _local(value)).days
    if isinstance(value, datetime) and timezone.is_aware(value):
        elapsed = now() - value
        if timedelta(0) <= elapsed < timedelta(hours=1):
            minutes = int(elapsed.total_seconds() // 60)
            return f"{minutes} min ago" if minutes else "just now"
        if timedelta(0) <= elapsed and days == 0:
            return f"{int(elapsed.total_seconds() // 3600)} h ago"
    if days == 0:
        return "today"
    if days == 1:
        return "yesterday"
    return f"{days} days ago" if 1 < days <= 30 else day(value)


def short_name(name: str) -> str:
    """``R. Alvarez`` for Ruth Alvarez; nothing for nobody."""
    words = name.split()
    return f"{words[0][0]}. {words[-1]}" if len(words) > 1 else name


def nothing(value: object) -> object:
    """Return the value, or an en dash for None and the empty string."""
    return NOTHING if value is None or value == "" else value


# Behind these an address may break.
_JOINTS = re.compile(r"(?<=[@._/?&=-])(?=.)")


def breakable(address: str) -> SafeString:
    """Return an e-mail or web address that breaks at its joints, and nowhere else while it fits so."""
    return format_html_join(mark_safe("<wbr>"), "{}", ((piece,) for piece in _JOINTS.split(address)))  # nosec B308, B703 # our own text


def plural(count: int, one: str, many: str | None = None) -> str:
    """``1 order``, ``38 orders``; *many* defaults to *one* + "s"."""
    return f"{number(count)} {one if count == 1 else many or one + 's'}"
