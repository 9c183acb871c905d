"""Many partners changed at once: each act, its undo, whom it means, and that it costs the same for many."""

import pytest
from django.core.management import CommandError, call_command
from django.db import connection
from django.test.utils import CaptureQueriesContext

from activities.plans.models import CallPlan
from activities.plans.service import set_call_plan
from partners.bulk.models import BulkChange
from partners.bulk.registry import keys
from partners.bulk.service import change_many, undo_change
from partners.directory.models import Partner
from partners.directory.service import create_partners_from_codes, update_partner
from prm.accounts.middleware import actor_of
from prm.core.errors import Refused
from prm.core.ids import uuid7
from prm.tenancy.context import acting_as, tenant_scope
from tests.partners.factories import make_partner

LIST, API = "/t/mercy/partners/", "/api/v1/mercy/bulk-changes/"


@pytest.fixture
def three(in_mercy):
    return [
        make_partner(name, rep=rep)
        for name, rep in (("Ann", None), ("Ben", in_mercy.rep), ("Cem", in_mercy.manager))
    ]


def ids(partners):
    return [partner.pk for partner in partners]


def field(partners, name):
    rows = dict(Partner.with_merged.values_list("pk", name))
    return [rows[partner.pk] for partner in partners]


def test_the_acts_are_those():
    assert keys() == ["active", "ask", "campaign", "kind", "own", "plan", "rep", "tags"]


def test_a_rep_is_given_and_taken_back_to_whoever_had_them(in_mercy, three):
    done = change_many(ids(three), action="rep", values={"rep": str(in_mercy.rep.pk)})
    assert (done.count, done.words) == (2, "2 providers in the panel of Mary")
    assert set(field(three, "rep")) == {in_mercy.rep.pk}
    undone = undo_change(done.pk)
    assert undone.put_back == 2
    assert field(three, "rep") == [None, in_mercy.rep.pk, in_mercy.manager.pk]


def test_what_was_changed_since_stays(in_mercy, three):
    done = change_many(ids(three), action="kind", values={"kind": "dealer"})
    update_partner(three[0].pk, kind="agency")
    assert undo_change(done.pk).put_back == 2
    assert field(three, "kind") == ["agency", "agent", "agent"]
    with pytest.raises(Refused, match="already"):
        undo_change(done.pk)


def test_active_and_back(in_mercy, three):
    done = change_many(ids(three), action="active", values={"active": "no"})
    assert field(three, "is_active") == [False] * 3
    undo_change(done.pk)
    assert field(three, "is_active") == [True] * 3


def test_a_plan_is_given_and_the_plans_before_come_back(in_mercy, three):
    set_call_plan(partner=three[0], visits=5, months=3)
    before = list(CallPlan.objects.values_list("partner", "visits", "months", "valid_from"))
    done = change_many(ids(three), action="plan", values={"visits": "2", "months": "1"})
    assert done.count == 3
    assert set(CallPlan.objects.filter(visits=2, months=1).values_list("partner", flat=True)) == set(
        ids(three)
    )
    again = change_many(ids(three), action="plan", values={"visits": "2", "months": "1"})
    assert again.count == 0
    assert undo_change(done.pk).put_back == 3
    assert list(CallPlan.objects.values_list("partner", "visits", "months", "valid_from")) == before


@pytest.mark.parametrize(
    ("action", "values", "name"),
    [
        ("nonsense", {}, "action"),
        ("kind", {"kind": "unicorn"}, "kind"),
        ("kind", {}, "kind"),
        ("plan", {"visits": "99", "months": "1"}, "visits"),
        ("active", {"active": "maybe"}, "active"),
    ],
)
def test_nonsense_is_refused_and_nothing_kept(in_mercy, three, action, values, name):
    with pytest.raises(Refused) as refused:
        change_many(ids(three), action=action, values=values)
    assert refused.value.field == name
    assert not BulkChange.objects.exists()


def test_nobody_and_too_many_are_refused(in_mercy, three):
    with pytest.raises(Refused, match="Nobody"):
        change_many([uuid7()], action="active", values={"active": "no"})
    with pytest.raises(Refused, match="At most"):
        change_many([uuid7()] * 20_001, action="active", values={"active": "no"})


def test_another_tenants_partners_and_reps_are_not_there(in_mercy, three, anchor):
    with tenant_scope(anchor.tenant):
        theirs = make_partner("Theirs")
    done = change_many([*ids(three), theirs.pk], action="active", values={"active": "no"})
    assert done.count == 3
    with pytest.raises(Refused):
        change_many(ids(three), action="rep", values={"rep": str(anchor.rep.pk)})
    with tenant_scope(anchor.tenant):
        assert Partner.objects.get().is_active
        with pytest.raises(Refused):
            undo_change(done.pk)


def test_a_rep_takes_back_own_changes_only_and_takes_no_colleagues_partner(in_mercy, three):
    with acting_as(actor_of(in_mercy.manager, None, "page")):
        done = change_many(ids(three), action="active", values={"active": "no"}, by=in_mercy.manager)
    with acting_as(actor_of(in_mercy.rep, None, "page")):
        with pytest.raises(Refused, match="Whoever did"):
            undo_change(done.pk)
        with pytest.raises(Refused, match="panel of Bob"):
            change_many(ids(three), action="rep", values={"rep": str(in_mercy.rep.pk)}, by=in_mercy.rep)
        own = change_many(ids(three), action="active", values={"active": "yes"}, by=in_mercy.rep)
        assert undo_change(own.pk).put_back == 3


@pytest.mark.parametrize(
    ("action", "values"),
    [("kind", {"kind": "dealer"}), ("active", {"active": "no"}), ("plan", {"visits": "1", "months": "1"})],
)
def test_a_thousand_take_the_statements_of_ten(in_mercy, action, values):
    create_partners_from_codes({f"C{n:04}": "" for n in range(1_000)}, kind="agent", scheme="x")
    everybody = list(Partner.objects.values_list("pk", flat=True))

    def statements(some):
        with CaptureQueriesContext(connection) as caught:
            undo_change(change_many(some, action=action, values=values).pk)
        return len(caught)

    assert statements(everybody[:10]) == statements(everybody) < 40


# --- the page --------------------------------------------------------------------------------------


def test_a_selection_is_asked_changed_and_taken_back(mercy, client_for):
    bob = client_for(mercy.manager)
    with tenant_scope(mercy.tenant):
        some = [make_partner(name) for name in ("Ann", "Ben")]
    assert 'name="id"' in bob.get(LIST).content.decode()
    address = f"{LIST}selected/kind/"
    asked = bob.post(address, {"id": [str(one.pk) for one in some]}).content.decode()
    assert "2 providers" in asked
    sent = {"id": " ".join(str(one.pk) for one in some), "go": "1", "kind": "dealer"}
    assert bob.post(address, sent).status_code == 302
    with tenant_scope(mercy.tenant):
        done = BulkChange.objects.get()
        assert done.by_id == mercy.manager.pk
        assert field(some, "kind") == ["dealer", "dealer"]
    assert "2 providers of the kind Dealer" in bob.get(f"{LIST}selected/").content.decode()
    assert bob.post(f"{LIST}selected/{done.pk}/undo/").status_code == 302
    with tenant_scope(mercy.tenant):
        assert field(some, "kind") == ["agent", "agent"]


def test_all_of_a_list_is_what_was_seen(mercy, client_for):
    bob = client_for(mercy.manager)
    with tenant_scope(mercy.tenant):
        some = [make_partner("Ann"), make_partner("Ben", kind="dealer")]
    address = f"{LIST}selected/active/"
    whole = {"all": "1", "query": "?kind=agent", "said": "1", "active": "no", "go": "1"}
    with tenant_scope(mercy.tenant):
        late = make_partner("Meanwhile")
    assert "list has changed" in bob.post(address, whole).content.decode()
    assert bob.post(address, {**whole, "said": "2"}).status_code == 302
    with tenant_scope(mercy.tenant):
        assert field([*some, late], "is_active") == [False, True, False]


def test_nobody_selected_and_nonsense_are_said(mercy, client_for):
    bob = client_for(mercy.manager)
    assert "Nobody is selected" in bob.post(f"{LIST}selected/kind/").content.decode()
    assert "nobody of the list" in bob.post(f"{LIST}selected/kind/", {"id": "x"}).content.decode()
    assert bob.post(f"{LIST}selected/nonsense/").status_code == 404
    assert client_for(mercy.rep).post(f"{LIST}selected/plan/").status_code == 404
    assert bob.post(f"{LIST}selected/export/", {"id": "x"}).status_code == 400


def test_a_selection_is_exported_with_its_columns(mercy, client_for):
    with tenant_scope(mercy.tenant):
        ann, _ = make_partner("Ann", city="Salem"), make_partner("Ben")
    answer = client_for(mercy.manager).post(
        f"{LIST}selected/export/", {"id": str(ann.pk), "query": "columns=city"}
    )
    heads, line = b"".join(answer.streaming_content).decode("utf-8-sig").splitlines()
    assert heads.startswith("Provider,City,")
    assert line.startswith("Ann,Salem,")


def test_by_api(mercy, client_for):
    bob = client_for(mercy.manager)
    with tenant_scope(mercy.tenant):
        ann = make_partner("Ann")

    def post(body, address=API):
        return bob.post(address, body, content_type="application/json")

    made = post({"action": "active", "ids": [str(ann.pk)], "values": {"active": "no"}})
    assert (made.status_code, made.json()["count"]) == (201, 1)
    undone = post({}, f"{API}{made.json()['id']}/undo/")
    assert undone.json()["put_back"] == 1
    assert post({"action": "active", "query": "kind=agent", "values": {"active": "no"}}).json()["count"] == 1
    for wrong in (
        {"action": "active", "values": {"active": "no"}},
        {"action": "active", "ids": [], "query": "", "values": {}},
        {"action": "nope", "ids": [str(ann.pk)]},
        {"action": "active", "query": "score=x", "values": {"active": "no"}},
        {"action": "active", "ids": [str(ann.pk)], "values": {"active": "no"}, "more": 1},
    ):
        assert post(wrong).status_code == 400, wrong
    assert len(bob.get(API).json()["results"]) == 2


def test_by_command(mercy, capsys):
    with tenant_scope(mercy.tenant):
        ann = make_partner("Ann")
    call_command("bulk_change", "rep=mary@mercy.example", tenant="mercy", where="kind=agent", do="rep")
    assert "1 provider in the panel of Mary" in capsys.readouterr().out
    with tenant_scope(mercy.tenant):
        assert field([ann], "rep") == [mercy.rep.pk]
        done = BulkChange.objects.get()
    call_command("bulk_change", tenant="mercy", undo=str(done.pk))
    with tenant_scope(mercy.tenant):
        assert field([ann], "rep") == [None]
    for options in (
        {"where": "nope=1", "do": "rep"},
        {"where": "kind=agent"},
        {"where": "score=x", "do": "kind"},
    ):
        with pytest.raises(CommandError):
            call_command("bulk_change", tenant="mercy", **options)
