"""The kinds of answers about whose orders they are."""

from django.db import models

from prm.tenancy.context import said_of_orders


class AnswerKind(models.TextChoices):
    """What was decided."""

    TIED_CODE = "tied_code", "Code tied"
    SET_ASIDE_CODE = "set_aside_code", "Code set aside"
    TIED_ORDERS = "tied_orders", said_of_orders("{Orders} tied")
    UNTIED_ORDERS = "untied_orders", said_of_orders("{Orders} untied")
    SET_ASIDE_ORDERS = "set_aside_orders", said_of_orders("{Orders} set aside")

    @property
    def is_of_orders(self) -> bool:
        """Whether it is about single orders and not about a code, which names all of its own."""
        return self in (self.TIED_ORDERS, self.UNTIED_ORDERS, self.SET_ASIDE_ORDERS)
