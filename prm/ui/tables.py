"""Tables of the lists: a base class and columns that know their place on a phone."""

from collections.abc import Callable, Collection, Iterable, Sequence
from datetime import date, datetime
from decimal import Decimal
from typing import Any, ClassVar, Protocol, TypedDict, Unpack

import django_tables2 as tables
from django.db.models import QuerySet
from django.utils.html import format_html
from django.utils.safestring import SafeString
from django_tables2.utils import Accessor

from prm.core.listing.ordering import ended
from prm.core.listing.streaming import streamed
from prm.core.urls import HasSlug
from prm.ui import components
from prm.ui.charts import spark
from prm.ui.export.cells import Amount, Cell, Ratio, Sheet, cell_of
from prm.ui.formatting import (
    NOTHING,
    HasCurrency,
    Numeric,
    ago,
    currency_code,
    day,
    money,
    money_short,
    number,
    percent,
)


def _cell(css: str) -> dict[str, dict[str, str]]:
    return {"cell": {"class": css}}


def _href(record: object, table: tables.Table) -> str | None:
    return table.row_url(record) or None


def _about(record: object, table: tables.Table) -> str | None:
    return table.row_about(record) or None


class ListTenant(HasCurrency, HasSlug, Protocol):
    """What a list asks of the tenant: its currency, and the slug for addresses."""


class ListTable(tables.Table):
    """A list in the kit's table: sortable, whole row opens, two lines on a phone.

    Subclass ``Meta`` from ``ListTable.Meta``. Set ``tenant`` through the constructor's keyword
    (ListPage does) where money columns need a currency.
    """

    def __init__(
        self,
        *args: object,
        tenant: ListTenant | None = None,
        sortable: Collection[str] | None = None,
        **kwargs: object,
    ) -> None:
        """*tenant* gives currency, *sortable* the only columns that sort; the rest is django-tables2's."""
        self.tenant = tenant
        super().__init__(*args, **kwargs)
        for name, column in self.columns.items():
            if sortable is not None and name not in sortable:
                column.column.orderable = False

    def paginate(self, *args: object, **kwargs: object) -> None:
        """Cut into pages, in an order that ends with a unique key: no row comes twice, and none is left out."""
        self.end_order()
        super().paginate(*args, **kwargs)

    def end_order(self) -> None:
        """Let the rows end their order with a unique key; what is no queryset has its order from who made it."""
        if isinstance(self.data.data, QuerySet):
            self.data.data = ended(self.data.data)

    def row_url(self, record: Any) -> str:
        """Where a row leads; "" makes rows that do not open."""
        del record
        return ""

    def row_about(self, record: Any) -> str:
        """Whom a row is about, as `name=<id>`: the keys of the page then act on it (`data-prm-takes`)."""
        del record
        return ""

    @property
    def beside(self) -> "Sequence[Beside]":
        """What an exported list has besides the columns of the page: a head, and a cell of a record."""
        return ()

    def heads(self) -> list[str]:
        """Return the heads of the exported list."""
        shown = [head for bound in self.columns for head in _own(bound).export_heads(bound, self)]
        return [*shown, *(head for head, _ in self.beside)]

    def cells(self, record: Any) -> list[Cell]:
        """Return a record as a row of the exported list.

        A column's cells are its own (`Column.export`), unless the table has `export_<name>(record)`.
        """
        found: list[Cell] = []
        for bound in self.columns:
            own = getattr(self, f"export_{bound.name}", None)
            found += [cell_of(own(record))] if own else _own(bound).export(record, bound, self)
        return [*found, *(cell_of(cell(record)) for _, cell in self.beside)]

    def sheet(self, name: str) -> Sheet:
        """Return all rows, in the order and with the columns shown, to be written to a file."""
        self.end_order()
        rows = self.data.data
        records = streamed(rows) if isinstance(rows, QuerySet) else rows
        return Sheet(name, self.heads(), (self.cells(record) for record in records))

    class Meta:
        template_name = "components/table.html"
        attrs: ClassVar = {"class": "prm-table"}
        row_attrs: ClassVar = {"data-href": _href, "data-prm-about": _about}
        empty_text = ""
        default = NOTHING


class ColumnOptions(TypedDict, total=False):
    """The options of django-tables2's columns that lists use, and two of the kit's.

    `css` in place of the column's own classes; `priority`: 1 is always there, 2 to 4 give way on narrower desks.
    """

    css: str
    priority: int
    accessor: str
    verbose_name: str
    order_by: str | Sequence[str]
    orderable: bool
    empty_values: Sequence[object]
    attrs: dict[str, dict[str, str]]
    default: str


Beside = tuple[str, Callable[[Any], object]]


def _own(bound: tables.columns.BoundColumn) -> "Column":
    column = bound.column
    assert isinstance(column, Column), f"{bound.name}: a list is made of the kit's columns"
    return column


class Column(tables.Column):
    """Words; on a phone in the second line. Give ``css`` to place it elsewhere."""

    css = "prm-col-meta"
    priority = 2

    def __init__(self, **options: Unpack[ColumnOptions]) -> None:
        """See ColumnOptions."""
        css = options.pop("css", "") or self.css
        priority = options.pop("priority", self.priority)
        css = f"{css} prm-p{priority}" if priority > 1 else css
        options.setdefault("attrs", _cell(css))
        options.setdefault("default", NOTHING)
        super().__init__(**options)

    def export_heads(self, bound: tables.columns.BoundColumn, table: ListTable) -> list[str]:
        """Return the heads of the columns that this one becomes in an exported list."""
        return [str(bound.header)]

    def export(self, record: object, bound: tables.columns.BoundColumn, table: ListTable) -> list[Cell]:
        """Return the cells under those heads: the value with its type, a choice by its word."""
        place, last = bound.accessor.penultimate(record)
        words = getattr(place, f"get_{last}_display", None)
        return [cell_of(words() if words else bound.accessor.resolve(record, quiet=True))]


class NameColumn(Column):
    """The link of the row, with an optional grey second word from *second* (an accessor).

    In an exported list that is a column of its own where *second_head* names it.
    """

    css = "prm-col-name"
    priority = 1

    def __init__(self, *, second: str = "", second_head: str = "", **options: Unpack[ColumnOptions]) -> None:
        """*second*: accessor of the word after the name."""
        self.second = second
        self.second_head = second_head
        super().__init__(**options)

    def export_heads(self, bound: tables.columns.BoundColumn, table: ListTable) -> list[str]:
        return [*super().export_heads(bound, table), *([self.second_head] if self.second_head else ())]

    def export(self, record: object, bound: tables.columns.BoundColumn, table: ListTable) -> list[Cell]:
        second = [cell_of(Accessor(self.second).resolve(record, quiet=True))] if self.second_head else []
        return [*super().export(record, bound, table), *second]

    def render(self, value: object, record: object, table: ListTable) -> SafeString:
        """Return the name as link, and the second word."""
        url = table.row_url(record)
        after = Accessor(self.second).resolve(record, quiet=True) if self.second else ""
        name = format_html('<a href="{}">{}</a>', url, value) if url else format_html("{}", value)
        return format_html("{} <small>{}</small>", name, after) if after else name


class CheckColumn(Column):
    """A box that selects the row; its head selects all rows of the page. The page's script adds the row's name to its label.

    The list stands in a form then, which gets the ids as `id`. *worth*: an amount that the page adds up.
    """

    css = "prm-col-check"
    priority = 1

    def __init__(self, *, worth: str = "", **options: Unpack[ColumnOptions]) -> None:
        """See the class."""
        options["accessor"], options["orderable"] = "pk", False
        super().__init__(**options)
        self.worth = worth

    @property
    def header(self) -> SafeString:
        """Return the box of the head."""
        return SafeString(
            '<input type="checkbox" data-prm-select-page aria-label="Select all rows of this page">'
        )

    def render(self, value: object, record: object) -> SafeString:
        """Return the box of a row."""
        worth = Accessor(self.worth).resolve(record, quiet=True) if self.worth else None
        return format_html(
            '<input type="checkbox" name="id" value="{}" aria-label="Select"{}>',
            value,
            "" if worth is None else format_html(' data-worth="{}"', int(worth)),
        )

    def export_heads(self, bound: tables.columns.BoundColumn, table: ListTable) -> list[str]:
        """Leave the box out of files."""
        return []

    def export(self, record: object, bound: tables.columns.BoundColumn, table: ListTable) -> list[Cell]:
        return []


class NumberColumn(Column):
    """A plain number, right-aligned; on a phone, without a head above it, its name follows it."""

    css = "prm-col-meta prm-num"

    def __init__(self, **options: Unpack[ColumnOptions]) -> None:
        """See the class."""
        super().__init__(**options)
        cell = self.attrs.setdefault("cell", {})
        if "prm-col-desk" not in cell.get("class", ""):
            cell["data-unit"] = str(self.verbose_name or "").lower()

    def render(self, value: Numeric | None) -> str:
        """With thousands separators."""
        return number(value)


class MoneyColumn(Column):
    """An amount in the tenant's currency; the figure of the first line on a phone.

    ``short=True`` for dense columns ($1.12M). ``currency``: accessor, for rows with their own.
    """

    css = "prm-col-figure prm-num"
    priority = 1

    def __init__(self, *, short: bool = False, currency: str = "", **options: Unpack[ColumnOptions]) -> None:
        """See the class."""
        self.short = short
        self.currency = currency
        super().__init__(**options)

    def render(self, value: Numeric | None, record: object, table: ListTable) -> str:
        """Return the amount."""
        own = Accessor(self.currency).resolve(record, quiet=True) if self.currency else None
        write: Callable[..., str] = money_short if self.short else money
        return write(value, own or table.tenant)

    def export_heads(self, bound: tables.columns.BoundColumn, table: ListTable) -> list[str]:
        """Name the currency once where all rows have the tenant's, else beside each amount."""
        if self.currency:
            return [str(bound.header), "Currency"]
        return [f"{bound.header} ({currency_code(table.tenant)})"]

    def export(self, record: object, bound: tables.columns.BoundColumn, table: ListTable) -> list[Cell]:
        value = bound.accessor.resolve(record, quiet=True)
        own = Accessor(self.currency).resolve(record, quiet=True) if self.currency else None
        currency = currency_code(own or table.tenant)
        amount = None if value is None else Amount(Decimal(value), currency)
        return [amount, currency] if self.currency else [amount]


class PercentColumn(NumberColumn):
    """A ratio (0.43) as 43%."""

    def render(self, value: Numeric | None) -> str:
        """Whole per cent."""
        return percent(value)

    def export(self, record: object, bound: tables.columns.BoundColumn, table: ListTable) -> list[Cell]:
        value = bound.accessor.resolve(record, quiet=True)
        return [None if value is None else Ratio(value)]


class DayColumn(Column):
    """A date; ``ago=True`` says how long ago instead."""

    css = "prm-col-meta prm-nowrap"

    def __init__(self, *, ago: bool = False, **options: Unpack[ColumnOptions]) -> None:
        """See the class."""
        self.ago = ago
        super().__init__(**options)

    def render(self, value: date | datetime | None) -> str:
        """``20 Nov`` or ``5 days ago``."""
        return ago(value) if self.ago else day(value)


class SparkColumn(Column):
    """Twelve months as small bars; desk only."""

    css = "prm-col-desk"
    priority = 4

    def render(self, value: Iterable[Numeric]) -> SafeString:
        """*value* is a sequence of numbers, oldest first."""
        return spark(list(value))

    def export_heads(self, bound: tables.columns.BoundColumn, table: ListTable) -> list[str]:
        """Leave the drawing out: the figures of twelve months are no column of a list."""
        return []

    def export(self, record: object, bound: tables.columns.BoundColumn, table: ListTable) -> list[Cell]:
        return []


class AvatarColumn(Column):
    """A person's initials, the name read out; desk only."""

    css = "prm-col-desk"
    priority = 4

    def render(self, value: object) -> SafeString:
        """*value*: the name, or something whose str() is it."""
        return components.avatar(str(value), named=True)
