"""What is outside the scope rests: not sent, not taken, not deleted, and taken up again without doubling."""

import json
from datetime import UTC, datetime

import pytest
from django.core.management import call_command

from orders.book.models import Order
from partners.directory.models import Partner
from partners.directory.service import create_partner, update_partner
from prm.core.errors import Refused
from prm.salesforce.engine import resting
from prm.salesforce.engine.models import AtRest, Outbox, RecordLink, SyncProblem
from prm.salesforce.fieldmap import looking, service
from prm.salesforce.inbox import records
from prm.salesforce.mapping import registry
from prm.salesforce.mapping.choices import ScopeChoice, of_json
from prm.salesforce.pages import queries
from tests.salesforce.test_apps import make_order

PARTNER, ORDER = "partners.partner", "orders.order"


def scope(key=PARTNER, **chosen):
    service.choose_scope(key=key, scope=ScopeChoice(**chosen))
    return service.put_in_force()


def doctor(name="Elena", **values):
    return create_partner(name=name, kind="physician", **values)


def house(name="Lakeview", **values):
    return create_partner(name=name, kind="hospital", **values)


def rests(record):
    return list(AtRest.objects.filter(record_id=record.pk).values_list("why", flat=True))


# --- what is outside ------------------------------------------------------------------------------


def test_what_is_outside_is_not_made_there(connected):
    scope(only={"kinds": ["physician"]})
    elena, lakeview = doctor(), house()
    order = make_order(lakeview)
    connected.settle()
    assert [row["Name"] for row in connected.there.query("SELECT Name FROM Account")] == ["Elena"]
    assert connected.there.count("Opportunity") == 0
    assert (rests(lakeview), rests(order), rests(elena)) == (["kinds"], ["belongs"], [])
    assert connected.dirty() == 0 and connected.problems() == []
    connected.forget()
    connected.settle()
    assert connected.writes() == []


def test_no_call_is_made_for_what_is_outside(connected):
    scope(off=True)
    house()
    connected.sync()
    connected.forget()
    for number in range(3):
        house(f"House {number}")
    connected.sync(push=True)
    asked = json.dumps(connected.entries())
    assert "House" not in asked and all(str(one.pk) not in asked for one in Partner.objects.all())


def test_leaving_is_no_deletion_and_nothing_is_exchanged(connected):
    lakeview = house(city="Easton")
    order = make_order(lakeview)
    connected.settle()
    scope(only={"kinds": ["physician"]})
    update_partner(lakeview.pk, city="Dayton")
    Order.objects.filter(pk=order.pk).update(state="cancelled")
    connected.there.edit("Account", lakeview.pk, Phone="555")
    connected.forget()
    connected.settle()
    assert connected.writes() == [] and connected.dirty() == 0
    there = connected.there.one("Account", lakeview.pk, "BillingCity")
    assert there["BillingCity"] == "Easton"
    assert connected.there.one("Opportunity", order.pk, "StageName")["StageName"] == "Closed Won"
    assert Partner.objects.get(pk=lakeview.pk).phone == ""
    assert RecordLink.objects.get(record_id=lakeview.pk).state == "linked"


def test_coming_back_takes_up_both_sides_without_doubling(connected):
    lakeview = house(city="Easton")
    order = make_order(lakeview)
    connected.settle()
    scope(only={"kinds": ["physician"]})
    update_partner(lakeview.pk, city="Dayton")
    Order.objects.filter(pk=order.pk).update(state="cancelled")
    connected.there.edit("Account", lakeview.pk, Phone="555")
    later = make_order(lakeview, "O-2")
    connected.settle()
    scope()
    connected.settle()
    there = connected.there.one("Account", lakeview.pk, "BillingCity", "Phone")
    assert (there["BillingCity"], there["Phone"]) == ("Dayton", "555")
    assert Partner.objects.get(pk=lakeview.pk).phone == "555"
    assert connected.there.one("Opportunity", order.pk, "StageName")["StageName"] == "Closed Lost"
    assert connected.there.one("Opportunity", later.pk, "StageName")["StageName"] == "Closed Won"
    assert (connected.there.count("Account"), connected.there.count("Opportunity")) == (1, 2)
    assert not AtRest.objects.exists()


@pytest.mark.parametrize(
    "chosen,leaves,returns",
    [
        ({"flags": ["active"]}, {"is_active": False}, {"is_active": True}),
        ({"only": {"regions": ["North"]}}, {"region": "South"}, {"region": "North"}),
        ({"only": {"kinds": ["physician"]}}, {"kind": "hospital"}, {"kind": "physician"}),
    ],
)
def test_a_change_here_leaves_and_comes_back_with_what_belongs_to_it(connected, chosen, leaves, returns):
    scope(**chosen)
    elena = doctor(region="North")
    order = make_order(elena)
    connected.settle()
    update_partner(elena.pk, **leaves)
    connected.settle()
    assert rests(elena) == list(chosen.get("only") or ["active"])
    assert rests(order) == ["belongs"]
    Order.objects.filter(pk=order.pk).update(state="cancelled")
    late = make_order(elena, "O-2")
    connected.settle()
    assert connected.there.count("Opportunity") == 1
    update_partner(elena.pk, **returns)
    connected.settle()
    assert connected.there.one("Opportunity", order.pk, "StageName")["StageName"] == "Closed Lost"
    assert connected.there.one("Opportunity", late.pk, "StageName")
    assert connected.there.count("Account") == 1 and not AtRest.objects.exists()


def test_only_what_enters_or_leaves_becomes_dirty(connected):
    elena, lakeview = doctor(), house()
    mine, theirs = make_order(elena), make_order(lakeview, "O-2")
    connected.settle()
    scope(only={"kinds": ["physician"]})
    assert not Outbox.objects.exists()
    scope(only={"kinds": ["physician", "hospital"]})
    assert set(Outbox.objects.values_list("record_id", flat=True)) == {lakeview.pk, theirs.pk}
    assert mine.pk not in AtRest.objects.values_list("record_id", flat=True)


def test_old_orders_rest_as_months_go_by(connected, clock_at):
    clock_at(datetime(2026, 12, 10, tzinfo=UTC))
    elena = doctor()
    old = make_order(elena, placed_at=datetime(2026, 9, 30, 12, tzinfo=UTC))
    fresh = make_order(elena, "O-2", placed_at=datetime(2026, 10, 1, 12, tzinfo=UTC))
    scope(ORDER, months=2)
    connected.settle()
    assert (rests(old), rests(fresh)) == (["months"], [])
    assert connected.there.count("Opportunity") == 1
    clock_at(datetime(2027, 1, 1, 12, tzinfo=UTC))
    resting.refresh()
    assert rests(fresh) == ["months"]
    connected.forget()
    connected.settle()
    assert connected.there.count("Opportunity") == 1 and connected.writes() == []


def test_what_is_deleted_here_while_it_rests_stays_there(connected):
    order = make_order(doctor())
    connected.settle()
    scope(ORDER, off=True)
    Order.objects.filter(pk=order.pk).update(partner=None)
    connected.settle()
    assert connected.there.count("Opportunity") == 1
    assert RecordLink.objects.get(record_id=order.pk).state == "gone_here"
    scope(ORDER)
    Order.objects.filter(pk=order.pk).update(partner=Partner.objects.get().pk)
    connected.settle()
    assert connected.there.count("Opportunity") == 1
    assert RecordLink.objects.get(record_id=order.pk).state == "linked"


def test_what_is_deleted_there_while_it_rests_is_not_made_again(connected):
    elena = doctor()
    connected.settle()
    scope(off=True)
    connected.there.delete("Account", elena.pk)
    connected.settle()
    scope()
    connected.settle()
    assert connected.there.count("Account") == 0
    assert [each.kind for each in connected.problems()] == ["deleted_there"]


def test_a_record_waits_for_no_parent_that_rests(connected):
    scope(only={"kinds": ["physician"]})
    lakeview = house()
    elena = doctor(organisation=lakeview)
    connected.settle()
    assert connected.dirty() == 0
    assert connected.there.one("Account", elena.pk, "ParentId")["ParentId"] is None
    scope()
    connected.settle()
    parent = connected.there.one("Account", lakeview.pk)["Id"]
    assert connected.there.one("Account", elena.pk, "ParentId")["ParentId"] == parent


def test_what_waited_for_its_partner_rests_with_it(connected):
    elena = doctor()
    order = make_order(elena)
    Outbox.objects.filter(record_id=order.pk).update(waits_mapping=PARTNER, waits_id=elena.pk)
    scope(off=True)
    connected.settle()
    assert connected.dirty() == 0 and rests(order) == ["belongs"]


def test_problems_of_what_rests_are_over(connected):
    elena = doctor()
    connected.settle()
    SyncProblem.objects.create(mapping=PARTNER, record_id=elena.pk, kind="refused_there", message="No.")
    scope(off=True)
    assert not SyncProblem.objects.exists()


def test_the_scope_is_set_wise(connected, django_assert_max_num_queries):
    for number in range(30):
        make_order(doctor(f"Doctor {number}"), f"O-{number}")
    connected.settle()
    service.choose_scope(key=PARTNER, scope=ScopeChoice(only={"kinds": ["hospital"]}))
    with django_assert_max_num_queries(120):
        service.put_in_force()
    assert AtRest.objects.count() == 60


# --- every figure tells the same ---------------------------------------------------------------------


def test_audit_health_reasons_dry_run_and_page_agree(connected):
    elena, lakeview = doctor(), house()
    order = make_order(lakeview)
    connected.settle()
    scope(only={"kinds": ["physician"]})
    report = connected.sync(audit=True)
    partners, orders = report.audit[PARTNER], report.audit[ORDER]
    assert (partners["here"], partners["same"], partners["at_rest"]) == (1, 1, 1)
    assert (orders["here"], orders["at_rest"], orders["only_there"]) == (0, 1, 0)
    shown = {row.here: row.at_rest for row in queries.health(queries.present_connection()).objects}
    assert (shown["Partners"], shown["Orders"]) == (1, 1)
    state = records.state_of(lakeview.pk)
    assert (state.state, state.words) == ("outside", "Outside the scope")
    assert state.reasons[0].words == "Its kind is not among those that are kept in step."
    assert "What is there of it stays as it is." in state.reasons[0].then
    belongs = records.state_of(order.pk)
    assert belongs.reasons[0].words == "The partner that it belongs to is outside the scope."
    assert records.state_of(elena.pk).state == "agrees"
    (look,) = (one for one in looking.look(service.drafted(), [PARTNER]) if one.mapping.key == PARTNER)
    assert (look.outside, look.total, look.scope) == (1, 2, "kinds Physician")
    outcome = service.try_draft()
    assert {one.here: one.outside for one in outcome.objects if one.outside} == {"partners": 1, "orders": 1}
    assert "2 are outside the scope and would rest." in outcome.sentence


def test_the_dry_run_of_a_draft_says_what_would_rest(connected):
    make_order(doctor())
    connected.settle()
    service.choose_scope(key=PARTNER, scope=ScopeChoice(off=True))
    outcome = service.try_draft()
    assert outcome.total("outside") == 2 and not AtRest.objects.exists()


# --- choosing ---------------------------------------------------------------------------------------


def test_a_scope_is_a_version_in_words_and_can_be_undone(connected):
    draft = service.choose_scope(
        key=PARTNER, scope=ScopeChoice(only={"kinds": ["physician"], "tiers": ["high", ""]}, flags=["active"])
    )
    assert draft.summary == (
        "in step kinds Physician; tiers High or No tier yet; active ones only instead of all."
    )
    service.put_in_force()
    service.choose_scope(key=ORDER, scope=ScopeChoice(months=24))
    assert looking.draft().summary == "Orders: in step placed in the last 24 months instead of all."
    service.discard()
    service.back_to(1)
    service.put_in_force()
    assert registry.mapping(PARTNER).scope.is_all


def test_a_scope_is_in_the_file(connected):
    document = {"objects": {ORDER: {"scope": {"months": 12}}, PARTNER: {"scope": {"only": {"kinds": []}}}}}
    draft = service.load(document)
    assert of_json(draft.content).as_json() == {"format": 1, **document}


@pytest.mark.parametrize(
    "key,chosen,words",
    [
        (PARTNER, {"only": {"kinds": ["wizard"]}}, "Kinds: “wizard” is none that there is."),
        (PARTNER, {"only": {"colours": ["red"]}}, "Partners are not chosen by “colours”."),
        (PARTNER, {"months": 3}, "Partners are not chosen by “months”."),
        (ORDER, {"flags": ["active"]}, "Orders are not chosen by “active”."),
        (PARTNER, {"only": {"active": ["yes"]}}, "Active ones only: “active” is none that there is."),
    ],
)
def test_what_cannot_be_chosen_is_refused(connected, key, chosen, words):
    with pytest.raises(Refused, match=words):
        service.choose_scope(key=key, scope=ScopeChoice(**chosen))


@pytest.mark.parametrize("months", [0, -1, 601, "many"])
def test_bad_months_are_refused_in_a_file(connected, months):
    with pytest.raises(Refused, match="months"):
        service.load({"objects": {ORDER: {"scope": {"months": months}}}})


def test_the_command_says_the_scope(connected, capsys):
    scope(ORDER, months=24)
    call_command("salesforce_mapping", "--tenant", "mercy")
    assert "Orders (Opportunity), in step: placed in the last 24 months" in capsys.readouterr().out


def test_outside_asks_nothing_where_everything_is_in_the_scope(connected, django_assert_num_queries):
    elena = doctor()
    registry.mappings()
    with django_assert_num_queries(0):
        assert resting.outside(registry.mapping(PARTNER), [elena.pk]) == {}
