"""A database restored from a backup: what is imported again is the same record in Salesforce."""

from orders.book.models import Order
from orders.sources.models import OrderSource
from partners.directory.models import Partner
from prm.salesforce.engine.models import Outbox, RecordLink, SyncProblem
from tests.orders.factories import make_order, make_source
from tests.partners.factories import make_partner


def test_what_is_imported_again_after_a_restore_is_not_doubled(connected):
    """Everything since the backup is lost here: source, partner, orders, links. Salesforce has it all."""
    before = make_it(connected)
    accounts, deals = connected.there.count("Account"), connected.there.count("Opportunity")
    forget_it()
    assert make_it(connected) == before
    assert (connected.there.count("Account"), connected.there.count("Opportunity")) == (accounts, deals)
    assert not SyncProblem.objects.exists()
    assert not connected.has_work()


def make_it(connected):
    make_partner("Elena", codes=["E-1"])
    source = make_source()
    for number in ("A-1", "A-2"):
        make_order(source, number, code="E-1")
    connected.settle()
    return set(Order.objects.values_list("pk", flat=True)) | set(Partner.objects.values_list("pk", flat=True))


def forget_it():
    for model in (Order, OrderSource, Partner, RecordLink, Outbox):
        model.objects.all().delete()
