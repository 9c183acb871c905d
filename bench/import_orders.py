"""How an import compares with a bare COPY into an indexed table and one aggregate, and with Django's `bulk_create`.

All run in the same database, one after the other, on the same lines, each with its commit. The import runs as the real
command in a process of its own (it starts no other), so that its peak memory is its own; it judges every cell, which is
the proof of the columns: where no cell is refused, no other reading can fit more. The result is checked against
sums computed here by plain Python, independently of the product's code.

    python -m bench.import_orders [FOLDER or ZIP of Online Retail] [--rounds N] [--no-bulk]

Without data, lines of the same shape are made up (same number, seeded), and the bench says so.
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

from bench.bulk_create import bulk_create
from bench.common import fresh_tenant, manage, middle, print_round, start_django, stop_if_wrong

SOURCE_FILE = Path(__file__).with_name("online_retail.toml")
SOURCE_NAME = "online_retail"
GOAL_RATIO, GOAL_MEMORY, GOAL_AGAIN, GOAL_BULK = 2.2, 150.0, 0.45, 3.0
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


def made_up(folder: Path, lines: int = 541_909, lines_of_day: int = 0) -> None:
    """Daily files shaped like Online Retail: ~21 lines an order, a quarter without a customer.

    A day has 85 orders, or with `lines_of_day` so many lines.
    """
    chance = random.Random(20101201)
    number, day, done = 536_365, date(2010, 12, 1), 0
    while done < lines:
        with (folder / f"{day}.csv").open("w", newline="", encoding="utf-8") as file:
            writer = csv.writer(file)
            writer.writerow(HEADER)
            until = done + lines_of_day
            for _ in range(lines_of_day or 85):
                if lines_of_day and done >= until:
                    break
                number += 1
                customer = "" if chance.random() < 0.14 else f"{chance.randint(12346, 16717)}.0"
                back = chance.random() < 0.15
                at = f"{day} {chance.randint(8, 18):02}:{chance.randint(0, 59):02}:00"
                for _ in range(
                    min(
                        lines - done,
                        (until - done) if lines_of_day else lines,
                        1 + int(chance.expovariate(1 / 20)),
                    )
                ):
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
    output, wall, memory = manage(*words)  # its seconds are with the commit
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
            print(
                "No data given: lines of the same shape are made up. For the real ones name the folder or ZIP of UCI"
                ' Online Retail\'s daily files: make bench ARGS="online_retail_by_day.zip".'
            )
            made_up(folder)
        elif not path.exists():
            raise SystemExit(f"{path} is not there. It is the folder or ZIP of Online Retail's daily files.")
        elif path.is_file():
            with zipfile.ZipFile(io.BytesIO(path.read_bytes())) as archive:
                archive.extractall(folder)
        yield sorted(folder.rglob("*.csv"), key=lambda file: file.name)


def bulk_seconds(files: list[Path], known: Expected) -> float:
    """Seconds that `bulk_create` takes for the same rows."""
    seconds, written = bulk_create(files)
    stop_if_wrong([] if written == known.lines - known.repeated else [f"bulk_create wrote {written:,} lines"])
    return seconds


def one_large_file(files: list[Path]) -> float:
    """Import the same lines as one file; peak megabytes of the process."""
    slug = fresh_tenant()
    manage("order_source", "--tenant", slug, "--load", str(SOURCE_FILE))
    with tempfile.NamedTemporaryFile(prefix="bench-orders-", suffix=".csv") as whole:
        for place, path in enumerate(files):
            content = path.read_bytes()
            whole.write(content if place == 0 else content.split(b"\n", 1)[1])
        whole.flush()
        _, _, memory = manage(
            "import_orders", "--tenant", slug, "--source", SOURCE_NAME, "--json", whole.name
        )
    return memory


def main(arguments: Sequence[str] | None = None) -> None:
    """Run the rounds and print one line each, then the middle one."""
    parser = argparse.ArgumentParser(description=__doc__.splitlines()[0] if __doc__ else "")
    parser.add_argument("data", nargs="?", type=Path, help="folder or ZIP of Online Retail's daily files")
    parser.add_argument("--rounds", type=int, default=3)
    parser.add_argument(
        "--no-bulk", action="store_true", help="leave Django's bulk_create out, which takes long"
    )
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
        memory = one_large_file(files)
        bulk = 0.0 if options.no_bulk else bulk_seconds(files, known)
    for figures in rounds:
        print_round(figures)
    typical = middle(rounds, lambda f: f["import"] / f["bare"])
    print(
        f"time     {typical['import'] / typical['bare']:.2f}x the bare COPY and aggregate (goal {GOAL_RATIO}x)"
    )
    print(
        f"memory   {max(f['memory'] for f in rounds):.0f} MB peak of all its processes, {memory:.0f} MB as one file"
        f" (goal {GOAL_MEMORY:.0f} MB)"
    )
    print(
        f"again    {typical['again'] / typical['import']:.2f}x the first import (goal {GOAL_AGAIN}x), nothing written"
    )
    if bulk:
        fastest = min(f["import"] for f in rounds)
        print(
            f"Django   bulk_create of the same rows takes {bulk / fastest:.1f}x the import (goal {GOAL_BULK}x)"
        )


if __name__ == "__main__":
    main()
