"""The steps that orders take: a source that says how they are read, and the first that come in."""

from orders.book.models import Order
from orders.sources.models import OrderSource
from prm.accounts.rights import Right
from prm.company.sample.queries import own_rows
from prm.company.setup.registry import SetupStep, StepState
from prm.tenancy.context import current_tenant
from prm.ui.formatting import plural


def _source() -> StepState:
    names = list(
        own_rows(OrderSource.objects.all()).order_by("created_at").values_list("name", flat=True)[:3]
    )
    return StepState(bool(names), f"{', '.join(names)}." if names else "No system is described yet.")


def _import() -> StepState:
    tenant = current_tenant()
    own = own_rows(Order.objects.all())
    if not own.exists():
        return StepState(is_done=False, words="None have come in yet.")
    words = f"{plural(own.count(), tenant.order_noun, tenant.order_noun_plural)} so far."
    waiting = own_rows(Order.objects.unattributed()).count()
    if waiting:
        words = f"{words} {plural(waiting, 'waits', 'wait')} for a {tenant.partner_noun}."
    return StepState(is_done=True, words=words)


STEPS = [
    SetupStep(
        key="source",
        title="Show us a file of your order system",
        why="All of its lines are read to find out how dates and numbers are written. Nothing is stored yet.",
        look=_source,
        url_name="orders:source-sample",
        action="Choose file",
        again="Another system",
        right=Right.SOURCE_EDIT,
        order=30,
    ),
    SetupStep(
        key="import",
        title=lambda: f"Bring in {current_tenant().order_noun_plural}",
        why="24 months show trends, 12 are enough to start. You see what a file will do before it does it.",
        look=_import,
        url_name="orders:import",
        action="Import",
        again="Import more",
        right=Right.IMPORT_RUN,
        needs=("source",),
        order=40,
    ),
]
