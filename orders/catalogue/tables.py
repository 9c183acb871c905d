"""Columns of the catalogue."""

from typing import ClassVar

from django.utils.html import format_html
from django.utils.safestring import SafeString

from orders.catalogue.models import Product
from prm.ui import tables as ui


class ProductTable(ui.ListTable):
    """Products with their family, and the codes that mean the same."""

    code = ui.NameColumn(order_by=("code",))
    name = ui.Column(priority=1, order_by=("name", "code"))
    family = ui.Column(priority=2, order_by=("family", "code"))
    also = ui.Column(empty_values=(), orderable=False, verbose_name="Also", priority=3)

    class Meta(ui.ListTable.Meta):
        sequence: ClassVar = ("code", "name", "family", "also")
        order_by = "code"

    def row_url(self, record: Product) -> str:
        """Return the product's page."""
        return record.get_absolute_url()

    def render_also(self, record: Product) -> SafeString | str:
        """Name the codes that mean the same, or the product that this one is."""
        if record.merged_into is not None:
            return format_html('<span class="prm-quiet">is {}</span>', record.merged_into.code)
        return self.export_also(record) or "–"

    def export_also(self, record: Product) -> str:
        """Return the codes."""
        if record.merged_into is not None:
            return f"is {record.merged_into.code}"
        return ", ".join(one.code for one in record.aliases.all())
