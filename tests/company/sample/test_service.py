"""Sample data comes into an empty company only, and goes without a trace of anything else."""

import pytest

from activities.visits.models import Visit
from orders.book.models import Order
from orders.catalogue.models import Product
from partners.directory.models import Partner
from partners.policy.models import StandingPolicy
from prm.accounts.rights import Right
from prm.company.sample import service
from prm.company.sample.closure import filled_models
from prm.company.sample.models import SampleData, SampleRow
from prm.company.sample.queries import own_rows, sample_data
from prm.company.sample.states import SampleState
from prm.company.setup.queries import progress
from prm.core.errors import Refused
from prm.salesforce.setup.service import connect
from prm.tenancy.context import Actor, acting_as
from prm.tenancy.models import Tenant
from tests.activities import factories as activities
from tests.orders.factories import import_rows, make_source
from tests.partners.factories import make_partner


@pytest.fixture
def empty(in_mercy, monkeypatch):
    """A tenant without anything of its own, and little sample data."""
    StandingPolicy.objects.update(is_confirmed=False)
    monkeypatch.setattr(service, "SIZE", 10)
    return in_mercy


def by_hand():
    """What follows is done by a person, and not by PRM itself."""
    return acting_as(Actor(kind="user", door="page", label="Alice", rights=frozenset(Right)))


def fill():
    service.ask_to_fill()
    while service.fill_step():
        pass
    assert sample_data().state == SampleState.FILLED, sample_data().message


def counts():
    """How many rows there are of everything that the domain's apps keep."""
    return {model._meta.label: model.objects.count() for model in filled_models()}


def test_it_comes_and_goes_and_leaves_everything_as_it_was(empty):
    before = counts()
    fill()
    assert min(model.objects.count() for model in (Partner, Order, Visit, Product)) > 5
    assert StandingPolicy.objects.filter(is_confirmed=True).exists()
    service.ask_to_remove()
    service.remove_all()
    after = counts()
    notes = {"partners.StandingRequest", "partners.LookAlikeCursor"}
    assert {k: v for k, v in after.items() if k not in notes} == {
        k: v for k, v in before.items() if k not in notes
    }
    assert StandingPolicy.objects.get().state == "in_force"
    assert not SampleData.objects.exists()
    assert not SampleRow.objects.exists()


def test_what_is_ones_own_stays(empty):
    kept = Product.objects.create(code="OWN", name="Own")
    fill()
    mine = make_partner("Dr. Own", codes=["OWN-1"])
    source = make_source("Own system")
    import_rows(source, "1,2026-05-03,OWN-1,OWN,1,100")
    visit = activities.visit(mine, empty.rep)
    assert [partner.name for partner in own_rows(Partner.objects.all())] == ["Dr. Own"]
    service.ask_to_remove()
    service.remove_all()
    assert list(Partner.objects.values_list("pk", flat=True)) == [mine.pk]
    assert list(Order.objects.values_list("number", "partner")) == [("1", mine.pk)]
    assert list(Visit.objects.values_list("pk", flat=True)) == [visit.pk]
    assert list(Product.objects.values_list("pk", flat=True)) == [kept.pk]


def test_it_does_not_go_while_something_real_rests_on_it(empty):
    fill()
    partner = Partner.objects.order_by("pk").first()
    code = partner.codes.first()
    with by_hand():
        visit = activities.visit(partner, empty.rep)
        source = make_source("Own system", code_scheme=code.scheme)
        import_rows(source, f"1,2026-05-03,{code.code},X,1,100")
    assert Order.objects.get(source=source).partner_id == partner.pk
    with pytest.raises(Refused, match="1 order, 1 visit") as refused:
        service.ask_to_remove()
    assert "Remove them, or give them to partners of your own" in refused.value.message
    assert Visit.objects.filter(pk=visit.pk).exists()
    assert sample_data().state == SampleState.FILLED


def test_what_came_to_rest_on_it_meanwhile_stops_it_and_is_said(empty):
    fill()
    service.ask_to_remove()
    with by_hand():
        activities.visit(Partner.objects.first(), empty.rep)
    service.remove_all()
    found = sample_data()
    assert (found.state, "1 visit" in found.message) == (SampleState.FILLED, True)
    assert Partner.objects.exists()


@pytest.mark.parametrize("own", ["a partner", "an order", "bands"])
def test_it_comes_only_where_nothing_is(empty, own):
    if own == "a partner":
        make_partner()
    elif own == "an order":
        import_rows(make_source(), "1,2026-05-03,77,A,1,100")
    else:
        StandingPolicy.objects.update(is_confirmed=True)
    with pytest.raises(Refused, match="here already"):
        service.ask_to_fill()


def test_it_is_asked_for_once(empty):
    service.ask_to_fill()
    with pytest.raises(Refused, match="already"):
        service.ask_to_fill()
    with pytest.raises(Refused, match="under way"):
        service.ask_to_remove()


def test_nothing_is_removed_where_nothing_was_filled(empty):
    with pytest.raises(Refused, match="no sample data"):
        service.ask_to_remove()
    service.remove_all()


def test_a_step_that_fails_is_said_and_what_came_can_be_removed(empty, monkeypatch):
    def broken(tenant: Tenant) -> None:
        raise RuntimeError("no")

    service.ask_to_fill()
    service.fill_step()
    steps = list(service._steps())
    monkeypatch.setattr(service, "_steps", lambda: [steps[0], ("Import orders", broken)])
    assert not service.fill_step()
    assert (sample_data().state, sample_data().message) == (
        SampleState.FAILED,
        "Import orders: RuntimeError.",
    )
    service.ask_to_remove()
    service.remove_all()
    assert not Partner.objects.exists()


def test_it_does_not_reach_another_system(empty):
    service.ask_to_fill()
    with pytest.raises(Refused, match="would go there as if it were real"):
        connect(login_url="https://login.example.com", client_id="a", client_secret="b")


def test_steps_of_the_set_up_count_what_is_ones_own(empty):
    fill()
    done = {row.step.key for row in progress() if row.state.is_done}
    assert done == {"people"}
