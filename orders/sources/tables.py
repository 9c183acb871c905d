"""Columns of the list of sources, as a file."""

from typing import Final

from orders.sources.models import OrderSource
from prm.ui.export.answers import Columns

COLUMNS: Final[Columns[OrderSource]] = {
    "Source": lambda source: source.name,
    "Way in": lambda source: source.get_kind_display(),
    "Needs": lambda source: source.needs,
    "Imports": lambda source: getattr(source, "imports", None),
    "Last": lambda source: getattr(source, "last", None),
    "State": lambda source: "Takes orders" if source.is_active else "Off",
}
