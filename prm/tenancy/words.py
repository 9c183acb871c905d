"""The tenant's own words for partners and orders. Their one home is its row; templates read it as `tenant.…`."""

from django.utils.functional import lazy

from prm.tenancy.context import current_tenant, has_tenant


def partner_nouns() -> tuple[str, str]:
    """Return what one partner is called here, and several."""
    if not has_tenant():
        return "partner", "partners"
    tenant = current_tenant()
    return tenant.partner_noun, tenant.partner_noun_plural


def order_nouns() -> tuple[str, str]:
    """Return what one order is called here, and several; without a tenant in scope the usual words."""
    if not has_tenant():
        return "order", "orders"
    tenant = current_tenant()
    return tenant.order_noun, tenant.order_noun_plural


def _say(text: str) -> str:
    one, many = order_nouns()
    return text.format(order=one, orders=many, Order=first_up(one), Orders=first_up(many))


said_of_orders = lazy(_say, str)
"""A text with the tenant's word in `{order}`, `{orders}`, `{Order}` and `{Orders}`, said when it is read: for labels of
fields and columns, which are made once for all tenants."""


def orders_heading() -> str:
    """Return the word for several orders as a heading begins."""
    return first_up(order_nouns()[1])


def first_up(word: str) -> str:
    """Return a word with its first letter in capitals, the others as they are: "MRI orders" stays."""
    return word[:1].upper() + word[1:]
