"""App configuration of the orders app."""

from django.apps import AppConfig

from prm.tenancy.signals import sample_filling


class OrdersConfig(AppConfig):
    """Orders, their sources and their imports."""

    name = "orders"
    default_auto_field = "django.db.models.BigAutoField"

    def ready(self) -> None:
        """Find the doors; hear of new referral codes, and tie the orders that wait for them."""
        from orders.attribution.service import tie_waiting, tie_waiting_for  # noqa: PLC0415 - cycle of apps at start
        from orders.doors import registry  # noqa: PLC0415 - cycle of apps at start
        from orders.ingest.merging.merge import lock_orders  # noqa: PLC0415 - cycle of apps at start
        from partners.directory.models import ReferralCode  # noqa: PLC0415 - cycle of apps at start
        from partners.directory.signals import (  # noqa: PLC0415 - cycle of apps at start
            code_added,
            codes_added,
            codes_changing,
        )

        def tie(code: ReferralCode, **_: object) -> None:
            tie_waiting(code)

        def tie_many(codes: list[ReferralCode], **_: object) -> None:
            tie_waiting_for(codes)

        def lock(**_: object) -> None:
            lock_orders()

        registry.discover()
        codes_changing.connect(lock, weak=False, dispatch_uid="orders.lock_orders")
        code_added.connect(tie, weak=False, dispatch_uid="orders.tie_waiting")
        codes_added.connect(tie_many, weak=False, dispatch_uid="orders.tie_waiting_for")
        _hear_of_the_company()


def _hear_of_the_company() -> None:
    """Connect what follows from the company's settings, and what sample data must not be mixed with."""
    from orders.basis import service  # noqa: PLC0415 - cycle of apps at start
    from orders.basis.sample import refuse_beside_own  # noqa: PLC0415 - cycle of apps at start
    from prm.company.settings.moves import follows  # noqa: PLC0415 - cycle of apps at start

    follows("orders.basis", effects=service.effects, follow=service.follow)
    sample_filling.connect(refuse_beside_own, dispatch_uid="orders.sample")
