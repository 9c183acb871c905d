"""The products of an opportunity as one cell of a list: `ECHO 30000; MRI 18000`, or one product without an amount.

Within a list the same is kept with ids: `<id>=30000;<id>=18000`, the largest first.
"""

import re
from collections.abc import Collection, Mapping, Sequence
from decimal import Decimal
from typing import Final
from uuid import UUID

from activities.checks import checked_amount
from activities.market.budgets.models import Opportunity
from activities.market.budgets.products.queries import Part
from orders.catalogue.models import Product
from orders.catalogue.queries import products_meant
from prm.bringing import Found
from prm.core.errors import Refused
from prm.core.numbers import BadNumber, parse_amount, plain

# Where a sign parts them, an amount may have blanks in it (45 000); else the last word is the amount.
_PARTS: Final = (
    re.compile(r"(?P<word>.+?)\s*[:=]\s*(?P<amount>\d[\d.,'\N{RIGHT SINGLE QUOTATION MARK}\s]*)"),
    re.compile(r"(?P<word>.+)\s+(?P<amount>\d[\d.,'\N{RIGHT SINGLE QUOTATION MARK}]*)"),
)


def split_meant(words: Collection[str]) -> Mapping[str, Found]:
    """Return what cells mean, each product as the one that it is (1 query)."""
    read = {word: [_read(part) for part in word.split(";") if part.strip()] for word in words}
    # A product may itself be called "Panel 3": what is a product's name as a whole is one.
    named = products_meant(
        {said for parts in read.values() for whole, word, _ in parts for said in (whole, word)}
    )
    return {word: _found(parts, named) for word, parts in read.items()}


def _read(text: str) -> tuple[str, str, str]:
    """Return a part as it stands, its product and its amount ("" for none)."""
    whole = text.strip()
    found = next(filter(None, (form.fullmatch(whole) for form in _PARTS)), None)
    return (whole, found["word"].strip(), found["amount"].strip()) if found else (whole, whole, "")


def _found(parts: Sequence[tuple[str, str, str]], named: Mapping[str, Found]) -> Found:
    if len(parts) == 1 and not (parts[0][2] and named[parts[0][0]].problem):
        return named[parts[0][0]]
    try:
        amounts = _amounts(parts, named)
    except (BadNumber, Refused) as wrong:
        return Found(problem=str(wrong))
    names = [f"{named[word].name} {said}" for _, word, said in parts]
    return Found(_text(amounts), "; ".join(names))


def _amounts(parts: Sequence[tuple[str, str, str]], named: Mapping[str, Found]) -> dict[str, Decimal]:
    """Return the amount of each product. Raises Refused and BadNumber."""
    amounts: dict[str, Decimal] = {}
    for whole, word, said in parts:
        product = named[word]
        if not said:
            raise Refused(f"Write what part is for {whole}, as in ECHO 30000; MRI 18000.")
        if product.problem:
            raise Refused(product.problem)
        if product.id in amounts:
            raise Refused(f"{product.name} stands there twice. Add both up.")
        amounts[product.id] = checked_amount(parse_amount(said), "products")
    return amounts


def _text(amounts: Mapping[str, Decimal]) -> str:
    if len(amounts) == 1:
        return next(iter(amounts))
    ordered = sorted(amounts.items(), key=lambda part: (-part[1], part[0]))
    return ";".join(f"{pk}={plain(amount)}" for pk, amount in ordered)


def split_text(opportunity: Opportunity, parts: Sequence[Part]) -> str:
    """Return what an opportunity is about as a list keeps it, "" for nothing."""
    if parts:
        return _text({str(part.product.pk): part.amount for part in parts})
    return str(opportunity.product.main.pk) if opportunity.product else ""


def parts_said(text: str, total: Decimal) -> list[Part]:
    """Return the parts that a list keeps; one product has the whole amount (1 query)."""
    pairs = [one.partition("=") for one in text.split(";") if one]
    amounts = {UUID(pk): Decimal(amount) if amount else total for pk, _, amount in pairs}
    found = Product.objects.select_related("merged_into").in_bulk(amounts) if amounts else {}
    return [Part(found[pk], amount) for pk, amount in amounts.items() if pk in found]


def wrong_sum(text: str, total: str) -> str:
    """Return why parts do not make an amount, "" where they do or there are none."""
    amounts = [Decimal(one.partition("=")[2]) for one in text.split(";") if "=" in one]
    if not amounts or not total or sum(amounts) == Decimal(total):
        return ""
    return f"The products add up to {plain(sum(amounts, Decimal(0)))}, and the amount says {total}."
