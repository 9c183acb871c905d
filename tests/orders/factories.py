"""Orders for tests, made the way orders come in: through the import."""

from collections.abc import Sequence
from pathlib import Path
from tempfile import TemporaryDirectory
from typing import Any

from orders.doors.files.inputs import FileInput
from orders.runs.execution import execute
from orders.runs.models import ImportRun
from orders.runs.service import open_run
from orders.sources.models import OrderSource
from orders.sources.service import save_source

COLUMNS = {
    "number": "No",
    "date": "Date",
    "code": "Code",
    "product_code": "Item",
    "quantity": "Qty",
    "unit_price": "Price",
}
HEADER = "No,Date,Code,Item,Qty,Price"


def make_source(name: str = "Orders", **spec: Any) -> OrderSource:
    """A source with the columns of HEADER; ``spec`` changes its specification."""
    return save_source(None, name=name, spec={"columns": COLUMNS, **spec})


def csv_text(*rows: str, header: str = HEADER) -> str:
    """A file's text: header and rows."""
    return "\n".join([header, *rows]) + "\n"


def run_import(
    source: OrderSource, *texts: str | bytes, names: Sequence[str] = (), accepted: Sequence[str] = ()
) -> ImportRun:
    """Import texts as the files of one run, within the tenant in scope; `accepted` readings hold for them."""
    with TemporaryDirectory() as folder:
        files = []
        for number, text in enumerate(texts):
            name = names[number] if names else f"orders{number + 1}.csv"
            path = Path(folder) / name
            path.write_bytes(text if isinstance(text, bytes) else text.encode())
            files.append(FileInput(path, name))
        run = open_run(source, [(file.name, file.size) for file in files], accepted=accepted)
        return execute(run.pk, files)


def import_rows(source: OrderSource, *rows: str) -> ImportRun:
    """Import rows as one file under HEADER."""
    return run_import(source, csv_text(*rows))


def make_order(source: OrderSource, number: str, *, code: str = "", amount: str = "10", **cells: str) -> Any:
    """One order of one line; gives the saved order."""
    date, item = cells.get("date", "2026-05-10"), cells.get("item", "A")
    import_rows(source, f"{number},{date},{code},{item},1,{amount}")
    return source.orders.get(number=number)
