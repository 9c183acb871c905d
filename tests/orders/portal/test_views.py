"""What a partner sees of their own referrals."""

import pytest

from orders.book.models import Order
from orders.sources.models import OrderSource
from partners.directory.models import Partner
from partners.directory.service import create_partner
from partners.portal.models import PartnerAccess
from partners.portal.service import grant_access
from prm.accounts.service import add_member
from prm.core.calendar import today
from tests.orders.factories import COLUMNS, csv_text, make_order, make_source, run_import
from tests.orders.pages import url, words


@pytest.fixture
def portal(mercy, client_for, scope):
    with scope():
        source = make_source(create_partners=True, columns=COLUMNS | {"state": "St"})

        day = today(mercy.tenant).isoformat()
        header = "No,Date,Code,Item,Qty,Price,St"
        rows = [
            f"OWN-1,{day},77,A,1,4321,scheduled",
            f"OWN-2,{day},77,A,1,10,completed",
            f"OTHER-9,{day},78,A,1,10,completed",
        ]
        run_import(source, csv_text(*rows, header=header))
        member = add_member(email="p@mercy.example", role="partner", name="Pat")
        PartnerAccess.objects.create(membership=member, partner=Partner.objects.get(name="77"))
    return client_for(member)


def test_partner_sees_own_referrals_and_no_money(portal):
    page = portal.get(url("own-referrals"))
    shown = words(page)
    assert "OWN-1" in shown and "Scheduled" in shown
    assert "OTHER-9" not in shown
    assert "4,321" not in shown and "4321" not in shown and "$" not in shown
    part = portal.get(url("own-referrals"), headers={"HX-Request": "true"})
    assert "All referrals" in words(part) and "<html" not in part.content.decode()


@pytest.mark.parametrize("name", ["list", "imports", "import", "sources", "source-add", "unattributed"])
def test_partner_gets_no_staff_page(portal, name):
    assert portal.get(url(name)).status_code == 403


@pytest.mark.parametrize(
    ("kind", "words"), [("physician", "The appointment takes place"), ("agent", "We complete it")]
)
def test_what_happens_next_is_said_in_the_words_of_the_partners_trade(mercy, scope, client_for, kind, words):

    with scope():
        partner = create_partner(name="Own", kind=kind, codes=[("", "77")])
        make_order(make_source(), "M-1", code="77")
        Order.objects.update(state="scheduled")
        member = add_member(email="own@mercy.example", role="partner", name="Own")
        grant_access(member, partner=partner)
    assert words in client_for(member).get(url("own-referrals")).content.decode()


def test_a_year_is_counted_and_long_lists_are_paged(mercy, scope, portal):
    with scope():
        day = today(mercy.tenant).isoformat()
        rows = [f"N-{n:02d},{day},77,A,1,10,completed" for n in range(30)]
        source = OrderSource.objects.get()
        run_import(source, csv_text(*rows, header="No,Date,Code,Item,Qty,Price,St"))
    first = words(portal.get(url("own-referrals")))
    second = words(portal.get(url("own-referrals"), {"page": 2}))
    # Orders of one day come in any order, each once.
    shown = [{f"N-{n:02d}" for n in range(30) if f"N-{n:02d}" in page} for page in (first, second)]
    assert len(shown[0] | shown[1]) == 30
    assert not shown[0] & shown[1]
    assert all(shown)


def test_other_partners_counts_do_not_enter(portal, scope):
    shown = words(portal.get(url("own-referrals")))
    with scope():
        assert Order.objects.count() == 3
    assert shown.count("OWN-") >= 2 and "OTHER" not in shown


@pytest.mark.parametrize("person", ["administrator", "manager", "rep"])
def test_staff_has_no_referrals_of_its_own(mercy, client_for, person):
    assert client_for(getattr(mercy, person)).get(url("own-referrals")).status_code == 403
