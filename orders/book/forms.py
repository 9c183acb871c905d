"""Input of the tenant's own fields of one order."""

from collections.abc import Mapping
from uuid import UUID

from django import forms

from prm.ownfields.forms import OwnFieldsMixin


class OwnForm(OwnFieldsMixin, forms.Form):
    """The own fields of an order."""

    def __init__(self, data: Mapping[str, object] | None, *, order_id: UUID) -> None:
        super().__init__(data, initial={})
        self.add_own("order", order_id)
