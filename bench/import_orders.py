"""How an import compares with a bare COPY into an indexed table and one aggregate.

Both run in the same database, one after the other, on the same lines. The import runs as the real
command in a process of its own, so that its peak memory is its own. The result is checked against
sums computed here by plain Python, independently of the product's code.

    python -m bench.import_orders [FOLDER or ZIP of Online Retail] [--rounds N]

Without data, lines of the same shape are made up (same number, seeded).
"""

import argparse
import csv
import io
import json
import random
import sys
import tempfile
import time
import zipfile
from collections import defaultdict
from collections.abc import Iterator, Sequence
from concurrent.futures import ProcessPoolExecutor
from contextlib import contextmanager
from dataclasses import dataclass
from datetime import date, timedelta
from decimal import Decimal
from multiprocessing import get_context
from pathlib import Path
from typing import Any

if not __package__:  # started by its path, `python bench/import_orders.py`
    sys.path.insert(0, str(Path(__file__).resolve().parent.parent))

from bench.common import fresh_tenant, manage, middle, print_round, start_django, stop_if_wrong

SOURCE_FILE = Path(__file__).with_name("online_retail.toml")
SOURCE_NAME = "online_retail"
GOAL_RATIO, GOAL_MEMORY, GOAL_AGAIN = 2.0, 150.0, 0.5
HEADER = [
    "InvoiceNo",
    "StockCode",
    "Description",
    "Quantity",
    "InvoiceDate",
    "UnitPrice",
    "CustomerID",
    "Country",
]


@dataclass
class Expected:
    """What plain Python makes of the files."""

    lines: int
    repeated: int
    partners: int
    partner_months: int
    revenue: Decimal
    tiers: tuple[int, int, int]


def made_up(folder: Path, lines: int = 541_909) -> None:
    """Daily files shaped like Online Retail: ~21 lines an order, a quarter without a customer."""
    chance = random.Random(20101201)
    number, day, done = 536_365, date(2010, 12, 1), 0
    while done < lines:
        with (folder / f"{day}.csv").open("w", newline="", encoding="utf-8") as file:
            writer = csv.writer(file)
            writer.writerow(HEADER)
            for _ in range(85):
                number += 1
                customer = "" if chance.random() < 0.14 else f"{chance.randint(12346, 16717)}.0"
                back = chance.random() < 0.15
                at = f"{day} {chance.randint(8, 18):02}:{chance.randint(0, 59):02}:00"
                for _ in range(min(lines - done, 1 + int(chance.expovariate(1 / 20)))):
                    product = chance.randint(1, 4070)
                    quantity = -chance.randint(1, 6) if back else chance.randint(1, 24)
                    price = Decimal(product % 1000 + 1) / 100
                    name = f"WHITE HANGING HEART NO {product}"
                    writer.writerow(
                        [f"{'C' if back else ''}{number}", f"{product + 20000}A", name, quantity, at, price,
                         customer, "United Kingdom"]
                    )  # fmt: skip
                    done += 1
        day += timedelta(days=1)


def expected(files: list[Path]) -> Expected:
    """Drop exact repeats, leave out lines without a customer, sum by customer and month."""
    seen: set[tuple[str, ...]] = set()
    months: dict[tuple[str, str], Decimal] = defaultdict(Decimal)
    lines = 0
    for path in files:
        with path.open(newline="", encoding="utf-8") as file:
            for row in csv.reader(file):
                if row == HEADER:
                    continue
                lines += 1
                if tuple(row) in seen:
                    continue
                seen.add(tuple(row))
                if row[6]:
                    months[row[6], row[4][:7]] += int(row[3]) * Decimal(row[5])
    totals: dict[str, Decimal] = defaultdict(Decimal)
    for (customer, _), amount in months.items():
        totals[customer] += amount
    high = sum(amount >= 10_000 for amount in totals.values())
    medium = sum(2_000 <= amount < 10_000 for amount in totals.values())
    return Expected(
        lines, lines - len(seen), len(totals), len(months), sum(months.values(), Decimal(0)),
        (high, medium, len(totals) - high - medium),
    )  # fmt: skip


def yardstick(files: list[Path]) -> float:
    """Seconds for a bare COPY of the typed lines into a table with two indexes, and one aggregate."""
    from django.db import connection, transaction

    from prm.tenancy.backend.owner import owner_mode

    with owner_mode():
        started = time.monotonic()
        with transaction.atomic(), connection.cursor() as cursor:
            cursor.execute(
                "CREATE TABLE bench_lines (invoice text, stock text, name text, quantity int,"
                " placed_at timestamp, price numeric, customer text, country text);"
                "CREATE INDEX bench_customer ON bench_lines (customer, placed_at);"
                "CREATE INDEX bench_invoice ON bench_lines (invoice)"
            )
            for path in files:
                with cursor.copy("COPY bench_lines FROM STDIN (FORMAT csv, HEADER)") as copy:
                    copy.write(path.read_bytes())
            cursor.execute(
                "SELECT count(*), sum(total) FROM (SELECT sum(quantity * price) AS total FROM bench_lines"
                " GROUP BY customer, date_trunc('month', placed_at)) months"
            )
            cursor.fetchone()
        seconds = time.monotonic() - started
        with connection.cursor() as cursor:
            cursor.execute("DROP TABLE bench_lines")
    return seconds


def checked(counts: dict[str, Any], known: Expected, slug: str) -> list[str]:
    """Every difference between the product's result and plain Python's."""
    from django.db.models import Sum

    from partners.standing.models import PartnerMonth
    from prm.tenancy.context import tenant_scope
    from prm.tenancy.models import Tenant

    with tenant_scope(Tenant.objects.get(slug=slug)):
        totals = [
            row["net"]
            for row in PartnerMonth.objects.order_by().values("partner").annotate(net=Sum("revenue"))
        ]
    high = sum(total >= 10_000 for total in totals)
    medium = sum(2_000 <= total < 10_000 for total in totals)
    lines = counts["lines"]
    pairs = {
        "lines read": (lines["read"], known.lines),
        "lines repeated": (lines["repeated"], known.repeated),
        "lines stored": (lines["stored"], known.lines - known.repeated),
        "partner-months": (counts["months"]["partner_months"], known.partner_months),
        "revenue": (Decimal(counts["months"]["revenue"]), known.revenue),
        "partners": (len(totals), known.partners),
        "tiers": ((high, medium, len(totals) - high - medium), known.tiers),
    }
    return [f"{what}: {ours}, expected {theirs}" for what, (ours, theirs) in pairs.items() if ours != theirs]


def one_round(files: list[Path], known: Expected) -> dict[str, float]:
    """Yardstick, first import and second import, in that order, with the result checked."""
    slug = fresh_tenant()
    manage("order_source", "--tenant", slug, "--load", str(SOURCE_FILE))
    bare = yardstick(files)
    names = [str(path) for path in files]
    words = ("import_orders", "--tenant", slug, "--source", SOURCE_NAME, "--json", *names)
    output, wall, memory = manage(*words)
    counts = json.loads(output)
    wrong = checked(counts, known, slug)
    again, wall_again, _ = manage(*words)
    second = json.loads(again)
    if second["wrote"]:
        wrong.append("the second import wrote something")
    stop_if_wrong(wrong)
    return {
        "bare": bare, "import": counts["seconds"], "process": wall, "again": second["seconds"],
        "process again": wall_again, "memory": memory,
    }  # fmt: skip


@contextmanager
def data(path: Path | None) -> Iterator[list[Path]]:
    """Return the CSV files: of a folder, of a ZIP, or made up."""
    with tempfile.TemporaryDirectory(prefix="bench-orders-") as scratch:
        folder = path if path is not None and path.is_dir() else Path(scratch)
        if path is None:
            made_up(folder)
        elif path.is_file():
            with zipfile.ZipFile(io.BytesIO(path.read_bytes())) as archive:
                archive.extractall(folder)
        yield sorted(folder.rglob("*.csv"), key=lambda file: file.name)


def main(arguments: Sequence[str] | None = None) -> None:
    """Run the rounds and print one line each, then the middle one."""
    parser = argparse.ArgumentParser(description=__doc__.splitlines()[0] if __doc__ else "")
    parser.add_argument("data", nargs="?", type=Path, help="folder or ZIP of Online Retail's daily files")
    parser.add_argument("--rounds", type=int, default=3)
    options = parser.parse_args(arguments)
    start_django()
    with data(options.data) as files:
        # In a process of its own: its memory would count as the peak of every process started later.
        with ProcessPoolExecutor(max_workers=1, mp_context=get_context("spawn")) as pool:
            known = pool.submit(expected, files).result()
        print(
            f"{known.lines:,} lines in {len(files)} files: {known.partner_months:,} partner-months,"
            f" {known.revenue:,}, {known.partners:,} partners, tiers {known.tiers}"
        )
        rounds = [one_round(files, known) for _ in range(options.rounds)]
    for figures in rounds:
        print_round(figures)
    typical = middle(rounds, lambda f: f["import"] / f["bare"])
    print(
        f"time     {typical['import'] / typical['bare']:.2f}x the bare COPY and aggregate (goal {GOAL_RATIO}x)"
    )
    print(
        f"memory   {max(f['memory'] for f in rounds):.0f} MB peak of the process (goal {GOAL_MEMORY:.0f} MB)"
    )
    print(
        f"again    {typical['again'] / typical['import']:.2f}x the first import (goal {GOAL_AGAIN}x), nothing written"
    )


if __name__ == "__main__":
    main()
