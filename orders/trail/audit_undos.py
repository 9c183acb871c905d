"""What of this app a line of the audit trail offers to take back, each by its room's own address."""

from collections.abc import Mapping, Sequence

from orders.attribution.models import Answer
from prm.accounts.rights import Right
from prm.audit.trail.queries import Line
from prm.audit.trail.states import Act
from prm.audit.trail.undoing import Offer, Stays, Taken, Undo
from prm.core.urls import tenant_url
from prm.tenancy.context import current_tenant
from prm.ui.formatting import day


def _answers(lines: Sequence[Line]) -> Mapping[str, Offer]:
    rows = Answer.objects.in_bulk({line.object_id for line in lines})
    return {
        line.key: Offer(why=f"Taken back on {day(answer.undone_at)}.")
        if answer.undone_at
        else Offer(tenant_url(current_tenant(), "orders:answer-undo", pk=answer.pk))
        for line in lines
        if (answer := rows.get(line.object_id))
    }


_SOURCE = "It follows its source: correct it there and send it again, or take the import back on its page."

UNDOS: list[Taken] = [
    Undo(
        key="orders.answer",
        acts=frozenset({Act.ADDED, Act.CHANGED}),
        rights=(Right.ORDER_TIE,),
        offers=_answers,
        otherwise="The answer is gone.",
    ),
    Stays("orders.ignoredcode", "Codes set aside are taken back among the settled ones, under Unattributed."),
    Stays("orders.order", _SOURCE),
    Stays("orders.ordervalue", _SOURCE),
    Stays("orders.ordershare", "Credit is shared anew on its page."),
    Stays("orders.sharerule", "Rules of credit are changed back on their page; what they shared follows."),
    Stays("orders.exchangerate", "A rate is set again on its page: what was converted by it follows."),
    Stays("orders.ratepolicy", "Change it back under Exchange rates."),
    Stays("orders.controltotal", "Send the total again; the day is counted anew."),
    Stays("orders.signoff", "A day that was signed is opened again under Reconciliation."),
    Stays("orders.ordersource", "Change the source back on its page; what was read stays as it was read."),
]
