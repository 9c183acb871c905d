"""What a partner's page says of orders that no figure counts."""

from datetime import date
from decimal import Decimal
from html import unescape

import pytest

from orders.rates import service as rates
from orders.sources.service import save_source
from partners.directory.models import Partner
from partners.profiles import parts
from tests.orders.factories import COLUMNS, csv_text, run_import

HEADER = "No,Date,Code,Item,Qty,Price,Cur"


@pytest.fixture
def partner(in_mercy):
    """Two orders in euro and one in yen without a rate, and one in dollars."""
    spec = {"columns": COLUMNS | {"currency": "Cur"}, "create_partners": True}
    rows = ("1,2026-05-03,77,A,1,1000,EUR", "2,2026-06-03,77,A,1,200.5,EUR", "3,2026-05-04,77,A,1,70,JPY")
    run_import(
        save_source(None, name="Shop", spec=spec), csv_text(*rows, "4,2026-05-04,77,A,1,5,USD", header=HEADER)
    )
    return Partner.objects.get()


def test_orders_without_a_rate_are_named_by_currency_and_never_added_up(partner):
    assert [notice.words for notice in parts.notices(partner)] == [
        "2 orders (€1,200.50) in no figure here yet: no rate for its currency yet.",
        "1 order (¥70) in no figure here yet: no rate for its currency yet.",
    ]


def test_the_sentence_leads_to_exactly_these_orders(partner, in_mercy, client_for):
    client = client_for(in_mercy.manager)
    page = unescape(client.get(partner.get_absolute_url()).content.decode())
    first, second = parts.notices(partner)
    assert first.words in page
    assert first.url in page
    assert 'data-prm-total="2"' in client.get(first.url).content.decode()
    assert 'data-prm-total="1"' in client.get(second.url).content.decode()


def test_nothing_is_said_once_everything_counts(partner):
    for currency in ("EUR", "JPY"):
        rates.set_rate(currency=currency, since=date(2026, 1, 1), rate=Decimal(1))
    assert parts.notices(partner) == []
