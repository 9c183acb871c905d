"""What this app puts on a partner's page, and on a partner's own first page: what counts nowhere yet, and referrals."""

from decimal import Decimal
from itertools import groupby
from urllib.parse import urlencode

from orders.rates.queries import waiting_months
from partners.directory.models import Partner
from partners.profiles.parts import Fragment, Notice, PagePart
from prm.core.urls import tenant_url
from prm.tenancy.context import current_tenant, order_nouns
from prm.ui.formatting import money_exact, plural


def notices(partner: Partner) -> list[Notice]:
    """Say which orders no figure counts yet, by currency and reason."""
    months = sorted(waiting_months(partner.pk), key=lambda entry: (entry.currency, entry.reason))
    found = []
    for (currency, reason), group in groupby(months, key=lambda entry: (entry.currency, entry.reason)):
        entries = list(group)
        orders = sum(entry.orders for entry in entries)
        amount = money_exact(sum((entry.amount for entry in entries), Decimal(0)), currency)
        query = urlencode({"partner": partner.pk, "currency": currency, "waits": reason})
        words = (
            f"{plural(orders, *order_nouns())} ({amount}) in no figure here yet: {entries[0].words.lower()}."
        )
        url = f"{tenant_url(current_tenant(), 'orders:list')}?{query}"
        found.append(Notice(words, "See them" if orders > 1 else "See it", url))
    return found


def fragments(partner: Partner) -> list[Fragment]:
    """Return what the partner's orders came to by product."""
    return [Fragment("Products", tenant_url(current_tenant(), "orders:partner-products", pk=partner.pk))]


def own_fragments(partner: Partner) -> list[Fragment]:
    """Return the referrals of whoever is signed in, by month and those still open."""
    del partner  # the page knows by itself for whom it is
    return [Fragment("Referrals", tenant_url(current_tenant(), "orders:own-referrals"))]


PARTS = [PagePart(key="orders", notices=notices, fragments=fragments, own_fragments=own_fragments)]
