"""The mail that says what is open: once a day at most, and not again while the same is open."""

import logging
from datetime import timedelta
from hashlib import blake2b
from typing import Final

from django.conf import settings
from django.db import transaction

from orders.reconciliation import queries
from orders.reconciliation.models import ReconciledDay, ReconciliationMail
from orders.reconciliation.rules import Part
from orders.reconciliation.states import Side
from orders.reconciliation.telling.presentation import exactly
from prm.accounts.models import Membership
from prm.accounts.rights import Right, roles_with
from prm.accounts.signin.mail import NotSent, send
from prm.core.calendar import local_date
from prm.core.clock import now
from prm.core.urls import tenant_url
from prm.tenancy.context import current_tenant, order_nouns
from prm.ui.formatting import plural

logger = logging.getLogger(__name__)

#: The earliest hour of the tenant's day at which it is sent: after the night's files.
EARLIEST: Final = 6
#: Days told one by one.
TOLD: Final = 10
#: What is younger than this may still be on its way, from a file or to Salesforce.
SETTLES: Final = timedelta(days=1)


def tell() -> int:
    """Tell everybody who reconciles what is open; return how many were told.

    Nobody is told before the tenant's morning, twice a day, or again what they were told already; and nothing where the
    server sends no mail. Only addresses that somebody has proved are written to.
    """
    with transaction.atomic():
        told, rows = _due()
        if not rows:
            return 0
        context = _context(rows)
        people = [
            member.user.email
            for member in Membership.objects.active()
            .filter(role__in=roles_with(Right.RECONCILE), user__proved_at__isnull=False)
            .select_related("user")
            .order_by("pk")
        ]
    sent = 0
    for address in people:
        try:
            send("orders/mail/reconciliation", address, context)
        except NotSent as refused:
            logger.warning("reconciliation: %s", refused)
            break
        sent += 1
    if sent:
        with transaction.atomic():
            ReconciliationMail.objects.update_or_create(defaults={"print": told, "mailed_at": now()})
    return sent


def _due() -> tuple[str, list[ReconciledDay]]:
    """Return the mark of what is open and the days to be told; none when it is not the time."""
    tenant, moment = current_tenant(), now()
    before = ReconciliationMail.objects.first()
    last = local_date(tenant, moment - SETTLES)
    rows = list(ReconciledDay.objects.open().filter(day__lte=last).newest_first())
    if not rows:
        # The next time something is open it is told, even if it is the same.
        ReconciliationMail.objects.all().delete()
        return "", []
    said = sorted((str(row.source_id), row.day.isoformat(), row.currency, row.print) for row in rows)
    told = blake2b(repr(said).encode(), digest_size=12).hexdigest()
    is_early = local_date(tenant, moment - timedelta(hours=EARLIEST)) != local_date(tenant, moment)
    is_known = before is not None and (
        before.print == told or local_date(tenant, before.mailed_at) == local_date(tenant, moment)
    )
    return told, [] if is_early or is_known or not settings.MAIL_IS_SET_UP else rows


def _context(rows: list[ReconciledDay]) -> dict[str, object]:
    tenant = current_tenant()

    def words(row: ReconciledDay, part: Part) -> str:
        code = row.currency if part.cause.side is Side.SOURCE else tenant.currency
        count = part.records or abs(part.orders)
        if not part.amount:
            return f"{part.cause.label}: {plural(count, *order_nouns())}"
        return f"{part.cause.label}: {exactly(part.amount, code)} ({count})"

    def said(row: ReconciledDay) -> list[str]:
        return [words(row, part) for part in queries.parts_of(row) if not part.cause.is_settled]

    return {
        "tenant": tenant,
        "count": len({(row.source_id, row.day) for row in rows}),
        "days": [{"row": row, "parts": said(row)} for row in rows[:TOLD]],
        "more": max(len(rows) - TOLD, 0),
        "url": f"{settings.COMMAND_URL}{tenant_url(tenant, 'orders:reconciliation')}",
    }
