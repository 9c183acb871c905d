"""Model fields shared by the apps."""

from typing import Any

from django.db import models


class MoneyField(models.DecimalField):
    """An amount of money: 18 digits, 4 of them after the point.

    Four places, because real order systems price in fractions of a penny (Online Retail has three)
    and a sum must come out exactly. The currency stands beside it or is the tenant's own.
    """

    def __init__(self, *args: Any, **kwargs: Any) -> None:
        kwargs["max_digits"] = 18
        kwargs["decimal_places"] = 4
        super().__init__(*args, **kwargs)

    def deconstruct(self) -> tuple[str, str, list[object], dict[str, object]]:
        name, path, args, kwargs = super().deconstruct()
        del kwargs["max_digits"]
        del kwargs["decimal_places"]
        return name, path, list(args), kwargs
