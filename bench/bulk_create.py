"""The same rows the way Django programs usually write them: the csv module, objects, `bulk_create`.

Orders, lines, products, partners and codes, in one transaction; no months, no rejects, no history but what the database
notes itself. What the import is compared with (`bench/import_orders.py`).
"""

import csv
import time
from collections.abc import Iterator, Sequence
from datetime import datetime
from decimal import Decimal
from pathlib import Path
from typing import TYPE_CHECKING

from bench.common import fresh_tenant

if TYPE_CHECKING:
    from django.db.models import Model

    from orders.sources.models import OrderSource

_BATCH = 2_000
Row = tuple[str, ...]


def documents(files: Sequence[Path]) -> Iterator[tuple[str, list[Row]]]:
    """Give each order of the files with its lines, exact repeats left out; lines of an order lie in one file."""
    for path in files:
        orders: dict[str, dict[Row, None]] = {}
        with path.open(newline="", encoding="utf-8") as file:
            rows = csv.reader(file)
            next(rows)
            for row in rows:
                orders.setdefault(row[0], {})[tuple(row)] = None
        for number, lines in orders.items():
            yield number, list(lines)


def amount_of(row: Row) -> Decimal:
    """Return what a line comes to."""
    return int(row[3]) * Decimal(row[5])


def bulk_create(files: Sequence[Path]) -> tuple[float, int]:
    """Write the files into a fresh tenant, with the commit; seconds, and how many lines."""
    from orders.sources.service import save_source
    from prm.tenancy.context import tenant_scope
    from prm.tenancy.models import Tenant

    tenant = Tenant.objects.get(slug=fresh_tenant())
    with tenant_scope(tenant):
        source = save_source(None, name="Bulk", spec={"columns": {"number": "n", "date": "d", "amount": "a"}})
    started = time.monotonic()
    with tenant_scope(tenant):
        written = _write(files, source)
    return time.monotonic() - started, written


def _write(files: Sequence[Path], source: "OrderSource") -> int:
    from django.utils.timezone import make_aware

    from orders.book.models import Order, OrderLine
    from orders.catalogue.models import Product
    from partners.directory.models import Partner, ReferralCode

    partners: dict[str, Partner] = {}
    products: dict[str, Product] = {}
    batches: list[tuple[type[Model], list[Model]]] = [
        (m, []) for m in (Partner, ReferralCode, Product, Order, OrderLine)
    ]
    new_partners, new_codes, new_products, orders, lines = (batch for _, batch in batches)
    written = 0

    for number, rows in documents(files):
        code = rows[0][6]
        if code and code not in partners:
            partners[code] = Partner(name=code, kind="dealer")
            new_partners.append(partners[code])
            new_codes.append(ReferralCode(partner=partners[code], code=code, normal=code))
        placed = [make_aware(datetime.fromisoformat(row[4])) for row in rows]
        order = Order(
            source=source, number=number, partner=partners.get(code), code=code, placed_at=min(placed),
            month=min(placed).date().replace(day=1), currency="USD", amount=sum(map(amount_of, rows)),
            units=sum(int(row[3]) for row in rows), state="completed", is_reversal=number.startswith("C"),
            content_hash="",
        )  # fmt: skip
        orders.append(order)
        for ordinal, (row, at) in enumerate(zip(rows, placed, strict=True), 1):
            if row[1] not in products:
                products[row[1]] = Product(code=row[1], name=row[2])
                new_products.append(products[row[1]])
            lines.append(
                OrderLine(
                    order=order, ordinal=ordinal, product=products[row[1]], quantity=int(row[3]),
                    unit_price=Decimal(row[5]), amount=amount_of(row), placed_at=at,
                )
            )  # fmt: skip
        if len(lines) >= _BATCH:
            written += _flush(batches)
    return written + _flush(batches)


def _flush(batches: "list[tuple[type[Model], list[Model]]]") -> int:
    """Write what was gathered, parents first; how many there were of the last kind."""
    count = len(batches[-1][1])
    for model, batch in batches:
        model._default_manager.bulk_create(batch, batch_size=_BATCH)
        batch.clear()
    return count
