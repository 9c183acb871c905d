"""App configuration of the orders app."""

from typing import Any
from uuid import UUID

from django.apps import AppConfig


class OrdersConfig(AppConfig):
    """Orders, their sources and their imports."""

    name = "orders"
    default_auto_field = "django.db.models.BigAutoField"

    def ready(self) -> None:
        """Hear of new referral codes, and tie the orders that wait for them."""
        from orders.attribution.service import tie_waiting
        from partners.directory.signals import code_added

        def tie(partner_id: UUID, normal: str, **_: Any) -> None:
            tie_waiting(partner_id=partner_id, normal=normal)

        code_added.connect(tie, weak=False, dispatch_uid="orders.tie_waiting")
